"""Rules about tools: their definitions, their calls, and the answers to those."""
