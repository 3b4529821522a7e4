"""From a profile and the user's choices to the configuration of a check."""
