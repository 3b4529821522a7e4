"""The benchmark, tried on small files."""
