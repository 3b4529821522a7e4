"""`ftlint tokens`: how many tokens, which examples are too long, what training costs."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.describe import SurveyOptions, show, survey
from ftlint.cli.options import MODEL, TokenOptions
from ftlint.cli.params import option_class, takes


@option_class
class _Options(SurveyOptions):
    """What the data is for, and the model that it trains."""

    model: str | None = MODEL


@click.command("tokens")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@takes(_Options, TokenOptions)
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Count tokens offline: in total, per example and role; and what training on them costs.

    PATH is as for check. No rule is applied: lines without an example are skipped and reported.
    """
    options, tokens = _Options.of(given), TokenOptions.of(given)
    report = survey(paths, options, progress=not options.no_progress, profile=options.profile,
                    method=options.method, model=options.model, tokens="exact",
                    epochs=tokens.epochs, prices=tokens.prices)  # fmt: skip
    return show(report, options.output_format, "tokens")
