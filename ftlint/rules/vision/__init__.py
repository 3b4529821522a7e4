"""Rules about images in messages."""
