"""The benchmark: seeded files, programs to compare with, and one table (`make bench`)."""
