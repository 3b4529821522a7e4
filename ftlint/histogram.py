"""Histograms of sizes: of constant memory, the same however the data is cut."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil
from types import MappingProxyType
from typing import Any, Self

_EXACT = 7
"""Values below 2 to this power have a bucket each; above, each power of two has that many / 2."""

_HELD = 256
"""Different sizes that are entered together, which is faster."""

PERCENTILES = (5, 25, 50, 75, 90, 95, 99)
"""What is told of a distribution, in percent."""


class Histogram:
    """How often which size occurred, of non-negative integers.

    Sizes below 128 are kept as they are, larger ones to one part in 64, so a percentile is less
    than 1.6 % off; `count`, `sum`, `minimum` and `maximum` are exact.
    """

    __slots__ = ("_buckets", "_held", "_maximum", "_minimum", "_sum")

    def __init__(
        self,
        buckets: Mapping[int, int] = MappingProxyType({}),
        total: int = 0,
        minimum: int | None = None,
        maximum: int = 0,
    ) -> None:
        self._buckets = Counter(buckets)
        self._sum, self._minimum, self._maximum = total, minimum, maximum
        self._held: dict[int, int] = {}  # sizes that are not in the others yet

    def add(self, size: int, times: int = 1) -> None:
        """Count a size."""
        held = self._held
        held[size] = held.get(size, 0) + times
        if len(held) > _HELD:
            self._enter()

    def _enter(self) -> None:
        """Enter the sizes that are held."""
        if not self._held:
            return
        for size, times in self._held.items():
            self._buckets[size - size % _step(size)] += times
            self._sum += size * times
        low = min(self._held)
        self._minimum = low if self._minimum is None else min(low, self._minimum)
        self._maximum = max(*self._held, self._maximum)
        self._held.clear()

    @property
    def buckets(self) -> Counter[int]:
        """How many sizes there are by the size that their bucket begins with."""
        self._enter()
        return self._buckets

    @property
    def sum(self) -> int:
        """The sum of all sizes."""
        self._enter()
        return self._sum

    @property
    def minimum(self) -> int | None:
        """The least size, None where there is none."""
        self._enter()
        return self._minimum

    @property
    def maximum(self) -> int:
        """The greatest size, 0 where there is none."""
        self._enter()
        return self._maximum

    @property
    def count(self) -> int:
        """The number of sizes."""
        return self.buckets.total()

    @property
    def mean(self) -> float:
        """The mean, 0 where there is nothing."""
        return self.sum / (self.count or 1)

    def merge(self, other: Self) -> Self:
        """Return the histogram of both parts."""
        known = [part.minimum for part in (self, other) if part.minimum is not None]
        return type(self)(
            self.buckets + other.buckets,
            self.sum + other.sum,
            min(known, default=None),
            max(self.maximum, other.maximum),
        )

    def percentile(self, percent: float) -> int:
        """Return the least size that at least so many percent are not above; 0 of nothing.

        The sizes of a bucket are taken to be spread evenly over it.
        """
        wanted = max(ceil(self.count * percent / 100), 1)
        for low, times in sorted(self.buckets.items()):
            if wanted <= times:
                first, last = self._reach(low)
                return first + (last - first) * (wanted - 1) // max(times - 1, 1)
            wanted -= times
        return self.maximum

    def _reach(self, low: int) -> tuple[int, int]:
        """Return the least and the greatest size that the bucket from `low` on may hold."""
        return max(low, self.minimum or 0), min(low + _step(low) - 1, self.maximum)

    def bars(self, most: int = 16) -> list[tuple[int, int, int]]:
        """Return (from, to, count) of steps of a round width, `to` included, for a picture.

        There are `most` of them at most. Where the greatest size is more than twice the 99th
        percentile, what is above that is gathered in the last one. None is narrower than sizes are
        told apart, and sizes of a bucket that reaches over an edge are shared out evenly.
        """
        if not self.buckets:
            return []
        low, high = self.minimum or 0, self.percentile(99)
        tail = self.maximum > 2 * high
        high = high if tail else self.maximum
        width, start = _round_up(_step(high)), low
        while (high - start // width * width) // width >= most - tail:
            width = _round_up(width + 1)
        edges = list(range(start // width * width, high + 1, width))
        if tail and self.maximum >= edges[-1] + width:
            edges.append(edges[-1] + width)
        ends = [edge - 1 for edge in edges[1:]]
        last = max(edges[-1] + width - 1, self.maximum)
        return list(zip(edges, [*ends, last], self._between(edges), strict=True))

    def _between(self, edges: list[int]) -> list[int]:
        """Return how many sizes there are from each edge up to the next."""
        counts = [0] * len(edges)
        for low, times in self.buckets.items():
            first, last = self._reach(low)
            left, end = times, bisect_right(edges, last) - 1
            for place in range(bisect_right(edges, first) - 1, end):
                share = times * (edges[place + 1] - max(first, edges[place])) // (last + 1 - first)
                counts[place] += share
                left -= share
            counts[end] += left
        return counts

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; `buckets` are [from, count], in order."""
        return {
            "count": self.count,
            "sum": self.sum,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "mean": round(self.mean, 2),
            "percentiles": {str(percent): self.percentile(percent) for percent in PERCENTILES},
            "buckets": [[size, times] for size, times in sorted(self.buckets.items())],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_dict` wrote."""
        return cls(dict(data["buckets"]), data["sum"], data["minimum"], data["maximum"])


def merged(parts: Iterable[Histogram]) -> Histogram:
    """Return the histogram of all parts."""
    total = Histogram()
    for part in parts:
        total = total.merge(part)
    return total


def _step(size: int) -> int:
    """Return how many sizes the bucket of a size holds, a power of two."""
    return 1 << max(size.bit_length() - _EXACT, 0)


def _round_up(width: int) -> int:
    """Return the next number that begins with 1, 2 or 5 and goes on with zeros."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power >= width:
                return digit * power
        power *= 10
