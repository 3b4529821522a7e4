"""Rules of a user's own, of every kind that depends on texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftlint import Event, Hit, rule
from ftlint.core.example import Example
from ftlint.core.json_spans import Pointer
from ftlint.core.rule import Options
from ftlint.engine.fastpath.views import strings
from ftlint.rules.context import Text


class Longest:
    """Find the longest line of all."""

    def __init__(self, options: Options) -> None:
        self.most = 0

    def add(self, example: Example) -> None:
        """Take an example."""
        self.most = max(self.most, len(example.raw))

    def merge(self, other: Longest) -> Longest:
        """Return what both come to."""
        merged = Longest({})
        merged.most = max(self.most, other.most)
        return merged

    def finish(self, facts: object) -> Iterator[Hit]:
        """Say how long it is."""
        yield Hit(None, f"the longest line has {self.most} bytes")


def long_text(example: Example, text: Text, options: Options) -> Iterator[Hit]:
    """Find a text of more than 50,000 characters."""
    if text.role == "user" and len(text.text) > 50_000:
        yield Hit(text.pointer, f"{len(text.text)} characters")


def same(example: Example, text: Text, options: Options) -> Iterator[Hit]:
    """Find a word."""
    if "same" in text.text:
        yield Hit(text.pointer, "same")


def null(example: Example, options: Options) -> Iterator[Hit]:
    """Find a string in the whole example."""
    if any("null" in string for string in strings(example.data)):
        yield Hit((), "null")


def no_text(
    example: Example, pointer: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """Find content that is not a text."""
    if not isinstance(message["content"], str):
        yield Hit(pointer, "no text")


def declare() -> None:
    """Declare them."""
    rule("own-long-text", severity="warning", on=Event.TEXT)(long_text)
    rule("own-same", severity="warning", on=Event.TEXT, contains=["same", "{}"])(same)
    rule("own-null", severity="warning", on=Event.ROW, contains=["null"])(null)
    rule("own-dataset", severity="warning", on=Event.DATASET)(Longest)
    rule("own-shape", severity="info", on=Event.MESSAGE_KEY("content"))(no_text)
