"""What `ftlint tokens` and `ftlint stats` have in common: one pass that judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol, cast

import click

from ftlint.cli import PASSED, UNUSABLE
from ftlint.cli.options import style
from ftlint.cli.output import Output
from ftlint.cli.work import Work, tell_errors
from ftlint.config import resolve
from ftlint.locate import sanitize
from ftlint.registry import RULES
from ftlint.report import Report
from ftlint.reporters import Style
from ftlint.reporters.json_ import document
from ftlint.tally import TOKENS

_RULES = ("limits", "line-too-long")
"""Rules that stay in force: they say what a line may measure, and what a job may."""


def survey(paths: Iterable[str], options: Mapping[str, Any], **choices: Any) -> Report:
    """Read inputs once, as `choices` (see `ftlint.config.Choices`) ask, and tell what failed."""
    config = resolve(
        RULES,
        profile=options["profile"],
        method=options["method"],
        model=options.get("model"),
        select=_RULES,
        max_findings=1,
        **choices,
    )
    report = Work.of(options).check(paths, config)
    tell_errors(report)
    for entry in report.inputs:
        told = report.statistics.get(entry.path, {}).get(TOKENS, {})
        broken = entry.lines - told.get("examples", entry.examples)
        if broken:
            lines = f"{broken:,} of {entry.lines:,} lines"
            words = f"{sanitize(entry.path)}: {lines} not counted, for they hold no example"
            click.echo(f"{words}; see ftlint check", err=True)
    return report


class Picture(Protocol):
    """What a module offers that tells what was found."""

    def to_dict(self, report: Report) -> dict[str, Any]:
        """Return plain data for JSON."""

    def render(self, report: Report, style: Style) -> Iterator[str]:
        """Yield it as text."""


def show(report: Report, output_format: str, name: str) -> int:
    """Print what was found, by the module of that name; return the exit code."""
    picture = cast("Picture", import_module(f"ftlint.reporters.{name}"))
    if output_format == "json":
        Output("json", None).write(lambda _: document(picture.to_dict(report)))
    else:
        Output("text", None).write(lambda stream: picture.render(report, style("auto", 0, stream)))
    return UNUSABLE if report.errors else PASSED
