"""Rules on the suffix, hyperparameters, seed and training tier of a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ftlint.core.errors import nearest
from ftlint.core.finding import Hit
from ftlint.core.rule import Options
from ftlint.core.text import show
from ftlint.rules.declare import rule
from ftlint.rules.events import Event
from ftlint.rules.job.model_and_method import Job

_SUFFIX = "my-model"


@rule("invalid-suffix", severity="error", on=Event.JOB, tags=["limits"], cases={"long": "warning"},
      options={"maximum": int, "recommended": int, "characters": str})  # fmt: skip
def invalid_suffix(job: Job, options: Options) -> Iterator[Hit]:
    """The suffix of a fine-tuned model is one that the service takes.

    The suffix becomes part of the model's name. Azure's API description: "up to 40 characters
    (a-z, A-Z, 0-9, - and _)"; its pages on the portal name 18, so more are a warning there
    (`long`). OpenAI's API description names 64, Together's client 40.
    """
    suffix: str | None = job.get("suffix")
    if suffix is None:
        return
    size = len(suffix)
    most, fewer = options.get("maximum", size), options.get("recommended", size)
    allowed = options.get("characters", suffix)
    others = "".join(dict.fromkeys(letter for letter in suffix if letter not in allowed))
    help = f"choose one like {show(_fitting(suffix, allowed, min(most, fewer)))}"  # noqa: A001 - as in Hit
    named = f"suffix {show(suffix)}"
    if others:
        yield Hit(None, f"{named} holds {show(others)}, which the service does not take", help=help)
    if size > most:
        yield Hit(None, f"{named} has {size:,} characters, the service takes {most:,}", help=help)
    elif size > fewer:
        message = f"{named} has {size:,} characters, of which the portal takes {fewer:,}"
        yield Hit(None, message, help=help, case="long")


def _fitting(suffix: str, allowed: str, most: int) -> str:
    """Return a suffix similar to the one given, in the allowed characters."""
    letters = (letter if letter in allowed else "-" for letter in suffix)
    words = "".join(letters)[:most].strip("-_ ")
    return words or _SUFFIX[:most]


@rule("hyperparameter-out-of-range", severity="error", on=Event.JOB, tags=["limits"],
      cases={"unusual": "info", "outdated": "warning"})  # fmt: skip
def hyperparameter_out_of_range(job: Job, options: Options) -> Iterator[Hit]:
    """Each hyperparameter, and the seed, is one of the method and in the range of the service.

    OpenAI's API description has the ranges; Azure's guides the same ones, as far as they name any:
    `job.hyperparameters` of the profile (`ftlint profile azure`) has them, with the sources.
    `auto` lets the service choose: on Azure, where it is no value, it means that nothing is sent,
    which is how the portal's -1 is written here. The method has hyperparameters of its own: beta
    is for dpo alone. A learning rate multiplier outside of what Azure's guide (0.02 to 0.2) and
    Microsoft's skill (0.1 to 2.0) recommend is told as `unusual`; prompt_loss_weight, of Azure's
    older examples, as `outdated`.
    """
    ranges = job.get("ranges")
    if ranges is None:
        return
    known = [name for name in ranges if name != "seed"]
    for name, value in job.get("hyperparameters", {}).items():
        if name in known:
            yield from _judge(name, value, ranges[name], job["method"])
            continue
        near = nearest(name, known)
        help = f"did you mean {near}?" if near else f"known: {', '.join(known)}"  # noqa: A001 - as in Hit
        yield Hit(None, f"unknown hyperparameter {show(name)}", help=help)
    if "seed" in job:
        yield from _judge("seed", job["seed"], ranges["seed"], job["method"])


def _judge(
    name: str, value: float | str, table: Mapping[str, Any], method: str | None
) -> Iterator[Hit]:
    """Compare a value with its range in the profile (`schemas/profile.schema.json`)."""
    methods = table.get("methods", [method])
    if method is not None and method not in methods:
        words = f"{name} is for {' and '.join(methods)}, the method of the job is {method}"
        yield Hit(None, words, help="leave it out")
        return
    if value == "auto" and table.get("auto"):
        return
    if not _within(value, table):
        words = f"{name} is {show(value)}, expected {_expected(table)}"
        chosen = "leave it out, or give auto, to let the service choose"
        yield Hit(None, words, help=chosen if table.get("auto") else None)
    elif table.get("outdated"):
        words = f"{name} is of older examples, and no part of the service's description"
        yield Hit(None, words, help="leave it out", case="outdated")
    elif "recommended" in table and not isinstance(value, str):
        least, most = table["recommended"]
        if not least <= value <= most:
            words = f"{name} is {show(value)}; recommended are {least} to {most}"
            yield Hit(None, words, case="unusual")


def _within(value: float | str, table: Mapping[str, Any]) -> bool:
    if "enum" in table:
        return value in table["enum"]
    if isinstance(value, str) or (table["type"] == "integer" and isinstance(value, float)):
        return False
    if "exclusiveMinimum" in table and value <= table["exclusiveMinimum"]:
        return False
    return bool(table.get("minimum", value) <= value <= table.get("maximum", value))


def _expected(table: Mapping[str, Any]) -> str:
    """Return a range in words."""
    if "enum" in table:
        return f"one of {', '.join(table['enum'])}"
    words = "an integer" if table["type"] == "integer" else "a number"
    least, above, most = (table.get(key) for key in ("minimum", "exclusiveMinimum", "maximum"))
    if least is not None and most is not None:
        return f"{words} from {_number(least)} to {_number(most)}"
    bounds = []
    if least is not None:
        bounds.append(f"of at least {_number(least)}")
    if above is not None:
        bounds.append(f"above {_number(above)}")
    if most is not None:
        bounds.append(f"at most {_number(most)}")
    return f"{words} {', '.join(bounds)}" if bounds else words


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else show(value)


@rule("unknown-training-tier", severity="error", on=Event.JOB, tags=["limits"])
def unknown_training_tier(job: Job, options: Options) -> Iterator[Hit]:
    """The training tier is one that the service offers.

    Azure trains in three: Standard, Global and Developer, which differ in price and in where the
    data may go; OpenAI in none. The names that Azure's API has for them (globalStandard,
    developerTier) will do too, in whatever case. The service: "The specified base model ... does
    not support fine-tuning with Standard TrainingType."; which model is offered in which tier is
    not documented in one place, and not checked.
    """
    tier = job.get("tier")
    if tier is None or tier["found"] is not None:
        return
    if not tier["known"]:
        words = f"training tier {show(tier['given'])} is given, and the service has none"
        yield Hit(None, words, help="leave it out")
        return
    near = nearest(tier["given"], tier["known"])
    message = f"training tier {show(tier['given'])} is none of {', '.join(tier['known'])}"
    yield Hit(None, message, help=f"did you mean {near}?" if near else None)
