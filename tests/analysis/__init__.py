"""The tests of `ftlint.analysis`."""
