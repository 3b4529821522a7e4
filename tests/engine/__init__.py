"""The tests of `ftlint.engine`."""
