"""What the emulated service does: files, uploads, jobs, and their course in time."""
