"""The tests of `ftlint.core`."""
