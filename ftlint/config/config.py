"""From a profile and the user's choices to a `Config`: which rules are in force, and how.

The known rules come in as an argument, so that this module depends on none of them.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple, TypedDict, Unpack

import orjson

from ftlint.config import documents, job_settings, models
from ftlint.config.prices import read_prices
from ftlint.config.profile import NOT_OPTIONS, Profile, load_profile
from ftlint.core.errors import ConfigError, unknown
from ftlint.core.finding import Severity
from ftlint.core.rule import Options, Rule
from ftlint.formats.data_format import METHODS

DEFAULT_PROFILE = "azure"
MAX_FINDINGS = 100
"""Findings kept for one rule and input, unless asked otherwise."""

_MOST_EPOCHS = 100_000_000
"""Far more than any service takes (Azure and OpenAI: 50); tokens times these fit 64 bits."""

TOKENS = ("off", "limit", "exact")
"""How tokens are counted: not at all, where an example may be too long, or all of them."""


class Config(NamedTuple):
    """All that decides a verdict.

    `levels` holds only what is in force after select and ignore; `off` what the profile does not
    know as a fault, `options` the limits of each rule. `job` is what the user says of the job, as
    plain data: `method`; `model` (see `ftlint.config.models.find`); `profile`, the service;
    `validation`, whether there is a file to validate with (its path is `validation` here); `today`,
    the day (ISO) to compare with, if it was given; `check_urls`, if URLs are to be tried; `tokens`,
    how they are counted, and `epochs`, `max_cost` (with `prices`) if they were given; what
    `ftlint.config.job_settings` makes of the parameters of the job; and what
    `ftlint.config.documents.described` tells of the `documents`, a grader and a response format as
    they were read. Rules that name an entry in their `job` find it in their options. `statistics`
    says whether the data is described besides.
    """

    profile: str
    method: str | None
    strict: bool
    max_findings: int
    levels: Mapping[str, Severity]
    off: frozenset[str]
    options: Mapping[str, Options]
    job: Mapping[str, Any]
    validation: str | None = None
    documents: tuple[documents.Document, ...] = ()
    statistics: bool = False

    @property
    def rules_digest(self) -> str:
        """SHA-256 of the rule levels and options in force, in hexadecimal."""
        return _digest({"levels": dict(self.levels), "options": self.options})

    @property
    def digest(self) -> str:
        """SHA-256 of everything here that can change a verdict, in hexadecimal."""
        return _digest(
            {
                "profile": self.profile,
                "method": self.method,
                "strict": self.strict,
                "rules": self.rules_digest,
                "off": sorted(self.off),
                "job": dict(self.job),
            }
        )


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


class Choices(TypedDict, total=False):
    """What a user chooses for a check, by name.

    `profile` is a name or the path of a TOML file, `method` the training method, `model` the base
    model, `validation` the path of the file to validate with; `grader` and `response_format` are
    the paths of the documents of a reinforcement job, which are checked too. `select`, `ignore`
    and `extend_select` take rule ids, `rule.case`, tags and `ALL`; the more specific name wins,
    and `ignore` wins between equals. A rule that the profile has switched off comes back only
    when its id is named. With `strict`, warnings fail an input too. `max_findings` is how many
    findings of each rule are kept for an input (0: all); counts are always exact.
    `today` (an ISO date) stands in for the day of the check. With `check_urls`, the URLs of images
    are tried, over the network.

    `tokens` is one of `TOKENS`: "exact" counts every example, "limit" those that may be longer than
    the model takes (the default), "off" none. `epochs` is how often the job goes over the data
    (default: as the service chooses), `max_cost` what it may cost, by the table at `prices` (a TOML
    file; default: ftlint's own); that needs a model and exact tokens, which it implies. With
    `statistics`, the report describes the data.

    `suffix`, `hyperparameters` (by name; n_epochs stands for `epochs` too), `seed` and `tier`, the
    training tier, are those of the job to start; `launching` says that it is about to be.
    """

    profile: str
    method: str | None
    model: str | None
    validation: str | None
    grader: str | None
    response_format: str | None
    select: Iterable[str]
    ignore: Iterable[str]
    extend_select: Iterable[str]
    strict: bool
    max_findings: int
    today: str | None
    check_urls: bool
    tokens: str | None
    epochs: int | None
    max_cost: float | None
    prices: str | None
    statistics: bool
    suffix: str | None
    hyperparameters: Mapping[str, int | float | str] | None
    seed: int | None
    tier: str | None
    launching: bool


def resolve(rules: Mapping[str, Rule], **choices: Unpack[Choices]) -> Config:
    """Merge a profile with the user's choices.

    Raises `ConfigError` for a name that is unknown or a value that does not fit.
    """
    method = choices.get("method")
    max_findings = choices.get("max_findings", MAX_FINDINGS)
    if method is not None and method not in METHODS:
        raise unknown("method", method, METHODS)
    if max_findings < 0:
        raise ConfigError(f"max findings is {max_findings}; give 0 for all, or a positive number")
    wanted = [*(choices.get("select") or ("ALL",)), *choices.get("extend_select", ())]
    unwanted = tuple(choices.get("ignore", ()))
    _check_names(rules, (*wanted, *unwanted))
    profile = choices.get("profile", DEFAULT_PROFILE)
    loaded = load_profile(profile, rules, stages=job_settings.needs_profile(choices))
    levels, off, options = {}, set(), {}
    read = documents.given(choices.get("grader"), choices.get("response_format"))
    job = _job(loaded, choices) | documents.described(read)
    for rule in rules.values():
        table = loaded.rules.get(rule.id, {})
        valued = {key: value for key, value in table.items() if key not in NOT_OPTIONS}
        options[rule.id] = {**rule.defaults, **valued}
        for name in rule.names:
            level = _level(loaded, rule, name)
            if level == "off":
                off.add(name)
            if _chosen(rule, name, wanted, unwanted, off=level == "off"):
                levels[name] = rule.default_severity(name) if level == "off" else Severity(level)
    return Config(
        profile=loaded.name,
        method=method,
        strict=choices.get("strict", False),
        max_findings=max_findings,
        levels=levels,
        off=frozenset(off - levels.keys()),
        options=options,
        job=job,
        validation=choices.get("validation"),
        documents=read,
        statistics=choices.get("statistics", False),
    )


def _job(profile: Profile, choices: Choices) -> dict[str, Any]:
    """Gather what is known of the job; `today` only if given: no digest may follow the clock."""
    job: dict[str, Any] = {
        "profile": profile.service,
        "validation": bool(choices.get("validation")),
    }
    if method := choices.get("method"):
        job["method"] = method
    model = choices.get("model")
    if model is not None:
        job["model"] = models.find(job_settings.text("model", model))
    if today := choices.get("today"):
        job["today"] = _day(today)
    if choices.get("check_urls"):
        job["check_urls"] = True
    return job | job_settings.settings(choices, profile) | _accounting(choices)


def _accounting(choices: Choices) -> dict[str, Any]:
    """Gather how tokens are counted, and what the job may cost."""
    epochs = job_settings.epochs(choices)
    most, prices = choices.get("max_cost"), choices.get("prices")
    mode = choices.get("tokens") or ("limit" if most is None else "exact")
    if mode not in TOKENS:
        raise unknown("way to count tokens", mode, TOKENS)
    if epochs is not None and not 1 <= epochs <= _MOST_EPOCHS:
        raise ConfigError(f"epochs is {epochs}; give 1 to {_MOST_EPOCHS:,}, or leave it out")
    if prices == "":
        raise ConfigError("prices is empty; name a file, or leave it out")
    job: dict[str, Any] = {"tokens": mode}
    if epochs is not None:
        job["epochs"] = epochs
    if most is not None:
        if not 0 <= most < math.inf:
            raise ConfigError(f"max cost is {most}; give an amount of 0 or more")
        if mode != "exact":
            raise ConfigError(f"max cost needs tokens exact, not {mode}; leave one of them out")
        if not choices.get("model"):
            raise ConfigError("max cost needs a model, for prices are by model; name one")
        job["max_cost"] = most
    if mode == "exact" or prices:
        job["prices"] = read_prices(prices)
    return job


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ConfigError(f"today is {text!r}; give a date as in 2026-11-20") from error


def _level(profile: Profile, rule: Rule, name: str) -> str:
    level: str | None = profile.rules.get(name, {}).get("level")
    if level is None and name != rule.id:
        base = profile.rules.get(rule.id, {}).get("level")
        level = "off" if base == "off" else None
    return level or rule.default_severity(name)


def _check_names(rules: Mapping[str, Rule], names: Iterable[str]) -> None:
    known = {"ALL"}
    for rule in rules.values():
        known.update(rule.names, rule.tags, rule.aliases)
    for name in names:
        if name not in known:
            raise unknown("rule", name, known)


def _chosen(
    rule: Rule, name: str, wanted: Iterable[str], unwanted: Iterable[str], *, off: bool
) -> bool:
    chosen = max((_weight(rule, name, entry) for entry in wanted), default=0)
    refused = max((_weight(rule, name, entry) for entry in unwanted), default=0)
    return chosen > max(refused, 2 if off else 0)


def _weight(rule: Rule, name: str, entry: str) -> int:
    """Say how closely `entry` names a rule: 0 not at all, 1 ALL, 2 a tag, 3 the rule, 4 a case."""
    if entry == name:
        return 3 if name == rule.id else 4
    if entry == rule.id or entry in rule.aliases:
        return 3
    if entry in rule.tags:
        return 2
    return int(entry == "ALL")
