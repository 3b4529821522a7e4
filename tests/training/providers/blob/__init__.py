"""The tests of `ftlint.training.providers.blob`."""
