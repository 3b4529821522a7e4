"""Rules about preference data: pairs of answers."""
