"""Histograms for the terminal, in block characters or ASCII."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.analysis.statistics.histogram import Histogram
from ftlint.reporters import BLOCKS, Style

_MAXIMUM_BINS = 12
_MINIMUM_ROOM = 10


def bars(histogram: Histogram, style: Style, *, indent: int = 4) -> Iterator[str]:
    """Yield a line for each bin: its range, a bar, and the count."""
    steps = histogram.bars(_MAXIMUM_BINS)
    if not steps:
        return
    most = max(count for _, _, count in steps)
    labels = _labels(steps)
    reserved = indent + len(labels[0]) + 3 + 1 + len(f"{most:,}")
    room = max(style.width - reserved, _MINIMUM_ROOM)
    for label, (_, _, count) in zip(labels, steps, strict=True):
        drawn = bar(count / most, room, blocks=style.blocks)
        yield f"{' ' * indent}{label}   {drawn}{' ' if drawn else ''}{count:,}"


def _labels(steps: list[tuple[int, int, int]]) -> list[str]:
    """Return the aligned range of each bin; a single number for bins of one size."""
    starts = [f"{low:,}" for low, _, _ in steps]
    ends = [f" to {high:,}" if low < high else "" for low, high, _ in steps]
    wide, long = max(map(len, starts)), max(map(len, ends))
    if not long:
        return [start.rjust(wide) for start in starts]
    return [
        f"{start.rjust(wide)}{' to ' if end else ''}{end.removeprefix(' to ').rjust(long - 4)}"
        for start, end in zip(starts, ends, strict=True)
    ]


def bar(share: float, room: int, *, blocks: bool) -> str:
    """Return a bar for a share (0 to 1) of `room` cells; a positive share is never empty."""
    if not share:
        return ""
    if not blocks:
        return "#" * max(round(share * room), 1)
    whole, rest = divmod(max(round(share * room * 8), 1), 8)
    return BLOCKS[-1] * whole + (BLOCKS[rest - 1] if rest else "")
