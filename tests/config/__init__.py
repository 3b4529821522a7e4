"""The tests of `ftlint.config`."""
