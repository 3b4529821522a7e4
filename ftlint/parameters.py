"""The parameters of the job to start, as the user says them: plain data for the rules about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ftlint.profile import ConfigError, Profile

_BITS = 63
"""Integers of more bits are no number of a job, and JSON writers refuse them."""


def said(choices: Mapping[str, Any]) -> bool:
    """Tell whether a parameter is given that is held against what the profile says of jobs."""
    return any(choices.get(key) is not None for key in ("hyperparameters", "seed", "tier"))


def told(choices: Mapping[str, Any], profile: Profile) -> dict[str, Any]:
    """Return what is said of the job, under the names in `ftlint.config.Choices`; only that.

    `tier` becomes its name in the profile (`found`, None if there is none), as it was `given`, and
    the names that are `known`; `ranges` are what hyperparameters and `seed` may be, by name, as in
    `schemas/profile.schema.json`. Raises `ConfigError` for values that no JSON can hold.
    """
    job: dict[str, Any] = {}
    if (suffix := choices.get("suffix")) is not None:
        job["suffix"] = text("suffix", suffix)
    if given := choices.get("hyperparameters"):
        job["hyperparameters"] = {
            text("hyperparameter", name): _value(name, value) for name, value in given.items()
        }
    if (seed := choices.get("seed")) is not None:
        job["seed"] = _value("seed", seed)
    if not job.keys().isdisjoint(("hyperparameters", "seed")) and "seed" in profile.job:
        job["ranges"] = {**profile.job["hyperparameters"], "seed": profile.job["seed"]}
    if (tier := choices.get("tier")) is not None:
        known = list(profile.job.get("tiers", {}))
        name = text("tier", tier)
        job["tier"] = {"given": name, "found": profile.tier(name), "known": known}
    if choices.get("launching"):
        job["launching"] = True
    return job


def epochs(choices: Mapping[str, Any]) -> int | None:
    """Return how often the job goes over the data, if that is said.

    Raises `ConfigError` where it is said twice, and not the same.
    """
    chosen: int | None = choices.get("epochs")
    given = (choices.get("hyperparameters") or {}).get("n_epochs")
    if type(given) is not int or given < 1:  # auto, or what a rule will speak of
        return chosen
    if chosen is not None and chosen != given:
        words = f"epochs is {chosen}, the hyperparameter n_epochs {given}"
        raise ConfigError(f"{words}; leave one of them out")
    return given


def text(what: str, value: str) -> str:
    """Return a text of the user's. Raises `ConfigError` where it is empty or not UTF-8."""
    if value == "":
        raise ConfigError(f"{what} is empty; name one, or leave it out")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        words = f"{what} is {value!a}, which is not UTF-8; write its name in that"
        raise ConfigError(words) from error
    return value


def _value(name: str, value: object) -> int | float | str:
    """Return a value that JSON can hold. Raises `ConfigError` for any other."""
    if isinstance(value, str):
        return text(name, value)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _BITS:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ConfigError(f"{name} is {value!r}, which is no number that a job can have; give another")
