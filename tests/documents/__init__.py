"""The pages: their examples are run, their tables are compared."""
