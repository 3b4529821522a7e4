"""The tests of `ftlint.cli.commands.jobs`."""
