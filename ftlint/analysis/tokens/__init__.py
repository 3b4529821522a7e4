"""Token counts of examples, and the cost of training on them."""
