"""Series for plots over the steps of a job, for the terminal and for SVG.

A long job has more steps than a plot has columns. Each column keeps the minimum, maximum and mean
of its steps, so that a peak of a single step remains visible.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from ftlint.training.results import FULL, TRAINING, VALIDATION, Metric, Point, Results

_GROUPS = ("loss", "accuracy", "reward")
_PARTS = (TRAINING, VALIDATION, FULL, "")
_STEPS = (1, 2, 2.5, 5, 10)
_LINES = 4
"""Target number of intervals between grid lines."""

_FLAT = 1e-4
"""Relative difference below which values are drawn as equal."""


class Place(NamedTuple):
    """The values in a column of a plot.

    `column` is 0-based, `across` the mean position of the steps (0 to 1), `total` the number of
    values.
    """

    column: int
    total: int
    across: float
    low: float
    high: float
    mean: float


class Panel(NamedTuple):
    """Metrics of one plot, over the same steps as those of other panels.

    `ticks` are the values of the grid lines in ascending order.
    """

    title: str
    metrics: tuple[Metric, ...]
    ticks: tuple[float, ...]
    first: int
    last: int

    def height(self, value: float) -> float:
        """Return the height of a value, from 0 at the first tick to 1 at the last."""
        low, high = self.ticks[0], self.ticks[-1]
        return (value - low) / (high - low)

    def places(self, metric: Metric, room: int) -> list[Place]:
        """Return a metric reduced to `room` columns; the first and last steps are at the ends."""
        span = max(self.last - self.first, 1)
        columns: dict[int, list[Point]] = {}
        for point in metric.points:
            nearest = (2 * (point.step - self.first) * (room - 1) + span) // (2 * span)
            columns.setdefault(nearest, []).append(point)
        return [self._place(column, points) for column, points in columns.items()]

    def _place(self, column: int, points: Sequence[Point]) -> Place:
        values = [point.value for point in points]
        step = fmean(point.step for point in points)
        span = self.last - self.first
        across = (step - self.first) / span if span else 0.5
        return Place(column, len(values), across, min(values), max(values), fmean(values))


def panels(results: Results) -> list[Panel]:
    """Return a panel for each loss, accuracy and reward; training and validation share one."""
    groups: dict[tuple[int, str], list[Metric]] = {}
    for metric in results.metrics:
        if metric.group in _GROUPS and metric.points:
            key = _GROUPS.index(metric.group), metric.measure
            groups.setdefault(key, []).append(metric)
    return [
        Panel(
            title=measure.capitalize(),
            metrics=tuple(sorted(metrics, key=lambda metric: _PARTS.index(metric.part))),
            ticks=_ticks([point.value for metric in metrics for point in metric.points]),
            first=results.first,
            last=results.last,
        )
        for (_, measure), metrics in sorted(groups.items(), key=lambda pair: pair[0][0])
    ]


def _ticks(values: Sequence[float]) -> tuple[float, ...]:
    """Return evenly spaced round values that enclose all values."""
    low, high = min(values), max(values)
    if high - low <= _FLAT * max(abs(low), abs(high)):
        middle = (low + high) / 2
        low, high = middle - abs(middle) / 10, middle + abs(middle) / 10
    if not high - low > sys.float_info.min:
        low, high = -1.0, 1.0
    power = 10 ** math.floor(math.log10((high - low) / _LINES))
    step = next(step * power for step in _STEPS if step * power * _LINES >= high - low)
    start, end = math.floor(low / step), math.ceil(high / step)
    return tuple(index * step for index in range(start, end + 1))


def label(value: float) -> str:
    """Return the label of a grid line."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:.3g}"
