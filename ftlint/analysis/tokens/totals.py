"""Token totals of a part of a dataset: sums and histograms, which merge in any order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from heapq import nsmallest
from typing import Any, Self

from ftlint.analysis.statistics.histogram import Histogram
from ftlint.analysis.tokens.example_tokens import ROLES, Measure, Spot

LONGEST = 10
"""Number of longest examples to keep."""

_OTHER = "other"


class Totals:
    """Totals of measures; sequences are truncated to `limit` tokens, None for no limit.

    Tokens are `tokens` in all, `trainable`, and in `images` and `tools` (definitions);
    `per_example` and `roles` are their distributions. `estimated` counts examples with estimated
    counts, `over` those above the limit, which lose `lost` tokens. `sequence` is the length of the
    longest sequence.
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
        """Number of examples."""
        return self.per_example.count

    @property
    def billed(self) -> int:
        """Tokens of one epoch after truncation."""
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
        for _, role, content, _, _ in measure.rows:
            self.roles[role if role in ROLES else _OTHER].add(content)
        sequence = measure.longest
        self.sequence = max(self.sequence, sequence)
        if self.limit is not None and sequence > self.limit:
            self.over += 1
            self.lost += sum(measure.branches()) - measure.kept(self.limit)
        if len(self.longest) < LONGEST or tokens > -self.longest[-1][0]:
            self.longest = sorted([*self.longest, (-tokens, spot, sequence)])[:LONGEST]

    def merge(self, other: Self) -> Self:
        """Return the sum of both, changing neither."""
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
        """Return plain data for JSON; `bases` are (lines, examples) before each range by offset."""
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
