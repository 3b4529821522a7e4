"""Output of `ftlint jobs results`: a table, remarks and plots, as text, HTML and SVG."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from ftlint.core.text import plain, sanitize
from ftlint.reporters import Style
from ftlint.reporters.draw.histogram_svg import number
from ftlint.reporters.draw.line_svg import drawings
from ftlint.reporters.draw.line_text import plot
from ftlint.reporters.draw.series import panels
from ftlint.reporters.draw.tables import columns
from ftlint.reporters.summary import paint, plural
from ftlint.training.remarks import Remark, figure, remarks
from ftlint.training.results import Metric, Results
from ftlint.version import __version__

if TYPE_CHECKING:
    from jinja2 import Environment

_NUMBERS, _LEAST_NAME = 50, 16
"""Widths in cells: of the numbers in the table, and at least of a name."""


def to_dict(results: Results) -> dict[str, Any]:
    """Return plain data for JSON: `Results.to_dict` and the remarks."""
    return {**results.to_dict(), "remarks": [remark._asdict() for remark in remarks(results)]}


def render(results: Results, style: Style) -> Iterator[str]:
    """Yield a table, the remarks and a plot for each loss, accuracy and reward."""
    span = f"step {results.first:,} to {results.last:,}"
    yield f"{plural(results.rows, 'row')}, {span}"
    yield ""
    yield from columns(_table(results, style))
    if results.texts:
        yield f"  without numbers: {sanitize(', '.join(results.texts))}"
    for remark in remarks(results):
        yield ""
        yield _remark(remark, style)
    for panel in panels(results):
        yield ""
        yield from plot(panel, style)


def _table(results: Results, style: Style) -> list[list[str]]:
    heads = ["metric", "values", "first", "last", "best", "at step"]
    return [heads, *(_row(metric, style) for metric in results.metrics)]


def _row(metric: Metric, style: Style) -> list[str]:
    name = plain(metric.name, max(style.width - _NUMBERS, _LEAST_NAME))
    if not metric.points:
        return [name, "0"]
    ends = [figure(metric.points[index].value) for index in (0, -1)]
    best = [figure(metric.best.value), f"{metric.best.step:,}"] if metric.best else []
    return [name, f"{len(metric.points):,}", *ends, *best]


def _remark(remark: Remark, style: Style) -> str:
    return f"{paint(remark.severity, remark.severity, style)}: {sanitize(remark.message)}"


def page(results: Results, title: str) -> Iterator[str]:
    """Yield the lines of a self-contained HTML page without scripts."""
    from ftlint.reporters.draw.pages import lines, stylesheet  # noqa: PLC0415 - Jinja is for pages

    template = _environment().get_template("results.html.j2")
    yield from lines(
        template.generate(
            title=title,
            results=results,
            remarks=remarks(results),
            panels=drawings(results),
            version=__version__,
            **stylesheet("report.css", "curves.css"),
        )
    )


def svg(results: Results) -> str:
    """Return the plots as an SVG image, 720 pixels wide."""
    from ftlint.reporters.draw.pages import stylesheet  # noqa: PLC0415 - as above

    drawn = drawings(results)
    height = sum(drawing.height for drawing in drawn) + 24 if drawn else 48
    offsets = [24 + sum(each.height for each in drawn[:end]) for end in range(len(drawn))]
    template = _environment().get_template("results.svg.j2")
    return template.render(
        panels=zip(offsets, drawn, strict=True), height=height, **stylesheet("curves.css")
    )


@cache
def _environment() -> Environment:
    from ftlint.reporters.draw.pages import environment  # noqa: PLC0415 - as above

    return environment(number=number, figure=figure)
