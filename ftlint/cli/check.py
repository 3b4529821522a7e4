"""`ftlint check`: what is wrong with training data, and where."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.options import (
    cost_option,
    document_options,
    output_options,
    rule_options,
    run_options,
    token_options,
)
from ftlint.cli.session import Session
from ftlint.config import TOKENS


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@rule_options
@click.option(
    "--tokens",
    type=click.Choice(TOKENS),
    help="Count tokens: of no example, of those that may be too long for the model, or of all.  "
    "[default: limit; exact with --max-cost and for html]",
)
@cost_option
@token_options
@run_options
@output_options
@click.option("--fix", is_flag=True, help="Mend what can be mended safely, then check.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix, also what may change the meaning.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; write nothing.")
@document_options
@click.option(
    "--receipt",
    metavar="PATH",
    help="Where everything passes, write down what did: upload and launch take no other bytes.",
)
@click.option("--check-urls", is_flag=True, help="Try the URLs of images, over the network.")
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Check files and say what a service would reject, drop or learn badly from.

    PATH is a file, a directory (its *.jsonl and *.ndjson), a glob, a URL (https://, az://, s3://)
    or - for standard input. What is compressed (.gz, .zst) is checked as what it holds.
    """
    return Session.of(options).run(paths)
