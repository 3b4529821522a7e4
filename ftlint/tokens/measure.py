"""The tokens of one example, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ftlint.model import Pointer

ROLES = frozenset(
    {"system", "developer", "user", "assistant", "tool", "function", "prompt", "completion"}
)
"""Roles that are told apart; any other is the user's own text."""

MOST_PER_BYTE = 3
"""A value of an enum that is no text has more tokens than bytes: 4 for the 2 bytes of `1,`, 9 for
the 4 of `1e9,`, which is written out. Of anything else but images there are no more than bytes."""

_Row = tuple[int | str, str, int, int, int]


class Spot(NamedTuple):
    """A line in a range: where both begin (0-based bytes), lines and examples up to it in it."""

    offset: int
    segment: int
    line: int
    example: int


class Part(NamedTuple):
    """A message, or a text of its own: its tokens, and how many of them are learnt.

    `branch` is 0 for what all of an example has in common, 1 and 2 for two outputs, of which each
    follows on that.
    """

    pointer: Pointer
    role: str
    tokens: int
    trainable: int
    branch: int = 0


class Measure:
    """The tokens of an example whose messages stand at `lists`, one for each branch.

    `tools` are those of definitions, which come first, `said` those of all parts, `reply` those
    after the last message.
    `images` are the tokens of images, which are in the parts already; where the size of one is not
    known, they are the most there can be: `estimated`. `trainable` are the tokens that are learnt.
    `rows` are the parts as (index or key, role, tokens, trainable, branch): this runs for each
    example of a dataset.
    """

    __slots__ = ("estimated", "images", "lists", "reply", "rows", "said", "tools", "trainable")

    def __init__(self, lists: tuple[Pointer, ...], reply: int) -> None:
        self.lists, self.reply = lists, reply
        self.rows: list[_Row] = []
        self.tools = self.said = self.images = self.trainable = 0
        self.estimated = False

    @property
    def parts(self) -> list[Part]:
        """The parts, in order."""
        bases = self.lists or ((),)
        return [Part((*bases[row[4]], row[0]), *row[1:]) for row in self.rows]

    @property
    def tokens(self) -> int:
        """All of it, each part once."""
        return self.tools + self.said + self.reply

    def branches(self) -> list[int]:
        """Return the tokens of what all sequences have in common, and of either output.

        Those after the last message are left out: they are there to begin a reply.
        """
        tokens = [self.tools, 0, 0]
        for _, _, count, _, branch in self.rows:
            tokens[branch] += count
        return tokens

    @property
    def longest(self) -> int:
        """The tokens of the longest sequence, which a limit is compared with."""
        if len(self.lists) <= 1:
            return self.tools + self.said
        common, *outputs = self.branches()
        return common + max(outputs)

    def sequences(self) -> Iterator[list[Part]]:
        """Yield the parts that the model sees one after the other: once for each output."""
        parts = self.parts
        branches = {part.branch for part in parts} - {0}
        for branch in sorted(branches) or (0,):
            yield [part for part in parts if part.branch in (0, branch)]

    def kept(self, limit: int) -> int:
        """Return the tokens that are left when all sequences are cut at a limit."""
        common, *outputs = self.branches()
        room = max(limit - common, 0)
        return min(common, limit) + sum(min(tokens, room) for tokens in outputs)
