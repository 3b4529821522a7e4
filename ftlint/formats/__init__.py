"""Formats of training data: schemas, images, graders, tools."""
