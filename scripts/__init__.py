"""Scripts for those who work on ftlint."""
