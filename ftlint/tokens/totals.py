"""The tokens of a part of a dataset: sums and histograms, which merge in any order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from heapq import nsmallest
from typing import Any, Self

from ftlint.histogram import Histogram
from ftlint.tokens.measure import ROLES, Measure, Spot

LONGEST = 10
"""Longest examples that are named."""

_OTHER = "other"


class Totals:
    """Adds measures up; `limit` is where sequences are cut, in tokens, None for nowhere.

    `tokens` are all, `trainable` those that are learnt, `images` and `tools` those of images and
    of definitions of tools; `per_example` and `roles` say how they are spread. `estimated` are the
    examples of which the count is an estimate, `over` those longer than the limit, which lose
    `lost` tokens. `sequence` are the tokens of the longest sequence, which the limit is compared
    with.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.tokens = self.trainable = self.images = self.tools = 0
        self.estimated = self.over = self.lost = 0
        self.per_example = Histogram()
        self.roles: defaultdict[str, Histogram] = defaultdict(Histogram)
        self.longest: list[tuple[int, Spot, int]] = []
        self.sequence = 0

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
        self.per_example.add(tokens)
        for _, role, said, _, _ in measure.rows:
            self.roles[role if role in ROLES else _OTHER].add(said)
        sequence = measure.longest
        self.sequence = max(self.sequence, sequence)
        if self.limit is not None and sequence > self.limit:
            self.over += 1
            self.lost += sum(measure.branches()) - measure.kept(self.limit)
        if len(self.longest) < LONGEST or tokens > -self.longest[-1][0]:
            self.longest = sorted([*self.longest, (-tokens, spot, sequence)])[:LONGEST]

    def merge(self, other: Self) -> Self:
        """Return what both parts come to."""
        merged = type(self)(self.limit)
        for name in ("tokens", "trainable", "images", "tools", "estimated", "over", "lost"):
            setattr(merged, name, getattr(self, name) + getattr(other, name))
        merged.per_example = self.per_example.merge(other.per_example)
        for part in (self, other):
            for role, sizes in part.roles.items():
                merged.roles[role] = merged.roles[role].merge(sizes)
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
