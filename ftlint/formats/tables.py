"""TOML tables validated by a JSON Schema, so that errors name the key."""

from __future__ import annotations

import sys
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from ftlint.core.errors import ConfigError, unknown
from ftlint.core.files.small_file import read_small_file
from ftlint.formats.schema import Schema, load

_TABLES = {"prices": "table of prices"}
"""Names of kinds of tables in messages, where they differ from the name of the schema."""

_CACHED = 64
"""Tables that are kept, for one that is read again by the same process."""

_MAXIMUM = 1 << 20
"""Maximum bytes of a TOML file; those that ship have some ten thousand."""


def read_table(path: Path, kind: str, *, until: str | None = None) -> dict[str, Any]:
    """Read a TOML file and validate it against `schemas/KIND.schema.json`.

    A file of the project's own may be read `until` a line, for TOML is slow to parse. Raises
    `ConfigError` if that fails; the message names the key.
    """
    try:
        text = read_small_file(path, _MAXIMUM).decode()
    except (OSError, UnicodeError) as error:
        raise _unreadable(path, kind, error) from error
    table: dict[str, Any] = orjson.loads(
        _as_json(path, text.partition(f"\n{until}\n")[0] if until else text, kind)
    )
    return table


@lru_cache(maxsize=_CACHED)
def _as_json(path: Path, text: str, kind: str) -> bytes:
    """Return a valid table as JSON, with dates as text. Raises `ConfigError`."""
    try:
        tables = tomllib.loads(text)
    except (RecursionError, ValueError) as error:  # an integer of 5,000 digits, too
        raise _unreadable(path, kind, error) from error
    schema, validator = schema_of(kind)
    for key in tables:
        if key not in schema["properties"]:
            raise ConfigError(f"{path}: {unknown('key', key, schema['properties'])}")
    try:
        data = orjson.dumps(tables)
    except TypeError as error:
        raise ConfigError(f"{path}: a number is out of range: {error}") from error
    for fault in validator.iter_errors(orjson.loads(data)):
        where = ".".join(map(str, fault.instance_path)) or "the file"
        raise ConfigError(f"{path}: {where}: {fault.message}")
    return data


def _unreadable(path: Path, kind: str, error: Exception) -> ConfigError:
    words = f"{path}: not a readable {_TABLES.get(kind, kind)}"
    return ConfigError(f"{words}: {_reason(error)}")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return str(error.strerror).lower()
    if isinstance(error, tomllib.TOMLDecodeError | UnicodeError | RecursionError):
        return str(error).lower()
    return f"an integer of over {sys.get_int_max_str_digits():,} digits; write a smaller one"


@cache
def schema_of(kind: str) -> tuple[Schema, jsonschema_rs.Draft202012Validator]:
    """Return the schema of a kind of table, and its validator."""
    schema = load(kind)
    return schema, jsonschema_rs.Draft202012Validator(schema)
