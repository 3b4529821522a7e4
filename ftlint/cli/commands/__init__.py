"""Commands, one module each, out of the way of the function `ftlint.cli.run`."""
