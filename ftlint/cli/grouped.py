"""Help in sections, for commands with many options."""

from __future__ import annotations

from collections.abc import Sequence

import click

_SECTIONS = {
    "The job": (
        *("yes", "model", "epochs", "suffix", "seed", "tier", "batch_size"),
        *("learning_rate_multiplier", "beta", "more", "grader", "response_format", "again"),
        *("max_cost", "prices"),
    ),
    "The service": (
        *("profile", "endpoint", "api_version", "route", "container", "no_resume"),
        *("verify_remote", "patience", "poll", "timeout", "reconcile_for", "state"),
    ),
    "The check": (
        *("validation", "receipt", "method", "select", "ignore", "extend_select", "strict"),
        *("jobs", "range_size", "engine", "scheduler"),
    ),
}
"""Options by what they are about, in the order in which they are shown; the rest comes last."""


class Grouped(click.Command):
    """A command whose options are shown by what they are about."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of each section that has any."""
        params = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        left = {param.name: param for param in params}
        for title, names in _SECTIONS.items():
            _write(title, [left.pop(name) for name in names if name in left], ctx, formatter)
        _write("Output", list(left.values()), ctx, formatter)


def _write(
    title: str,
    params: Sequence[click.Parameter],
    ctx: click.Context,
    formatter: click.HelpFormatter,
) -> None:
    records = [record for param in params if (record := param.get_help_record(ctx))]
    if records:
        with formatter.section(title):
            formatter.write_dl(records)
