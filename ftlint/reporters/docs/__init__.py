"""Documentation of rules and profiles, as plain data and Markdown."""
