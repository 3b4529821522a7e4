"""Declarations of tools: their parameter schemas, and arguments judged by them."""
