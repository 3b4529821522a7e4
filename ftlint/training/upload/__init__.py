"""From bytes that passed to a file that the service has taken."""
