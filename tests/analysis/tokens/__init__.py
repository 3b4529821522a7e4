"""The tests of `ftlint.analysis.tokens`."""
