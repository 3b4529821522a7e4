"""Tokens: how many an example has, and what training on them costs."""
