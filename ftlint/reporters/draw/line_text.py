"""Plots over the steps of a job for the terminal, in braille patterns or ASCII."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import click

from ftlint.core.text import sanitize
from ftlint.reporters import Style
from ftlint.reporters.draw.series import Panel, Place, label

MARKS = "ox+*#%@"
"""Marks of all metrics but the first, which is a line."""

_HEIGHT = 13
_LEAST_ROOM = 20
_COLORS = ("cyan", "yellow", "magenta")
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of the dots in a braille pattern (U+2800), by column and row."""

_BRAILLE = 0x2800
_ACROSS, _DOWN = len(_DOTS), len(_DOTS[0])

Cells = dict[tuple[int, int], str]
"""Characters by row (0-based, from the top) and column."""


def plot(panel: Panel, style: Style) -> Iterator[str]:
    """Yield the lines of a plot: the first metric is a line, the others are marks.

    A column shows the highest and the lowest value of its steps.
    """
    labels = {_row(panel.height(tick), _HEIGHT): label(tick) for tick in panel.ticks}
    gutter = max(map(len, labels.values()))
    room = max(style.width - gutter - 6, _LEAST_ROOM)
    yield from _legend(panel, style)
    cells = _cells(panel, room, style)
    wall, floor = ("│", "─") if style.blocks else ("|", "-")
    tick, corner = ("┤", "└") if style.blocks else ("+", "+")
    for row in range(_HEIGHT):
        drawn = "".join(cells.get((row, column), " ") for column in range(room)).rstrip()
        yield f"    {labels.get(row, ''):>{gutter}}{tick if row in labels else wall}{drawn}"
    yield f"    {'':>{gutter}}{corner}{floor * room}"
    first, last = f"step {panel.first:,}", f"{panel.last:,}"
    yield f"    {'':>{gutter}} {first}{last:>{max(room - len(first), len(last) + 1)}}"
    yield from _thinned(panel, room)


def _legend(panel: Panel, style: Style) -> Iterator[str]:
    """Yield the legend, on one line or, if the terminal is too narrow, on several."""
    line = "⠒⠒" if style.blocks else ".."
    marks = [line if not index else _mark(index) for index in range(len(panel.metrics))]
    names = [sanitize(metric.name) for metric in panel.metrics]
    painted = [_paint(mark, index, style) for index, mark in enumerate(marks)]
    parts = [f"{mark} {name}" for mark, name in zip(painted, names, strict=True)]
    width = sum(len(mark) + len(name) + 4 for mark, name in zip(marks, names, strict=True))
    if 2 + len(panel.title) + width <= style.width:
        yield f"  {sanitize(panel.title)}   {'   '.join(parts)}"
    else:
        yield f"  {sanitize(panel.title)}"
        yield from (f"    {part}" for part in parts)


def _thinned(panel: Panel, room: int) -> Iterator[str]:
    most = max(place.total for metric in panel.metrics for place in panel.places(metric, room))
    if most > 1:
        yield f"    up to {most:,} values a column: lowest and highest drawn"


def _mark(index: int) -> str:
    return MARKS[(index - 1) % len(MARKS)]


def _paint(text: str, index: int, style: Style) -> str:
    return click.style(text, fg=_COLORS[index % len(_COLORS)]) if style.color else text


def _row(height: float, rows: int) -> int:
    """Return the row (0-based, from the top) of a height from 0 to 1."""
    return round((1 - height) * (rows - 1))


def _cells(panel: Panel, room: int, style: Style) -> Cells:
    line = panel.metrics[0]
    cells: Cells
    if style.blocks:
        cells = _braille(_stroke(panel, panel.places(line, room * _ACROSS), _HEIGHT * _DOWN))
    else:
        cells = dict.fromkeys(_stroke(panel, panel.places(line, room), _HEIGHT), ".")
    drawn = {cell: _paint(text, 0, style) for cell, text in cells.items()}
    for index, metric in enumerate(panel.metrics[1:], start=1):
        for place in panel.places(metric, room):
            for value in (place.low, place.high):
                cell = _row(panel.height(value), _HEIGHT), place.column
                drawn[cell] = _paint(_mark(index), index, style)
    return drawn


def _stroke(panel: Panel, places: Sequence[Place], rows: int) -> Iterator[tuple[int, int]]:
    """Yield the cells (row, column) of a line that spans the values of each column."""
    for place in places:
        top, bottom = (_row(panel.height(value), rows) for value in (place.high, place.low))
        yield from ((row, place.column) for row in range(top, bottom + 1))
    for before, place in pairwise(places):
        start, end = (_row(panel.height(value), rows) for value in (before.mean, place.mean))
        span = place.column - before.column
        row = start
        for column in range(before.column + 1, place.column + 1):
            goal = round(start + (end - start) * (column - before.column) / span)
            low, high = sorted((row, goal))
            yield from ((passed, column) for passed in range(low, high + 1))
            row = goal


def _braille(dots: Iterator[tuple[int, int]]) -> Cells:
    bits: dict[tuple[int, int], int] = {}
    for row, column in dots:
        cell = row // _DOWN, column // _ACROSS
        bits[cell] = bits.get(cell, 0) | _DOTS[column % _ACROSS][row % _DOWN]
    return {cell: chr(_BRAILLE + pattern) for cell, pattern in bits.items()}
