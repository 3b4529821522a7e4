"""The values, errors and text functions that every other package uses."""
