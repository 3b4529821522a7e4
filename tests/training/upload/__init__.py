"""The tests of `ftlint.training.upload`."""
