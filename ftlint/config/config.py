"""Resolution of a profile and the user's choices to a `Config`: rules in force, levels, options.

The declared rules are passed in as an argument, so that this module depends on none of them.
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
"""Default maximum of stored findings per rule and input."""

_MOST_EPOCHS = 100_000_000
"""Far more than any service accepts (Azure and OpenAI: 50); times tokens it fits 64 bits."""

TOKENS = ("off", "limit", "exact")
"""Modes of token counting: none, only examples that may be too long, or all."""


class Config(NamedTuple):
    """The complete configuration of a check.

    `levels` has only the rules and cases in force after select and ignore, `off` those that the
    profile switches off, `options` the limits of each rule. `documents` are the grader and the
    response format as read, `statistics` is whether to describe the data too.

    `job` has the facts on the job as plain data: `method`; `model` (see
    `ftlint.config.models.find`); `profile`, the service; `validation`, whether a validation file
    is given (its path is `Config.validation`); `today` (ISO date), if given; `check_urls`, if
    image URLs are to be requested; `tokens`, the mode of counting; `epochs`, `max_cost` and
    `prices`, if given; and the facts from `ftlint.config.job_settings.settings` and
    `ftlint.config.documents.described`. A rule gets the entries named in its `job` as options.
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
        levels, off = dict(self.levels), sorted(self.off)
        return _digest({"levels": levels, "off": off, "options": self.options})

    @property
    def digest(self) -> str:
        """SHA-256 of everything here that can change a verdict, in hexadecimal."""
        return _digest(
            {
                "profile": self.profile,
                "method": self.method,
                "strict": self.strict,
                "rules": self.rules_digest,
                "job": dict(self.job),
            }
        )


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


class Choices(TypedDict, total=False):
    """The user's choices for a check.

    `profile` is a name or the path of a TOML file, `method` the training method, `model` the base
    model, `validation` the path of the validation file; `grader` and `response_format` are the
    paths of the documents of a reinforcement job, which are checked too. `select`, `ignore` and
    `extend_select` take rule ids, `rule.case`, tags and `ALL`; the more specific name wins, and
    `ignore` wins a tie. A rule that the profile switches off is in force only if its id is
    selected. With `strict`, warnings fail an input too. `max_findings` is the maximum of stored
    findings per rule and input (0: all); counts are always exact. `today` (an ISO date) replaces
    the current date. With `check_urls`, the URLs of images are requested over the network.

    `tokens` is one of `TOKENS`: "exact" counts every example, "limit" (the default) those that may
    exceed the context of the model, "off" none. `epochs` is the number of epochs (default: chosen
    by the service), `max_cost` the maximum cost by the table at `prices` (a TOML file; default:
    the bundled one); it needs a model, and implies exact tokens. With `statistics`, the report
    describes the data.

    `suffix`, `hyperparameters` (by name; n_epochs is the same as `epochs`), `seed` and `tier` (the
    training tier) are those of the job to start; `launching` is whether it is about to start.
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

    Raises `ConfigError` for an unknown name or an invalid value.
    """
    method = choices.get("method")
    max_findings = choices.get("max_findings", MAX_FINDINGS)
    if method is not None and method not in METHODS:
        raise unknown("method", method, METHODS)
    if max_findings < 0:
        raise ConfigError(f"max findings is {max_findings}; give 0 for all, or a positive number")
    selected = [*(choices.get("select") or ("ALL",)), *choices.get("extend_select", ())]
    ignored = tuple(choices.get("ignore", ()))
    _check_names(rules, (*selected, *ignored))
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
            if _is_in_force(rule, name, selected, ignored, off=level == "off"):
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
    """Return the facts on the job; `today` only if given, so that digests are reproducible."""
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
    """Return the facts on token counting and the maximum cost."""
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
    valid = {"ALL"}
    for rule in rules.values():
        valid.update(rule.names, rule.tags, rule.aliases)
    for name in names:
        if name not in valid:
            raise unknown("rule", name, valid)


def _is_in_force(
    rule: Rule, name: str, selected: Iterable[str], ignored: Iterable[str], *, off: bool
) -> bool:
    select = max((_specificity(rule, name, entry) for entry in selected), default=0)
    ignore = max((_specificity(rule, name, entry) for entry in ignored), default=0)
    return select > max(ignore, 2 if off else 0)


def _specificity(rule: Rule, name: str, entry: str) -> int:
    """Return how specific `entry` is for a rule: 0 unrelated, 1 ALL, 2 a tag, 3 rule, 4 a case."""
    if entry == name:
        return 3 if name == rule.id else 4
    if entry == rule.id or entry in rule.aliases:
        return 3
    if entry in rule.tags:
        return 2
    return int(entry == "ALL")
