"""The tests of `ftlint.reporters.docs`."""
