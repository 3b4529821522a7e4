"""The tests of `ftlint.reporters`."""
