"""The version, a literal: reading it from package metadata costs 36 ms at every start."""

__version__ = "0.1.0"
