"""The tests of `ftlint.formats`."""
