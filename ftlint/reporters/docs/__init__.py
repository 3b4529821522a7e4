"""Rules and profiles explained, for pages, terminals and programs."""
