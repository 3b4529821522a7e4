"""The scripts of the project, tried on small examples."""
