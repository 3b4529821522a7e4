"""Tests; they mirror ftlint/."""
