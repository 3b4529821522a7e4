"""Rules against their fixtures, conformance tables and published samples."""
