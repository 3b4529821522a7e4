"""`ftlint stats`: what the data looks like."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.options import survey_options
from ftlint.cli.survey import show, survey


@click.command("stats")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@survey_options
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Describe data: roles, sizes, prompts, answers, tools, images, scripts.

    PATH is as for check. Nothing is judged: lines that are no examples are left out, and said.
    """
    report = survey(paths, options, statistics=True)
    return show(report, options["output_format"], "statistics")
