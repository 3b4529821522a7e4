"""Profiles: the rule levels, limits and interfaces of a provider, as data with sources.

A provider is one TOML file (`schemas/profile.schema.json`). The declared rules are passed in as an
argument, so that this module depends on none of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ftlint.core.errors import ConfigError, unknown
from ftlint.core.rule import Rule
from ftlint.formats.tables import read_table, schema_of

_FOLDER = Path(__file__).parent / "profiles"


_FILES = (name for name in os.listdir(_FOLDER) if name.endswith(".toml"))


PROFILES = tuple(sorted({name.removesuffix(".toml") for name in _FILES} - {"common"}))
"""Names of the shipped profiles; a new provider is a new file."""


NOT_OPTIONS = ("level", "source", "checked", "evidence")
"""Keys of a rule's table that are not limits."""


_OF_TIERS = ("tier_key", "default_tier")


_CHOSEN_AMONG = {"default_version": "versions", "default_tier": "tiers"}


_BASE = "common"


class Profile(NamedTuple):
    """The rule levels and limits of a provider, and how to upload files and describe jobs to it.

    `rules` maps `rule` or `rule.case` to its table. `checked` is the date (ISO) on which the
    sources were last read, `notes` what a reader should know about them. `service` is the name of
    the shipped profile that this is or extends, its own name if it extends none.

    `upload` says how files reach the service, `job` how jobs are described to it, with the keys of
    `schemas/profile.schema.json` and sizes in bytes. The keys under `x-complete` there are present
    unless the profile is `check_only`; both tables are empty if they were not loaded.
    """

    name: str
    service: str
    title: str
    checked: str
    notes: str
    rules: Mapping[str, Mapping[str, Any]]
    upload: Mapping[str, Any]
    job: Mapping[str, Any]

    @property
    def check_only(self) -> str | None:
        """Why ftlint uploads nothing to the service and starts no job there, None if it does."""
        for stage, table in (("upload", self.upload), ("job", self.job)):
            if not table.keys() - {"unsupported", "sources"}:
                why: str | None = table.get("unsupported")
                missing = f"profile {self.name} has no [{stage}] table"
                return why or f"{missing}; give it one, or extend azure or openai"
        return None

    def tier(self, name: str) -> str | None:
        """Return the profile's name of a training tier, case aside; None if it has no such tier."""
        spelled = name.casefold()
        for tier, sent in self.job.get("tiers", {}).items():
            if spelled in (tier.casefold(), sent.casefold()):
                return str(tier)
        return None


def load_profile(name: str, rules: Mapping[str, Rule], *, stages: bool = True) -> Profile:
    """Read a shipped profile by name, or a user's own by the path of its TOML file.

    A profile starts from the one that it `extends`, by default from `common.toml`. Its tables about
    uploads and jobs are validated and returned only with `stages`: a check does without them.
    Raises `ConfigError` if there is no such profile, or it is not valid.
    """
    path = _FOLDER / f"{name}.toml"
    if name not in PROFILES:
        path = Path(name)
        if path.suffix != ".toml":
            raise unknown("profile", name, PROFILES)
    tables = _read(path, rules, (), stages=stages)
    return Profile(
        name=name if name in PROFILES else path.stem,
        service=tables.get("service", path.stem),
        title=tables["title"],
        checked=str(tables.get("checked", "")),
        notes=tables.get("notes", ""),
        rules=tables["rules"],
        upload=_complete(path, "upload", tables) if stages else {},
        job=_complete(path, "job", tables) if stages else {},
    )


def _read(
    path: Path, rules: Mapping[str, Rule], seen: tuple[Path, ...], *, stages: bool
) -> dict[str, Any]:
    """Read a profile file and merge it into the profile it extends, key by key.

    In shipped files the tables of the stages stand last, and are left out unless wanted.
    """
    until = "[upload]" if path.parent == _FOLDER and not stages else None
    tables = read_table(path, "profile", until=until)
    _check_rules(path, tables, rules)
    if path == _FOLDER / f"{_BASE}.toml":
        return tables
    parent = _parent(path, tables.get("extends", _BASE), seen)
    base = _read(parent, rules, (*seen, path), stages=stages)
    merged = dict(base["rules"])
    for name, table in tables.get("rules", {}).items():
        merged[name] = {**merged.get(name, {}), **table}
    ours = path.parent == _FOLDER and path.stem in PROFILES
    service = {"service": path.stem} if ours else {}
    later = {name: _merge(base.get(name, {}), tables.get(name, {})) for name in ("upload", "job")}
    return {**base, **tables, **service, **later, "rules": merged}


