"""`ftlint fix`: the same as `ftlint check --fix`."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.commands.check import FixOptions, Run, choices_of, execute
from ftlint.cli.options import ReportOptions, RuleOptions
from ftlint.cli.params import takes
from ftlint.config.config import resolve
from ftlint.rules import load_rules


@click.command("fix")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@takes(RuleOptions, ReportOptions, FixOptions)
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Fix what can be fixed safely, then check.

    A file is replaced atomically, or not changed; it keeps its permissions. PATH is as for check.
    """
    rules, output = RuleOptions.of(given), ReportOptions.of(given)
    config = resolve(load_rules(), **choices_of(rules, output))
    return execute(Run(paths, config, rules, FixOptions.of(given), output))
