"""Fuzzers: a search for inputs that cost most time or memory, and one for broken promises.

`make fuzz` runs both for a bounded time.
"""