def _merge(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Merge an upload or job table, key by key; a replaced value loses its source."""
    sources = {key: source for key, source in base.get("sources", {}).items() if key not in own}
    merged = {**base, **own}
    named = {
        "sources": sources | own.get("sources", {}),
        "hyperparameters": base.get("hyperparameters", {}) | own.get("hyperparameters", {}),
    }
    return merged | {key: table for key, table in named.items() if table}


def _complete(path: Path, stage: str, tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the upload or job table. Raises `ConfigError` if it is incomplete."""
    table: dict[str, Any] = tables.get(stage, {})
    if not table.keys() - {"unsupported", "sources"}:
        return table
    schema, _ = schema_of("profile")
    needed = [*schema["$defs"][stage]["x-complete"], *(_OF_TIERS if table.get("tiers") else ())]
    for key in needed:
        if key not in table:
            raise ConfigError(f"{path}: {stage}: {key} is missing; give it, or extend a profile")
    for key, among in _CHOSEN_AMONG.items():
        if key in table and table[key] not in table.get(among, ()):
            expected = ", ".join(table.get(among, ()))
            raise ConfigError(
                f"{path}: {stage}.{key} is {table[key]!r}, expected one of: {expected}"
            )
    try:
        re.compile(table.get("fine_tuned_model", ""))
    except re.error as error:
        raise ConfigError(
            f"{path}: {stage}.fine_tuned_model: no regular expression: {error}"
        ) from error
    return table


def _parent(path: Path, extends: str, seen: Iterable[Path]) -> Path:
    """Find the profile that another extends: in the same folder, else among those that ship."""
    near = path.parent / f"{extends}.toml"
    parent = near if os.path.isfile(near) else _FOLDER / near.name
    if not os.path.isfile(parent):  # not Path.is_file: a name may be too long
        raise ConfigError(f"{path}: extends: {unknown('profile', extends, PROFILES)}")
    if parent in (*seen, path):
        raise ConfigError(f"{path}: a profile cannot extend itself; name another in extends")
    return parent


def is_valued(rule: str, option: str) -> bool:
    """Return whether a shipped profile gives a value to an option of a rule."""
    return any(option in _options(name).get(rule, ()) for name in (_BASE, *PROFILES))


@cache
def _options(name: str) -> dict[str, set[str]]:
    """Return the keys of a shipped profile's tables, by rule; without parsing TOML, for speed."""
    options: dict[str, set[str]] = {}
    table: set[str] = set()
    text = (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    for section, key in re.findall(r"^(?:\[(.+)\]|(\w+) = )", text, re.MULTILINE):
        if section:
            table = options.setdefault(section.removeprefix("rules.").strip('"'), set())
        else:
            table.add(key)
    return options


def _check_rules(path: Path, tables: Mapping[str, Any], rules: Mapping[str, Rule]) -> None:
    """Validate the names and limits in a profile's rule tables. Raises `ConfigError`."""
    for name, table in tables.get("rules", {}).items():
        rule = rules.get(name.partition(".")[0])
        if rule is None or name not in rule.names:
            names = [each for rule in rules.values() for each in rule.names]
            raise ConfigError(f"{path}: {unknown('rule', name, names)}")
        for key, value in table.items():
            if key not in NOT_OPTIONS:
                _validate_limit(f"{path}: {name}", rule, name, key, value)


def _validate_limit(where: str, rule: Rule, name: str, key: str, value: Any) -> None:
    if key not in rule.options:
        raise ConfigError(f"{where}: {unknown('option', key, (*rule.options, *NOT_OPTIONS))}")
    if name != rule.id:
        raise ConfigError(f"{where}: {key} is a limit of the whole rule; set it in {rule.id}")
    wanted = rule.options[key]
    if type(value) is not wanted:
        raise ConfigError(f"{where}.{key} is {value!r}, expected {wanted.__name__}")
    if isinstance(value, list) and not all(isinstance(entry, str) for entry in value):
        raise ConfigError(f"{where}.{key} is {value!r}, expected a list of strings")
    if isinstance(value, int | float) and value < 0:
        raise ConfigError(f"{where}.{key} is {value!r}, expected 0 or more")
