"""The tests of `ftlint.emulator.service`."""
