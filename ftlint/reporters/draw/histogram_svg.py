"""Layout of a histogram in SVG, horizontally in percent so that it fits any width."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ftlint.analysis.statistics.histogram import Histogram
from ftlint.reporters.summary import size

HEIGHT = 96
"""Height of the tallest bar in pixels; the width of a chart is relative."""

_MOST_BARS = 32
_LEAST_BARS = 8
"""Minimum number of slots, so that few bars are not too wide."""

_LABELS, _APART = 3, 22
_SINGLE_LABELS, _SINGLE_APART = 8, 9
"""Maximum labels of the axis on a narrow screen, and the width of the last one in percent; there is
room for more if each bin is one small size."""

Step = tuple[int, int, int]
"""A bin: minimum, maximum (inclusive), count."""

Write = Callable[[int], str]


class Bar(NamedTuple):
    """A bar: left edge and width in percent, height in pixels, and a textual description.

    `kind` is "over" if all its sizes are above the limit, "tail" if its bin is wider than the
    others, else empty.
    """

    x: float
    width: float
    height: float
    words: str
    kind: str


class Tick(NamedTuple):
    """A label of the axis: position in percent, text, and the SVG text anchor."""

    x: float
    text: str
    anchor: str


class Chart(NamedTuple):
    """The chart of a distribution.

    `only` is the formatted size if all sizes are equal; then there are no bars, as with a `total`
    of 0. `tallest` is the count of the tallest bar, `limit` the position of the limit in percent,
    None if it is outside the chart. `numbers` are (name, value) of the statistics to list.
    """

    total: int
    only: str | None
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    tallest: int
    limit: float | None
    numbers: tuple[tuple[str, str], ...]


def number(value: int) -> str:
    """Return a number with thousands separators."""
    return f"{value:,}"


def mean(data: Mapping[str, Any]) -> str:
    """Return the mean of a `Histogram.to_dict`, with one decimal index; 0 if it is empty."""
    return f"{data['sum'] / (data['count'] or 1):,.1f}"


def chart(data: Mapping[str, Any], *, unit: str = "", limit: int | None = None) -> Chart:
    """Lay out a `Histogram.to_dict`; the unit "bytes" formats sizes with a unit prefix."""
    histogram = Histogram.from_dict(data)
    write = size if unit == "bytes" else number
    low, high = histogram.minimum or 0, histogram.maximum
    steps = histogram.bars(_MOST_BARS) if write(low) != write(high) else []
    axis = _short_bytes if unit == "bytes" else _short
    named = {
        "min": low,
        "5%": histogram.percentile(5),
        "median": histogram.percentile(50),
        "95%": histogram.percentile(95),
        "max": high,
    }
    return Chart(
        total=histogram.count,
        only=write(high) if histogram.count and not steps else None,
        bars=tuple(_bars(steps, write, limit)),
        ticks=tuple(_ticks(steps, axis)),
        tallest=_tallest(steps),
        limit=_mark(steps, limit),
        numbers=(
            *((name, write(value)) for name, value in named.items()),
            ("mean", size(round(histogram.mean)) if unit == "bytes" else mean(data)),
        ),
    )


def _short(value: int) -> str:
    """Return a number for an axis, in millions from a million."""
    return f"{value / 1e6:,.1f} M" if value >= 1e6 else number(value)


def _short_bytes(value: int) -> str:
    return f"{value} B" if value < 1000 else size(value)


def _span(low: int, high: int, write: Write) -> str:
    first, last = write(low), write(high)
    return first if first == last else f"{first} to {last}"


def _slot(steps: Sequence[Step]) -> float:
    """Return the width of a slot in percent."""
    return 100 / max(len(steps), _LEAST_BARS)


def _is_tail(steps: Sequence[Step]) -> bool:
    """Return whether the last bin is wider than the others."""
    (first, start, _), (last, end, _) = steps[0], steps[-1]
    return end - last > start - first


def _tallest(steps: Sequence[Step]) -> int:
    return max((count for _, _, count in steps), default=0)


def _bars(steps: Sequence[Step], write: Write, limit: int | None) -> Iterator[Bar]:
    slot, tallest = _slot(steps), _tallest(steps)
    for index, (low, high, count) in enumerate(steps):
        tail = index == len(steps) - 1 and _is_tail(steps)
        over = limit is not None and low > limit
        yield Bar(
            x=round(index * slot + slot / 20, 2),
            width=round(slot * 0.9, 2),
            height=round(max(HEIGHT * count / tallest, 1.5), 1) if count else 0,
            words=f"{_span(low, high, write)}: {count:,}",
            kind="over" if over else "tail" if tail else "",
        )


def _ticks(steps: Sequence[Step], write: Write) -> list[Tick]:
    """Return the labels of some bars, centred for bins of one size, else at the left edge."""
    if not steps:
        return []
    slot, tail = _slot(steps), _is_tail(steps)
    single = steps[0][0] == steps[0][1]
    middle = slot / 2 if single else 0
    last = len(steps) - 1
    if tail:
        end = Tick(round((last + 1) * slot, 2), f"… {write(steps[last][1])}", "end")
    elif single:
        end = Tick(round(last * slot + middle, 2), write(steps[last][0]), "middle")
    else:
        end = Tick(round((last + 1) * slot, 2), write(steps[last][1] + 1), "end")
    apart = _SINGLE_APART if single and not tail else _APART
    labels = _SINGLE_LABELS if single else _LABELS
    ticks = [
        Tick(round(index * slot + middle, 2), write(steps[index][0]), "middle")
        for index in range(0, last + 1, -(-len(steps) // labels))
        if not index or index * slot + middle <= end.x - apart
    ]
    if not single:
        ticks[0] = ticks[0]._replace(anchor="start")
    unique = {tick.text: tick for tick in reversed([*ticks, end])}  # rounding may repeat a label
    return sorted(unique.values())


def _mark(steps: Sequence[Step], limit: int | None) -> float | None:
    """Return the position of a limit in percent, None if it is outside the range of sizes."""
    if limit is None or not steps or not steps[0][0] <= limit <= steps[-1][1]:
        return None
    index = next(index for index, (_, high, _) in enumerate(steps) if limit <= high)
    low, high, _ = steps[index]
    return round((index + (limit - low) / (high - low + 1)) * _slot(steps), 2)
