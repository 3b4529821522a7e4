"""The tests of `ftlint.engine.parallel`."""
