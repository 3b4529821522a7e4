"""The tests of `ftlint.rules.job`."""
