"""Numbers about data: tokens, cost, statistics."""
