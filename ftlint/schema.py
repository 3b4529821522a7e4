"""The shape of one data format: `schemas/` decides, and names the rule of what failed.

jsonschema-rs says yes or no, and which keyword failed where; jsonschema, fifteen times slower,
describes only the faults that are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from ftlint.model import Pointer

Schema = dict[str, Any]
_DEPTH = 32


def data_folder(name: str) -> Path:
    """Return a data folder of the project: inside the package in a wheel, else beside it."""
    package = Path(__file__).parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name


def load(name: str) -> Schema:
    """Read `schemas/NAME.schema.json`."""
    schema: Schema = orjson.loads((data_folder("schemas") / f"{name}.schema.json").read_bytes())
    return schema


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed keyword: which rule (and case) it belongs to, where, and what stood there.

    `keyword` is the JSON Schema keyword, `expected` its value, `instance` the value refused,
    `message` what jsonschema says of it.
    """

    rule: str
    case: str
    pointer: Pointer
    keyword: str
    expected: Any
    instance: Any
    message: str


class Shape:
    """A schema, compiled: the verdict on a line, and the faults of a refused one.

    `off` holds the rules (`rule` or `rule.case`) that the schema must not enforce; `options`
    maps a rule to values that replace those of the keywords named like them.
    """

    def __init__(
        self, schema: Schema, off: frozenset[str], options: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.schema: Schema = _adapt(schema, off, options)
        self._validator = jsonschema_rs.Draft202012Validator(self.schema)
        self._names: dict[tuple[str | int, ...], str] = {}

    def is_valid(self, data: object) -> bool:
        """Tell whether the schema takes an example."""
        try:
            return self._validator.is_valid(data)
        except ValueError:  # as in `failed`
            return self._validator.is_valid(_shallow(data))

    def failed(self, data: object) -> list[tuple[str, Pointer]]:
        """Return (rule or rule.case, pointer) of each fault, each once, in document order."""
        try:
            errors = list(self._validator.iter_errors(data))
        except ValueError:  # nested deeper than its errors can hold
            return self.failed(_shallow(data))
        found = {
            (self._name(tuple(error.schema_path)), _pointer(error, data)): None for error in errors
        }
        return list(found)

    def describe(self, data: object) -> dict[tuple[str, Pointer], Fault]:
        """Return the faults in full, by what `failed` says of them."""
        faults: dict[tuple[str, Pointer], Fault] = {}
        for error in self._oracle.iter_errors(_shallow(data)):
            name = _rule_of(error.schema, error.validator)
            rule, _, case = name.partition(".")
            key = (name, tuple(error.absolute_path))
            faults.setdefault(
                key,
                Fault(
                    rule=rule,
                    case=case,
                    pointer=key[1],
                    keyword=error.validator,
                    expected=error.validator_value,
                    instance=error.instance,
                    message=error.message,
                ),
            )
        return faults

    @cached_property
    def _oracle(self) -> Any:
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - 70 ms, on refused lines only

        return Draft202012Validator(self.schema)

    def _name(self, path: tuple[str | int, ...]) -> str:
        name = self._names.get(path)
        if name is None:
            node: Any = self.schema
            for step in path[:-1]:
                node = node[step]
            name = self._names[path] = _rule_of(node, str(path[-1]))
        return name


def _pointer(error: jsonschema_rs.ValidationError, data: Any) -> Pointer:
    """Return where an error is; jsonschema-rs leaves out a last key that is the empty string."""
    pointer: Pointer = tuple(error.instance_path)
    if "additionalProperties" in error.schema_path[-2:]:
        for step in pointer:
            data = data[step]
        if isinstance(data, dict) and "" in data and data != error.instance:
            return (*pointer, "")
    return pointer


def _shallow(value: Any, depth: int = _DEPTH) -> Any:
    """Copy a value with what is nested deeper left out; no schema looks that far."""
    if isinstance(value, dict):
        return {key: _shallow(inner, depth - 1) for key, inner in value.items()} if depth else {}
    if isinstance(value, list):
        return [_shallow(inner, depth - 1) for inner in value] if depth else []
    return value


def _rule_of(node: Schema, keyword: str) -> str:
    named = node["x-rule"]
    rule: str = named if isinstance(named, str) else named[keyword]
    return rule


def _adapt(node: Any, off: frozenset[str], options: Mapping[str, Mapping[str, Any]]) -> Any:
    """Copy a schema without the keywords of rules that are off, with the options' values."""
    if isinstance(node, list):
        return [_adapt(item, off, options) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {}
    for keyword, value in node.items():
        rule = _named(node, keyword)
        if rule in off and keyword not in ("x-rule", "items", "properties"):
            continue
        chosen = options.get(rule.partition(".")[0], {}).get(keyword, value)
        copy[keyword] = chosen if keyword == "enum" else _adapt(chosen, off, options)
    return copy


def _named(node: Schema, keyword: str) -> str:
    named = node.get("x-rule", "")
    return named if isinstance(named, str) else named.get(keyword, "")


def rules_named(schema: Schema) -> Iterator[str]:
    """Yield each `rule` or `rule.case` that a schema names."""
    for key, value in schema.items():
        if key == "x-rule":
            yield from [value] if isinstance(value, str) else value.values()
        elif isinstance(value, dict):
            yield from rules_named(value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from rules_named(item)
