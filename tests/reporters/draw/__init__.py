"""The tests of `ftlint.reporters.draw`."""
