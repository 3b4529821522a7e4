"""The tests of `ftlint.emulator`."""
