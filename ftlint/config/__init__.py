"""Configuration of a check, from a profile and the user's choices."""
