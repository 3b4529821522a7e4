"""The numbers behind plots over the steps of a job, for the terminal and for SVG.

A plot has room for fewer places than a long job has steps. The steps of a place are told by their
lowest value, their highest and their mean: a peak of a single step is seen.
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
"""Spaces between lines of the grid that are aimed at."""

_FLAT = 1e-4
"""Values that differ by less than this part of them are drawn as one."""


class Place(NamedTuple):
    """The values that fall on a place of a plot.

    `column` counts places from 0, `across` is where the steps are on average, 0 to 1, and `total`
    how many values there are.
    """

    column: int
    total: int
    across: float
    low: float
    high: float
    mean: float


class Panel(NamedTuple):
    """Metrics that are drawn in one plot, over the same steps as those of other panels.

    `ticks` are the values at the lines of the grid, from the lowest to the highest.
    """

    title: str
    metrics: tuple[Metric, ...]
    ticks: tuple[float, ...]
    first: int
    last: int

    def height(self, value: float) -> float:
        """Return where a value stands, from 0, at the first tick, to 1, at the last."""
        low, high = self.ticks[0], self.ticks[-1]
        return (value - low) / (high - low)

    def places(self, metric: Metric, room: int) -> list[Place]:
        """Thin a metric to `room` places; the first and the last step are at its ends."""
        span = max(self.last - self.first, 1)
        found: dict[int, list[Point]] = {}
        for point in metric.points:
            nearest = (2 * (point.step - self.first) * (room - 1) + span) // (2 * span)
            found.setdefault(nearest, []).append(point)
        return [self._place(column, points) for column, points in found.items()]

    def _place(self, column: int, points: Sequence[Point]) -> Place:
        values = [point.value for point in points]
        step = fmean(point.step for point in points)
        span = self.last - self.first
        across = (step - self.first) / span if span else 0.5
        return Place(column, len(values), across, min(values), max(values), fmean(values))


def panels(results: Results) -> list[Panel]:
    """Return a panel for each loss, accuracy and reward; training and validation share one."""
    found: dict[tuple[int, str], list[Metric]] = {}
    for metric in results.metrics:
        if metric.group in _GROUPS and metric.points:
            key = _GROUPS.index(metric.group), metric.measure
            found.setdefault(key, []).append(metric)
    return [
        Panel(
            title=measure.capitalize(),
            metrics=tuple(sorted(metrics, key=lambda metric: _PARTS.index(metric.part))),
            ticks=_ticks([point.value for metric in metrics for point in metric.points]),
            first=results.first,
            last=results.last,
        )
        for (_, measure), metrics in sorted(found.items(), key=lambda pair: pair[0][0])
    ]


def _ticks(values: Sequence[float]) -> tuple[float, ...]:
    """Return round values, evenly spaced, that all values are between."""
    low, high = min(values), max(values)
    if high - low <= _FLAT * max(abs(low), abs(high)):
        middle = (low + high) / 2
        low, high = middle - abs(middle) / 10, middle + abs(middle) / 10
    if not high - low > sys.float_info.min:
        low, high = -1.0, 1.0
    power = 10 ** math.floor(math.log10((high - low) / _LINES))
    step = next(step * power for step in _STEPS if step * power * _LINES >= high - low)
    start, end = math.floor(low / step), math.ceil(high / step)
    return tuple(place * step for place in range(start, end + 1))


def label(value: float) -> str:
    """Write a value at a line of the grid."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:.3g}"
