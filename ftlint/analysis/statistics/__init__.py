"""Counts of a dataset, in bounded memory and mergeable."""
