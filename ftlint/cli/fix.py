"""`ftlint fix`: the same as `ftlint check --fix`."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.options import output_options, rule_options, run_options
from ftlint.cli.session import Session


@click.command("fix")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@rule_options
@run_options
@output_options
@click.option("--unsafe-fixes", is_flag=True, help="Also mend what may change the meaning.")
@click.option("--diff", is_flag=True, help="Show what would change; write nothing.")
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Mend what can be mended safely, then check.

    A file is replaced in one step, or left as it is. PATH is as for check.
    """
    return Session.of({**options, "fix": True}).run(paths)
