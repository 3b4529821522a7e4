"""`ftlint stats`: what the data looks like."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.describe import SurveyOptions, show, survey
from ftlint.cli.params import takes


@click.command("stats")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@takes(SurveyOptions)
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Describe data: roles, sizes, prompts, answers, tools, images, scripts.

    PATH is as for check. No rule is applied: lines without an example are skipped and reported.
    """
    options = SurveyOptions.of(given)
    report = survey(paths, options, progress=not options.no_progress, profile=options.profile,
                    method=options.method, statistics=True)  # fmt: skip
    return show(report, options.output_format, "statistics")
