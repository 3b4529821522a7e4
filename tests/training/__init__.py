"""The tests of `ftlint.training`."""
