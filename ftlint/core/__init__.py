"""The values, errors and text that every other part of ftlint speaks in."""
