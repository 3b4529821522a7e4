"""Rules about conversations: their messages, order, content and weights."""
