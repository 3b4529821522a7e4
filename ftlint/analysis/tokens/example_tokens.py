"""Token counts of one example by part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ftlint.core.json_spans import Pointer

ROLES = frozenset(
    {"system", "developer", "user", "assistant", "tool", "function", "prompt", "completion"}
)
"""Roles with counts of their own; any other is free text."""

MOST_PER_BYTE = 3
"""Maximum tokens per byte, reached by enum values that are no strings: 4 for the 2 bytes of `1,`, 9
for the 4 of `1e9,`, which is expanded. Anything else but images has at most one per byte."""

_Row = tuple[int | str, str, int, int, int]


class Spot(NamedTuple):
    """A line: its offset and that of its range (0-based bytes), and its numbers in the range."""

    offset: int
    segment: int
    line: int
    example: int


class Part(NamedTuple):
    """A message, prompt or completion with its tokens, and how many of them are trained on.

    `branch` is 0 for the common part of an example, 1 and 2 for alternative outputs after it.
    """

    pointer: Pointer
    role: str
    tokens: int
    trainable: int
    branch: int = 0


class Measure:
    """Token counts of an example with messages at `lists`, one pointer for each branch.

    `tools` counts definitions, which come first, `content` all parts, `reply` the tokens after the
    last message that begin a reply. `images` is included in `content`; if the size of an image is
    unknown, it is an upper bound and the measure `estimated`. `trainable` counts the tokens trained
    on. `rows` are the parts as (index or key, role, tokens, trainable, branch), plain tuples since
    this runs for every example.
    """

    __slots__ = ("content", "estimated", "images", "lists", "reply", "rows", "tools", "trainable")

    def __init__(self, lists: tuple[Pointer, ...], reply: int) -> None:
        self.lists, self.reply = lists, reply
        self.rows: list[_Row] = []
        self.tools = self.content = self.images = self.trainable = 0
        self.estimated = False

    @property
    def parts(self) -> list[Part]:
        """Parts in order."""
        bases = self.lists or ((),)
        return [Part((*bases[row[4]], row[0]), *row[1:]) for row in self.rows]

    @property
    def tokens(self) -> int:
        """Total tokens, each part once."""
        return self.tools + self.content + self.reply

    def branches(self) -> list[int]:
        """Return the tokens of the common part and of each output, without `reply`."""
        tokens = [self.tools, 0, 0]
        for _, _, count, _, branch in self.rows:
            tokens[branch] += count
        return tokens

    @property
    def longest(self) -> int:
        """Tokens of the longest sequence, to compare with a limit."""
        if len(self.lists) <= 1:
            return self.tools + self.content
        common, *outputs = self.branches()
        return common + max(outputs)

    def sequences(self) -> Iterator[list[Part]]:
        """Yield the parts of each sequence that the model sees, one for each output."""
        parts = self.parts
        branches = {part.branch for part in parts} - {0}
        for branch in sorted(branches) or (0,):
            yield [part for part in parts if part.branch in (0, branch)]

    def kept(self, limit: int) -> int:
        """Return the tokens that remain when all sequences are truncated to a limit."""
        common, *outputs = self.branches()
        room = max(limit - common, 0)
        return min(common, limit) + sum(min(tokens, room) for tokens in outputs)
