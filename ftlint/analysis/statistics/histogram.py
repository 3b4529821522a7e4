"""Histograms of sizes in constant memory, independent of how the data is chunked."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil
from types import MappingProxyType
from typing import Any, Self

_EXACT = 7
"""Values below 2 to this power have a bucket each; each higher power of two has half as many."""

_PENDING = 256
"""Maximum distinct sizes to buffer, since adding them together is faster."""

PERCENTILES = (5, 25, 50, 75, 90, 95, 99)
"""Reported percentiles of a distribution."""


class Histogram:
    """A histogram of non-negative integers.

    Sizes below 128 are exact, larger ones rounded by up to one part in 64, so a percentile is less
    than 1.6 % off; `count`, `sum`, `minimum` and `maximum` are exact.
    """

    __slots__ = ("_buckets", "_maximum", "_minimum", "_pending", "_sum")

    def __init__(
        self,
        buckets: Mapping[int, int] = MappingProxyType({}),
        total: int = 0,
        minimum: int | None = None,
        maximum: int = 0,
    ) -> None:
        self._buckets = Counter(buckets)
        self._sum, self._minimum, self._maximum = total, minimum, maximum
        self._pending: dict[int, int] = {}  # not yet in the other attributes

    def add(self, size: int, times: int = 1) -> None:
        """Count a size."""
        pending = self._pending
        pending[size] = pending.get(size, 0) + times
        if len(pending) > _PENDING:
            self._flush()

    def _flush(self) -> None:
        """Add the buffered sizes to the buckets."""
        if not self._pending:
            return
        for size, times in self._pending.items():
            self._buckets[size - size % _step(size)] += times
            self._sum += size * times
        low = min(self._pending)
        self._minimum = low if self._minimum is None else min(low, self._minimum)
        self._maximum = max(*self._pending, self._maximum)
        self._pending.clear()

    @property
    def buckets(self) -> Counter[int]:
        """Counts by the smallest size of each bucket."""
        self._flush()
        return self._buckets

    @property
    def sum(self) -> int:
        """Sum of all sizes."""
        self._flush()
        return self._sum

    @property
    def minimum(self) -> int | None:
        """Smallest size, None if empty."""
        self._flush()
        return self._minimum

    @property
    def maximum(self) -> int:
        """Greatest size, 0 if empty."""
        self._flush()
        return self._maximum

    @property
    def count(self) -> int:
        """Number of sizes."""
        return self.buckets.total()

    @property
    def mean(self) -> float:
        """Mean, 0 if empty."""
        return self.sum / (self.count or 1)

    def merge(self, other: Self) -> Self:
        """Return the histogram of both, changing neither."""
        minima = [part.minimum for part in (self, other) if part.minimum is not None]
        return type(self)(
            self.buckets + other.buckets,
            self.sum + other.sum,
            min(minima, default=None),
            max(self.maximum, other.maximum),
        )

    def percentile(self, percent: float) -> int:
        """Return the smallest size that `percent` of all do not exceed, 0 if empty.

        Sizes are assumed to be spread evenly over their bucket.
        """
        wanted = max(ceil(self.count * percent / 100), 1)
        for low, times in sorted(self.buckets.items()):
            if wanted <= times:
                first, last = self._bounds(low)
                return first + (last - first) * (wanted - 1) // max(times - 1, 1)
            wanted -= times
        return self.maximum

    def _bounds(self, low: int) -> tuple[int, int]:
        """Return the smallest and the greatest possible size in the bucket from `low` on."""
        return max(low, self.minimum or 0), min(low + _step(low) - 1, self.maximum)

    def bars(self, most: int = 16) -> list[tuple[int, int, int]]:
        """Return at most `most` bars (from, to, count) of a round width, both ends included.

        If the greatest size is more than twice the 99th percentile, the last bar has all above
        that. No bar is narrower than a bucket, and a bucket across an edge is divided evenly.
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
        """Return the counts from each edge to the next."""
        counts = [0] * len(edges)
        for low, times in self.buckets.items():
            first, last = self._bounds(low)
            rest, end = times, bisect_right(edges, last) - 1
            for index in range(bisect_right(edges, first) - 1, end):
                share = times * (edges[index + 1] - max(first, edges[index])) // (last + 1 - first)
                counts[index] += share
                rest -= share
            counts[end] += rest
        return counts

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; `buckets` are [from, count] in order."""
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
        """Return the histogram of the result of `to_dict`."""
        return cls(dict(data["buckets"]), data["sum"], data["minimum"], data["maximum"])


def merged(parts: Iterable[Histogram]) -> Histogram:
    """Return the histogram of all parts."""
    total = Histogram()
    for part in parts:
        total = total.merge(part)
    return total


def _step(size: int) -> int:
    """Return the width of the bucket of a size, a power of two."""
    return 1 << max(size.bit_length() - _EXACT, 0)


def _round_up(width: int) -> int:
    """Return the next number of 1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power >= width:
                return digit * power
        power *= 10
