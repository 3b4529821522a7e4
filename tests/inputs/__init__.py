"""The tests of `ftlint.inputs`."""
