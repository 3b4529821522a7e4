"""The numbers behind a histogram that is drawn as SVG: places in percent and pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ftlint.analysis.statistics.histogram import Histogram
from ftlint.reporters.summary import size

HEIGHT = 96
"""Of the tallest bar, in pixels; across, a chart is as wide as there is room."""

_MOST_BARS = 32
_LEAST_BARS = 8
"""So many have room side by side, also where there are fewer, so that none is a wall."""

_LABELS, _APART = 3, 22
_SINGLE_LABELS, _SINGLE_APART = 8, 9
"""How many labels the axis has room for, and the percent that the last one takes, on a narrow
screen; more where they are single small sizes."""

Step = tuple[int, int, int]
"""Sizes from and to, `to` included, and how many there are."""

Write = Callable[[int], str]


class Bar(NamedTuple):
    """One step: its left edge and width in percent, its height in pixels, and it in words.

    `kind` is "over" where all its sizes are above the limit, "tail" where it is a longer step than
    the others, else "".
    """

    x: float
    width: float
    height: float
    words: str
    kind: str


class Tick(NamedTuple):
    """A label under the axis: its place in percent, its text, and which part of it is there."""

    x: float
    text: str
    anchor: str


class Chart(NamedTuple):
    """A picture of a distribution.

    `only` says what the sizes are where they are the same, as they are written; there is nothing to
    draw then, and nothing where `total` is 0. `tallest` is the count of the tallest bar, `limit`
    the place of the limit in percent, None where it is not in the picture. `numbers` are (name,
    value) to tell beside it.
    """

    total: int
    only: str | None
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    tallest: int
    limit: float | None
    numbers: tuple[tuple[str, str], ...]


def number(value: int) -> str:
    """Write a number with its thousands apart."""
    return f"{value:,}"


def mean(data: Mapping[str, Any]) -> str:
    """Write the mean of what `Histogram.to_dict` wrote, with one decimal place; 0 of nothing."""
    return f"{data['sum'] / (data['count'] or 1):,.1f}"


def chart(data: Mapping[str, Any], *, unit: str = "", limit: int | None = None) -> Chart:
    """Lay out what `Histogram.to_dict` wrote; sizes of unit "bytes" are written as such."""
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
    """Write a number for an axis: from a million in millions."""
    return f"{value / 1e6:,.1f} M" if value >= 1e6 else number(value)


def _short_bytes(value: int) -> str:
    return f"{value} B" if value < 1000 else size(value)


def _span(low: int, high: int, write: Write) -> str:
    first, last = write(low), write(high)
    return first if first == last else f"{first} to {last}"


def _slot(steps: Sequence[Step]) -> float:
    """Return the percent of the width that a step has."""
    return 100 / max(len(steps), _LEAST_BARS)


def _is_tail(steps: Sequence[Step]) -> bool:
    """Tell whether the last step is longer than the others."""
    (first, start, _), (last, end, _) = steps[0], steps[-1]
    return end - last > start - first


def _tallest(steps: Sequence[Step]) -> int:
    return max((count for _, _, count in steps), default=0)


def _bars(steps: Sequence[Step], write: Write, limit: int | None) -> Iterator[Bar]:
    slot, tallest = _slot(steps), _tallest(steps)
    for place, (low, high, count) in enumerate(steps):
        tail = place == len(steps) - 1 and _is_tail(steps)
        over = limit is not None and low > limit
        yield Bar(
            x=round(place * slot + slot / 20, 2),
            width=round(slot * 0.9, 2),
            height=round(max(HEIGHT * count / tallest, 1.5), 1) if count else 0,
            words=f"{_span(low, high, write)}: {count:,}",
            kind="over" if over else "tail" if tail else "",
        )


def _ticks(steps: Sequence[Step], write: Write) -> list[Tick]:
    """Label some bars: where each is of one size in the middle, else where they begin."""
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
        Tick(round(place * slot + middle, 2), write(steps[place][0]), "middle")
        for place in range(0, last + 1, -(-len(steps) // labels))
        if not place or place * slot + middle <= end.x - apart
    ]
    if not single:
        ticks[0] = ticks[0]._replace(anchor="start")
    told = {tick.text: tick for tick in reversed([*ticks, end])}  # kilobytes may be the same
    return sorted(told.values())


def _mark(steps: Sequence[Step], limit: int | None) -> float | None:
    """Return where a limit stands, None where it is not between the first size and the last."""
    if limit is None or not steps or not steps[0][0] <= limit <= steps[-1][1]:
        return None
    place = next(place for place, (_, high, _) in enumerate(steps) if limit <= high)
    low, high, _ = steps[place]
    return round((place + (limit - low) / (high - low + 1)) * _slot(steps), 2)
