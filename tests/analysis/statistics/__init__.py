"""The tests of `ftlint.analysis.statistics`."""
