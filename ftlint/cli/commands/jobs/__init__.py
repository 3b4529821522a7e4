"""The commands under `ftlint jobs`."""
