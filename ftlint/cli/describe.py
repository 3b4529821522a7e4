"""One pass over data that applies no rules, for `ftlint tokens` and `ftlint stats`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Protocol, Unpack, cast

from ftlint.cli.execution import run_check
from ftlint.cli.options import METHOD, NO_PROGRESS, OUTPUT_FORMAT, PROFILE, WorkOptions, style
from ftlint.cli.output import Output, say
from ftlint.cli.params import option_class
from ftlint.config.config import Choices, resolve
from ftlint.core.errors import PASSED, UNUSABLE
from ftlint.core.report import TOKENS, Report
from ftlint.core.text import sanitize
from ftlint.reporters import Style
from ftlint.reporters.formats.json_ import document
from ftlint.rules import load_rules

_RULES = ("limits", "line-too-long")
"""Rules that stay in force: they limit the length of a line, and the size of a job."""


@option_class
class SurveyOptions(WorkOptions):
    """What the data is for, and how statistics are printed."""

    profile: str = PROFILE
    method: str | None = METHOD
    no_progress: bool = NO_PROGRESS
    output_format: str = OUTPUT_FORMAT


def survey(
    paths: Iterable[str], work: WorkOptions, *, progress: bool, **choices: Unpack[Choices]
) -> Report:
    """Read inputs once; say on standard error how many lines hold no example."""
    chosen: Choices = {**choices, "select": _RULES, "max_findings": 1}
    report = run_check(paths, resolve(load_rules(), **chosen), work, progress=progress)
    for entry in report.inputs:
        counts = report.statistics.get(entry.path, {}).get(TOKENS, {})
        broken = entry.lines - counts.get("examples", entry.examples)
        if broken:
            lines = f"{broken:,} of {entry.lines:,} lines"
            words = f"{sanitize(entry.path)}: {lines} not counted, for they hold no example"
            say(f"{words}; see ftlint check")
    return report


class Presenter(Protocol):
    """What a module of `ftlint.reporters` offers that shows statistics."""

    def to_dict(self, report: Report) -> dict[str, Any]:
        """Return plain data for JSON."""

    def render(self, report: Report, style: Style) -> Iterator[str]:
        """Yield lines of text."""


def show(report: Report, output_format: str, name: str) -> int:
    """Print statistics by the reporter module of that name; return the exit code."""
    presenter = cast("Presenter", import_module(f"ftlint.reporters.{name}"))
    if output_format == "json":
        Output("json", None).write(lambda _: document(presenter.to_dict(report)))
    else:
        render = presenter.render
        Output("text", None).write(
            lambda stream: render(report, style("auto", 0, stream)), painted=True
        )
    return UNUSABLE if report.errors else PASSED
