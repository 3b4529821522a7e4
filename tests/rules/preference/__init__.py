"""The tests of `ftlint.rules.preference`."""
