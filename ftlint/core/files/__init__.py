"""Files: written whole, and read only if they are regular and small."""
