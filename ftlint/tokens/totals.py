"""The tokens of a part of a dataset: sums and histograms, which merge in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from heapq import nsmallest
from typing import Any, Self

from ftlint.histogram import Histogram
from ftlint.tokens.measure import ROLES, Measure, Spot

LONGEST = 10
"""Longest examples that are named."""

_OTHER = "other"
_TOGETHER = 1 << 14
"""Messages and examples that are added before they are put into the histograms."""


class Totals:
    """Adds measures up; `limit` is where sequences are cut, in tokens, None for nowhere.

    `tokens` are all, `trainable` those that are learnt, `images` and `tools` those of images and
    of definitions of tools; `estimated` are the examples of which the count is an estimate, `over`
    those longer than the limit, which lose `lost` tokens. `sequence` are the tokens of the longest
    sequence, which the limit is compared with.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.tokens = self.trainable = self.images = self.tools = 0
        self.estimated = self.over = self.lost = 0
        self._per_example = Histogram()
        self._roles: dict[str, Histogram] = {}
        self.longest: list[tuple[int, Spot, int]] = []
        self.sequence = 0
        self._sizes: list[int] = []
        self._said: list[tuple[str, int]] = []

    @property
    def per_example(self) -> Histogram:
        """The tokens of examples."""
        self._settle()
        return self._per_example

    @property
    def roles(self) -> dict[str, Histogram]:
        """The tokens of messages, by role."""
        self._settle()
        return self._roles

    @property
    def examples(self) -> int:
        """The number of examples."""
        return self.per_example.count

    @property
    def billed(self) -> int:
        """The tokens of one epoch, those that are cut left out."""
        return self.tokens - self.lost

    def add(self, measure: Measure, spot: Spot) -> None:
        """Add an example."""
        tokens = measure.tokens
        self.tokens += tokens
        self.trainable += measure.trainable
        self.images += measure.images
        self.tools += measure.tools
        self.estimated += measure.estimated
        self._sizes.append(tokens)
        self._said += [row[1:3] for row in measure.rows]
        sequence = measure.longest
        self.sequence = max(self.sequence, sequence)
        if self.limit is not None and sequence > self.limit:
            self.over += 1
            self.lost += sum(measure.branches()) - measure.kept(self.limit)
        if len(self.longest) < LONGEST or tokens > -self.longest[-1][0]:
            self.longest = sorted([*self.longest, (-tokens, spot, sequence)])[:LONGEST]
        if len(self._said) + len(self._sizes) >= _TOGETHER:
            self._settle()

    def _settle(self) -> None:
        """Put what was added into the histograms: many at a time is much faster."""
        if not self._sizes:
            return
        self._per_example.extend(self._sizes)
        for (role, tokens), times in Counter(self._said).items():
            name = role if role in ROLES else _OTHER
            self._roles.setdefault(name, Histogram()).add(tokens, times)
        self._sizes, self._said = [], []

    def merge(self, other: Self) -> Self:
        """Return what both parts come to."""
        merged = type(self)(self.limit)
        for name in ("tokens", "trainable", "images", "tools", "estimated", "over", "lost"):
            setattr(merged, name, getattr(self, name) + getattr(other, name))
        merged._per_example = self.per_example.merge(other.per_example)  # noqa: SLF001 - of the same class
        for role in self.roles.keys() | other.roles.keys():
            empty = Histogram()
            sizes = self.roles.get(role, empty).merge(other.roles.get(role, empty))
            merged.roles[role] = sizes
        merged.sequence = max(self.sequence, other.sequence)
        merged.longest = nsmallest(LONGEST, [*self.longest, *other.longest])
        return merged

    def to_dict(self, bases: Mapping[int, tuple[int, int]]) -> dict[str, Any]:
        """Return plain data for JSON; `bases` are (lines, examples) before each range."""
        return {
            "examples": self.examples,
            "estimated": self.estimated,
            "tokens": self.tokens,
            "trainable_tokens": self.trainable,
            "image_tokens": self.images,
            "tool_tokens": self.tools,
            "per_example": self.per_example.to_dict(),
            "roles": {role: self.roles[role].to_dict() for role in sorted(self.roles)},
            "context": self.limit,
            "longest_sequence": self.sequence,
            "over_context": self.over,
            "lost_tokens": self.lost,
            "longest": [
                {
                    "line": spot.line + bases[spot.segment][0],
                    "example": spot.example + bases[spot.segment][1],
                    "byte_offset": spot.offset,
                    "tokens": -tokens,
                    "sequence": sequence,
                }
                for tokens, spot, sequence in self.longest
            ],
        }
