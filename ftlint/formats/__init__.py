"""What training data look like: formats, schemas, images, graders, tools."""
