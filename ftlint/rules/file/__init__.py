"""Rules about the bytes of a file and of its lines."""
