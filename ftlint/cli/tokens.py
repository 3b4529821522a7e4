"""`ftlint tokens`: how many tokens, which examples are too long, what training costs."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.options import model_option, survey_options, token_options
from ftlint.cli.survey import show, survey


@click.command("tokens")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@model_option
@token_options
@survey_options
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Count tokens, offline: in all, per example and role, and what training on them costs.

    PATH is as for check. Nothing is judged: lines that are no examples are left out, and said.
    """
    report = survey(
        paths, options, tokens="exact", epochs=options["epochs"], prices=options["prices"]
    )
    return show(report, options["output_format"], "tokens")
