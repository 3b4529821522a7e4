"""The tests of `ftlint.training.launch`."""
