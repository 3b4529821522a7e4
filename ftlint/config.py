"""From a profile and the user's choices to a `Config`: which rules are in force, and how.

A profile is data: a TOML file with levels, limits, sources and dates. The known rules come in
as an argument, so that this module depends on none of them.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict, Unpack

import jsonschema_rs
import orjson

from ftlint import models
from ftlint.formats import METHODS
from ftlint.model import FtlintError, Severity
from ftlint.registry import Options, Rule
from ftlint.schema import load

PROFILES = ("azure", "openai")
DEFAULT_PROFILE = "azure"
MAX_FINDINGS = 100
"""Findings kept for one rule and input, unless asked otherwise."""

_NOT_OPTIONS = ("level", "source", "checked")


class ConfigError(FtlintError):
    """A profile, rule or option that does not exist or does not fit."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One provider's limits and rule levels: `rules` maps `rule` or `rule.case` to its table."""

    name: str
    title: str
    rules: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Config:
    """All that decides a verdict.

    `levels` holds only what is in force after select and ignore; `off` what the profile does not
    know as a fault, `options` the limits of each rule. `job` is what the user says of the job, as
    plain data: `method`; `model` (see `ftlint.models.find`); `profile`, its name. Rules that name
    an entry in their `job` find it in their options.
    """

    profile: str
    method: str | None
    strict: bool
    max_findings: int
    levels: Mapping[str, Severity]
    off: frozenset[str]
    options: Mapping[str, Options]
    job: Mapping[str, Any] = field(default_factory=dict)

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


def unknown(kind: str, name: str, known: Iterable[str]) -> ConfigError:
    """Return the error for a name that is not known, with the nearest one that is."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
    return ConfigError(f"unknown {kind} {name!r}; {hint}")


def load_profile(name: str, rules: Mapping[str, Rule]) -> Profile:
    """Read a profile of ours by name, or a user's own by the path of its TOML file.

    Raises `ConfigError` when there is none, or when it is not a valid profile.
    """
    path = Path(__file__).parent / "profiles" / f"{name}.toml"
    if name not in PROFILES:
        path = Path(name)
        if path.suffix != ".toml":
            raise unknown("profile", name, PROFILES)
    tables = _read(path, rules)
    title = tables["title"]
    return Profile(name if name in PROFILES else path.stem, title, tables["rules"])


def _read(path: Path, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Read a profile file and what it extends; its own tables win, key by key."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not a readable profile: {error}") from error
    _validate(path, tables, rules)
    base: dict[str, Any] = {"title": path.stem, "rules": {}}
    if extends := tables.get("extends"):
        near = path.parent / f"{extends}.toml"
        parent = near if near.is_file() else Path(__file__).parent / "profiles" / near.name
        if parent == path:
            raise ConfigError(f"{path}: a profile cannot extend itself; name another in extends")
        base = _read(parent, rules)
    merged = dict(base["rules"])
    for name, table in tables.get("rules", {}).items():
        merged[name] = {**merged.get(name, {}), **table}
    return {**base, **tables, "rules": merged}


def _validate(path: Path, tables: Mapping[str, Any], rules: Mapping[str, Rule]) -> None:
    plain = orjson.loads(orjson.dumps(tables))  # dates as text
    for error in jsonschema_rs.Draft202012Validator(load("profile")).iter_errors(plain):
        where = ".".join(map(str, error.instance_path)) or "the file"
        raise ConfigError(f"{path}: {where}: {error.message}")
    for name, table in tables.get("rules", {}).items():
        rule = rules.get(name.partition(".")[0])
        if rule is None or name not in rule.names:
            known = [known for rule in rules.values() for known in rule.names]
            raise ConfigError(f"{path}: {unknown('rule', name, known)}")
        for key, value in table.items():
            if key in _NOT_OPTIONS:
                continue
            if key not in rule.options:
                raise ConfigError(f"{path}: {name}: {unknown('option', key, rule.options)}")
            if not isinstance(value, rule.options[key]):
                wanted = rule.options[key].__name__
                raise ConfigError(f"{path}: {name}.{key} is {value!r}, expected {wanted}")


class Choices(TypedDict, total=False):
    """What a user chooses for a check, by name.

    `profile` is a name or the path of a TOML file, `method` the training method, `model` the base
    model. `select`,
    `ignore` and `extend_select` take rule ids, `rule.case`, tags and `ALL`; the more specific
    name wins, and `ignore` wins between equals. A rule that the profile has switched off comes
    back only when its id is named. With `strict`, warnings fail an input too. `max_findings` is
    how many findings of each rule are kept for an input (0: all); counts are always exact.
    """

    profile: str
    method: str | None
    model: str | None
    select: Iterable[str]
    ignore: Iterable[str]
    extend_select: Iterable[str]
    strict: bool
    max_findings: int


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
    loaded = load_profile(choices.get("profile", DEFAULT_PROFILE), rules)
    levels, off, options = {}, set(), {}
    job: dict[str, Any] = {"profile": loaded.name}
    if method:
        job["method"] = method
    if model := choices.get("model"):
        job["model"] = models.find(model)
    for rule in rules.values():
        table = loaded.rules.get(rule.id, {})
        options[rule.id] = {
            **{key: value for key, value in table.items() if key not in _NOT_OPTIONS},
            **{key: value for key, value in job.items() if key in rule.job},
        }
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
    )


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
