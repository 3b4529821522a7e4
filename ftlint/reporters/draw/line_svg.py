"""Plots over the steps of a job, as what an SVG is made of.

Curves lie in a square of 1000 by 1000 units that is stretched to the room there is; what stands
beside them is placed in pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ftlint.reporters.draw.series import Panel, Place, label, panels
from ftlint.training.remarks import figure
from ftlint.training.results import Metric, Results

_ROOM = 320
"""Places across: at 390 to 720 pixels, one or two pixels each."""

_MOST_DOTS = 60
"""Values that are marked singly."""

_KINDS = 3
_TOP, _TALL = 14, 164
"""Where the square begins, and its height, in pixels: as in `report/curves.html.j2`."""

_AROUND, _LINE = 254, 18
"""Pixels of a plot with title and space in an image, and of each name above it."""


class Curve(NamedTuple):
    """A metric: the paths of its mean, of the band from lowest to highest, and of its values.

    `kind`, from 0, is how it is drawn; a band or dots that are not drawn are empty.
    """

    name: str
    kind: int
    line: str
    band: str
    dots: str


class Tick(NamedTuple):
    """A line of the grid: its height from the top in pixels, and its label."""

    y: float
    text: str


class Drawing(NamedTuple):
    """A plot; `most` is how many values share a place, `words` tell of it without a picture."""

    title: str
    words: str
    curves: tuple[Curve, ...]
    ticks: tuple[Tick, ...]
    first: int
    last: int
    most: int

    @property
    def height(self) -> int:
        """Pixels that the plot takes of an image, with its title and names."""
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
            _curve(panel, metric, places, at % _KINDS) for at, (metric, places) in enumerate(placed)
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
    # A single value has no line to it, whatever its kind.
    dotted = len(places) == 1 or (kind and len(metric.points) <= _MOST_DOTS)
    return Curve(
        name=metric.name,
        kind=kind,
        line=path(means),
        band=path([*above, *reversed(below)]) + "Z" if banded else "",
        dots=path(means, join="M", end="h0") if dotted else "",
    )
