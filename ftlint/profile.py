"""Profiles: what is known of a service, as data with sources.

A profile is a TOML file with the level and the limits of each rule (`schemas/profile.schema.json`).
The known rules come in as an argument, so that this module depends on none of them.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from ftlint.locate import nearest
from ftlint.model import FtlintError
from ftlint.registry import Rule
from ftlint.schema import Schema, load

_FOLDER = Path(__file__).parent / "profiles"
_FILES = (name for name in os.listdir(_FOLDER) if name.endswith(".toml"))
PROFILES = tuple(sorted({name.removesuffix(".toml") for name in _FILES} - {"common"}))
"""The profiles that ship: to add a provider is to add a file."""

NOT_OPTIONS = ("level", "source", "checked", "evidence")
"""Keys of the table of a rule that are none of its limits."""

_BASE = "common"
_TABLES = {"prices": "table of prices"}
"""What tables are called, where that is not the name of their schema."""


class ConfigError(FtlintError):
    """A profile, rule or option that does not exist or does not fit."""


class Profile(NamedTuple):
    """One provider's limits and rule levels.

    `rules` maps `rule` or `rule.case` to its table. `checked` is the date (ISO) on which its
    sources were last read, `notes` what a reader should know of them. `service` is the profile of
    ours that it is, or extends; for one that extends none it is its own name.
    """

    name: str
    service: str
    title: str
    checked: str
    notes: str
    rules: Mapping[str, Mapping[str, Any]]


def unknown(kind: str, name: str, known: Iterable[str]) -> ConfigError:
    """Return the error for a name that is not known, with the nearest one that is."""
    names = sorted(known)
    near = nearest(name, names)
    hint = f"did you mean {near!r}?" if near else f"known: {', '.join(names)}"
    return ConfigError(f"unknown {kind} {name!r}; {hint}")


def load_profile(name: str, rules: Mapping[str, Rule]) -> Profile:
    """Read a profile of ours by name, or a user's own by the path of its TOML file.

    A profile starts from the one that it `extends`, else from what holds for every service.
    Raises `ConfigError` when there is none, or when it is not a valid profile.
    """
    path = _FOLDER / f"{name}.toml"
    if name not in PROFILES:
        path = Path(name)
        if path.suffix != ".toml":
            raise unknown("profile", name, PROFILES)
    tables = _read(path, rules, ())
    return Profile(
        name=name if name in PROFILES else path.stem,
        service=tables.get("service", path.stem),
        title=tables["title"],
        checked=str(tables.get("checked", "")),
        notes=tables.get("notes", ""),
        rules=tables["rules"],
    )


def _read(path: Path, rules: Mapping[str, Rule], seen: tuple[Path, ...]) -> dict[str, Any]:
    """Read a profile file and what it extends; its own tables win, key by key."""
    tables = read_table(path, "profile")
    _check_rules(path, tables, rules)
    if path == _FOLDER / f"{_BASE}.toml":
        return tables
    base = _read(_parent(path, tables.get("extends", _BASE), seen), rules, (*seen, path))
    merged = dict(base["rules"])
    for name, table in tables.get("rules", {}).items():
        merged[name] = {**merged.get(name, {}), **table}
    ours = path.parent == _FOLDER and path.stem in PROFILES
    service = {"service": path.stem} if ours else {}
    return {**base, **tables, **service, "rules": merged}


def _parent(path: Path, extends: str, seen: Iterable[Path]) -> Path:
    """Find the profile that another extends: beside it, else among ours."""
    near = path.parent / f"{extends}.toml"
    parent = near if near.is_file() else _FOLDER / near.name
    if not parent.is_file():
        raise ConfigError(f"{path}: extends: {unknown('profile', extends, PROFILES)}")
    if parent in (*seen, path):
        raise ConfigError(f"{path}: a profile cannot extend itself; name another in extends")
    return parent


def read_table(path: Path, kind: str) -> dict[str, Any]:
    """Read a TOML file, and hold it against `schemas/KIND.schema.json`.

    Raises `ConfigError` where that fails, with the place in the file.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        why = str(error.strerror if isinstance(error, OSError) else error).lower()
        raise ConfigError(f"{path}: not a readable {_TABLES.get(kind, kind)}: {why}") from error
    schema, validator = _schema(kind)
    for key in tables:
        if key not in schema["properties"]:
            raise ConfigError(f"{path}: {unknown('key', key, schema['properties'])}")
    try:
        plain: dict[str, Any] = orjson.loads(orjson.dumps(tables))  # dates as text
    except TypeError as error:
        raise ConfigError(f"{path}: a number is out of range: {error}") from error
    for fault in validator.iter_errors(plain):
        where = ".".join(map(str, fault.instance_path)) or "the file"
        raise ConfigError(f"{path}: {where}: {fault.message}")
    return plain


@cache
def _schema(kind: str) -> tuple[Schema, jsonschema_rs.Draft202012Validator]:
    schema = load(kind)
    return schema, jsonschema_rs.Draft202012Validator(schema)


def _check_rules(path: Path, tables: Mapping[str, Any], rules: Mapping[str, Rule]) -> None:
    """Hold what a profile says of rules against the rules. Raises `ConfigError`."""
    for name, table in tables.get("rules", {}).items():
        rule = rules.get(name.partition(".")[0])
        if rule is None or name not in rule.names:
            known = [known for rule in rules.values() for known in rule.names]
            raise ConfigError(f"{path}: {unknown('rule', name, known)}")
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
