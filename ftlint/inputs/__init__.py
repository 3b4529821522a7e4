"""Discovery of inputs, their streams of bytes, and ranges of whole lines."""
