"""Output formats of a report, one module each, found by its name (`json_` for `json`)."""
