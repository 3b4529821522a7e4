"""Layout of plots over the steps of a job in SVG.

Curves lie in a square of 1000 by 1000 units, stretched to the available width and height; labels
are positioned in pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ftlint.reporters.draw.series import Panel, Place, label, panels
from ftlint.training.remarks import figure
from ftlint.training.results import Metric, Results

_ROOM = 320
"""Horizontal resolution: at 390 to 720 pixels, one or two pixels each."""

_MOST_DOTS = 60
"""Maximum values to mark with dots."""

_KINDS = 3
_TOP, _TALL = 14, 164
"""Top and height of the square in pixels, as in `report/curves.html.j2`."""

_AROUND, _LINE = 254, 18
"""Height in pixels of a plot with title and margins, and of each line of the legend."""


class Curve(NamedTuple):
    """A metric: SVG paths of the mean, of the band from minimum to maximum, and of the values.

    `kind` (0-based) selects the style; paths that are not drawn are empty.
    """

    name: str
    kind: int
    line: str
    band: str
    dots: str


class Tick(NamedTuple):
    """A grid line: its distance from the top in pixels, and its label."""

    y: float
    text: str


class Drawing(NamedTuple):
    """A plot; `most` is the maximum of values per column, `words` the text alternative."""

    title: str
    words: str
    curves: tuple[Curve, ...]
    ticks: tuple[Tick, ...]
    first: int
    last: int
    most: int

    @property
    def height(self) -> int:
        """Height of the plot in pixels, with title and legend."""
        return _AROUND + _LINE * len(self.curves)


def drawings(results: Results) -> list[Drawing]:
    """Return a drawing for each loss, accuracy and reward."""
    return [_drawing(panel) for panel in panels(results)]


def _drawing(panel: Panel) -> Drawing:
    placed = [(metric, panel.places(metric, _ROOM)) for metric in panel.metrics]
    return Drawing(
        title=panel.title,
        words="; ".join(_described(metric) for metric in panel.metrics),
        curves=tuple(
            _curve(panel, metric, places, index % _KINDS)
            for index, (metric, places) in enumerate(placed)
        ),
        ticks=tuple(
            Tick(round(_TOP + _TALL * (1 - panel.height(tick)), 1), label(tick))
            for tick in panel.ticks
        ),
        first=panel.first,
        last=panel.last,
        most=max(place.total for _, places in placed for place in places),
    )


def _described(metric: Metric) -> str:
    first, last = metric.points[0], metric.points[-1]
    return f"{metric.name} {figure(first.value)} at first, {figure(last.value)} at last"


def _curve(panel: Panel, metric: Metric, places: Sequence[Place], kind: int) -> Curve:
    def path(pairs: Iterable[tuple[float, float]], *, join: str = "L", end: str = "") -> str:
        spots = (f"{1000 * x:.1f} {1000 * (1 - panel.height(y)):.1f}{end}" for x, y in pairs)
        return "M" + join.join(spots)

    means = [(place.across, place.mean) for place in places]
    above = [(place.across, place.high) for place in places]
    below = [(place.across, place.low) for place in places]
    banded = any(place.total > 1 for place in places)
    # A single value has no line in any style.
    dotted = len(places) == 1 or (kind and len(metric.points) <= _MOST_DOTS)
    return Curve(
        name=metric.name,
        kind=kind,
        line=path(means),
        band=path([*above, *reversed(below)]) + "Z" if banded else "",
        dots=path(means, join="M", end="h0") if dotted else "",
    )
