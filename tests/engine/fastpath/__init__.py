"""The tests of `ftlint.engine.fastpath`."""
