"""The tests of `ftlint.cli`."""
