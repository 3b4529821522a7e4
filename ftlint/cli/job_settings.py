"""What a job is to be, as options of `launch` and `run`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from ftlint.cli.options import cost_option, options_of, token_options
from ftlint.cli.seconds import SECONDS

Value = int | float | str


class _Number(click.ParamType[Value]):
    """A number, or auto; what it may be is left to the rules."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Value:
        """Return a number where it is one."""
        return _value(str(value))


def _value(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _pairs(ctx: click.Context, param: click.Parameter, value: Iterable[str]) -> dict[str, Value]:
    """Read NAME=VALUE. Raises `click.BadParameter`."""
    found: dict[str, Value] = {}
    for pair in value:
        name, separator, text = pair.partition("=")
        if not name or not separator or not text:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE", ctx, param)
        if name in found and found[name] != _value(text):
            raise click.BadParameter(f"{name} is given twice; leave one of them out", ctx, param)
        found[name] = _value(text)
    return found


launch_options = options_of(
    token_options,
    cost_option,
    click.option("--suffix", metavar="TEXT", help="What the fine-tuned model's name ends in."),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        metavar="N",
        help="Always sent.  [default: one that follows from the job]",
    ),
    click.option(
        "--tier", metavar="NAME", help="The training tier, as in Standard, Global, Developer."
    ),
    click.option("--batch-size", type=_Number(), metavar="N", help="Examples of one step."),
    click.option(
        "--learning-rate", "learning_rate_multiplier", type=_Number(), metavar="X",
        help="The learning rate multiplier.",
    ),
    click.option(
        "--beta", type=_Number(), metavar="X", help="How close dpo stays to its model, as in 0.1."
    ),
    click.option(
        "--set",
        "more",
        metavar="NAME=VALUE",
        multiple=True,
        callback=_pairs,
        help="Another hyperparameter, as in compute_multiplier=1.5. May be given several times.",
    ),
    click.option("--again", is_flag=True, help="Start another job, though there is one like it."),
    click.option(
        "--reconcile-for",
        type=SECONDS,
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Where no answer comes, look for the job this long.",
    ),
    click.option("--yes", is_flag=True, help="Do it; without, nothing is sent."),
)  # fmt: skip
"""What the job is to be."""


def hyperparameters(options: Mapping[str, Any]) -> dict[str, Value]:
    """Return the hyperparameters that were given, by their names.

    Raises `click.UsageError` for one that is given twice, and not the same.
    """
    named = {name: options[name] for name in ("batch_size", "learning_rate_multiplier", "beta")}
    named["n_epochs"] = options["epochs"]
    given = {name: value for name, value in named.items() if value is not None}
    for name in given.keys() & options["more"].keys():
        if given[name] != options["more"][name]:
            words = f"{name} is given twice, as {given[name]} and --set {name}="
            raise click.UsageError(f"{words}{options['more'][name]}; leave one of them out")
    return {**options["more"], **given}
