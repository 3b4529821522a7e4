"""The fast path: caches that save most lines most of the work, and change no finding."""
