"""TOML tables validated by a JSON Schema, so that errors name the key."""

from __future__ import annotations

import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from ftlint.core.errors import ConfigError, unknown
from ftlint.core.files.small_file import read_small_file
from ftlint.formats.schema import Schema, load

_TABLES = {"prices": "table of prices"}
"""Names of kinds of tables in messages, where they differ from the name of the schema."""

_MAXIMUM = 1 << 20
"""Maximum bytes of a TOML file; those that ship have some ten thousand."""


def read_table(path: Path, kind: str, *, until: str | None = None) -> dict[str, Any]:
    """Read a TOML file and validate it against `schemas/KIND.schema.json`.

    A file of the project's own may be read `until` a line, for TOML is slow to parse. Raises
    `ConfigError` if that fails; the message names the key.
    """
    try:
        text = read_small_file(path, _MAXIMUM).decode()
        tables = tomllib.loads(text.partition(f"\n{until}\n")[0] if until else text)
    except (OSError, RecursionError, ValueError) as error:  # an integer of 5,000 digits, too
        words = f"{path}: not a readable {_TABLES.get(kind, kind)}"
        raise ConfigError(f"{words}: {_reason(error)}") from error
    schema, validator = schema_of(kind)
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
