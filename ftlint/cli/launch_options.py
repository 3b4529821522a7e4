"""The settings of the job to start, as options of `launch` and `run`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import click

from ftlint.cli.options import CostOptions
from ftlint.cli.params import JOB, SERVICE, option, option_class, seconds
from ftlint.config.config import Choices

Value = int | float | str


class _Number(click.ParamType[Value]):
    """A number, or auto; which values are valid is left to the rules."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Value:
        """Return a number if it is one, else the text."""
        return _value(str(value))


def _value(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _pairs(ctx: click.Context, param: click.Parameter, value: Iterable[str]) -> dict[str, Value]:
    """Parse NAME=VALUE. Raises `click.BadParameter`."""
    pairs: dict[str, Value] = {}
    for pair in value:
        name, separator, text = pair.partition("=")
        if not name or not separator or not text:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE", ctx, param)
        if name in pairs and pairs[name] != _value(text):
            raise click.BadParameter(f"{name} is given twice; leave one of them out", ctx, param)
        pairs[name] = _value(text)
    return pairs


_job_option = partial(option, section=JOB)
_number = partial(_job_option, type=_Number())


@option_class
class JobOptions(CostOptions):
    """What the job is to be, and whether it is started."""

    yes: bool = _job_option("Send the requests; without --yes they are only shown.", is_flag=True)
    suffix: str | None = _job_option("Suffix of the fine-tuned model's name.", metavar="TEXT")
    seed: int | None = _job_option("Seed; always sent.  [default: derived from the job]",
                                   type=click.IntRange(min=0), metavar="N")  # fmt: skip
    tier: str | None = _job_option("Training tier, as in Standard, Global, Developer.",
                                   metavar="NAME")  # fmt: skip
    batch_size: Value | None = _number("Examples per training step.", metavar="N")
    learning_rate_multiplier: Value | None = _number("Learning rate multiplier.", "--learning-rate",
                                                     metavar="X")  # fmt: skip
    beta: Value | None = _number("DPO beta: weight of staying close to the base model, as in 0.1.",
                                 metavar="X")  # fmt: skip
    more: Mapping[str, Value] = _job_option(
        "Another hyperparameter, as in compute_multiplier=1.5. Repeatable.", "--set",
        metavar="NAME=VALUE", multiple=True, callback=_pairs)  # fmt: skip
    again: bool = _job_option("Start another job even if an equal one exists.", is_flag=True)
    reconcile_for: float = seconds("If no answer comes, look for the job this long.",
                                   section=SERVICE, default=60.0)  # fmt: skip

    def hyperparameters(self) -> dict[str, Value]:
        """Return the hyperparameters that are given, by name.

        Raises `click.UsageError` for one that is given twice with different values.
        """
        named = {
            "batch_size": self.batch_size,
            "learning_rate_multiplier": self.learning_rate_multiplier,
            "beta": self.beta,
            "n_epochs": self.epochs,
        }
        given = {name: value for name, value in named.items() if value is not None}
        for name in given.keys() & self.more.keys():
            if given[name] != self.more[name]:
                words = f"{name} is given twice, as {given[name]} and --set {name}="
                raise click.UsageError(f"{words}{self.more[name]}; leave one of them out")
        return {**self.more, **given}

    def choices(self) -> Choices:
        """Return these settings as `ftlint.config.config.resolve` takes them."""
        return {
            "hyperparameters": self.hyperparameters(), "suffix": self.suffix, "seed": self.seed,
            "tier": self.tier, "epochs": self.epochs, "prices": self.prices,
            "max_cost": self.max_cost, "tokens": "exact", "launching": True,
        }  # fmt: skip
