"""The user's settings of a job, validated and as plain data for the rules on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ftlint.config.profile import Profile
from ftlint.core.errors import ConfigError

_BITS = 63
"""Maximum bits of an integer, which JSON writers can serialise."""


def needs_profile(choices: Mapping[str, Any]) -> bool:
    """Return whether a setting is given that the `job` table of the profile restricts."""
    return any(choices.get(key) is not None for key in ("hyperparameters", "seed", "tier"))


def settings(choices: Mapping[str, Any], profile: Profile) -> dict[str, Any]:
    """Return the given settings under their names in `ftlint.config.config.Choices`.

    `tier` has the `given` name, the profile's name for it (`found`, None for an unknown one), and
    the `known` names. `ranges` has the valid values of hyperparameters and `seed` by name, as in
    `schemas/profile.schema.json`. Raises `ConfigError` for values that JSON cannot represent.
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
    """Return the number of epochs if it is given.

    Raises `ConfigError` for two different numbers.
    """
    chosen: int | None = choices.get("epochs")
    given = (choices.get("hyperparameters") or {}).get("n_epochs")
    if type(given) is not int or given < 1:  # auto, or a fault for a rule to report
        return chosen
    if chosen is not None and chosen != given:
        words = f"epochs is {chosen}, the hyperparameter n_epochs {given}"
        raise ConfigError(f"{words}; leave one of them out")
    return given


def text(name: str, value: str) -> str:
    """Return a text of the user. Raises `ConfigError` for an empty one or invalid Unicode."""
    if value == "":
        raise ConfigError(f"{name} is empty; give one or leave it out")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        words = f"{name} is {value!a}, which is not UTF-8; write it in UTF-8"
        raise ConfigError(words) from error
    return value


def _value(name: str, value: object) -> int | float | str:
    """Return a value that JSON can represent. Raises `ConfigError` for any other."""
    if isinstance(value, str):
        return text(name, value)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _BITS:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ConfigError(f"{name} is {value!r}, which is not a valid number for a job; give another")
