"""The shape of one data format: `schemas/` decides, and names the rule of what failed.

jsonschema-rs says yes or no, and which keyword failed where. jsonschema, fifteen times slower, says
so for the few values of which the other does not find the place, and is its oracle in the tests.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from ftlint.core.json_spans import Pointer
from ftlint.formats.data_format import Format
from ftlint.formats.schema_proof import words_of

Schema = dict[str, Any]
_DEPTH = 32


def data_folder(name: str) -> Path:
    """Return a data folder of the project: inside the package in a wheel, else beside it."""
    package = Path(__file__).parent.parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name


_SHARED = "message.schema.json"


def load(name: str) -> Schema:
    """Read `schemas/NAME.schema.json`, with the definitions that the formats share."""
    folder = data_folder("schemas")
    text = (folder / f"{name}.schema.json").read_text(encoding="utf-8")
    schema: Schema = orjson.loads(text.replace(f'"{_SHARED}#/', '"#/'))
    if _SHARED in text:
        shared = orjson.loads((folder / _SHARED).read_bytes())["$defs"]
        schema["$defs"] = {**shared, **schema.get("$defs", {})}
    return schema


class FaultKey(NamedTuple):
    """The identity of a fault: rule (or rule.case), location and keyword that failed.

    For `required`, which may fail more than once for an object, the keyword names the key too.
    """

    name: str
    pointer: Pointer
    keyword: str

    @property
    def rule(self) -> str:
        """The id of the rule."""
        return self.name.partition(".")[0]


class SchemaFault(NamedTuple):
    """A keyword of a schema that failed, with what a message needs.

    `case` is the case of the rule, `keyword` the JSON Schema keyword, `expected` its value,
    `instance` the value refused, `example` all that it is part of.
    """

    case: str
    pointer: Pointer
    keyword: str
    expected: Any
    instance: Any
    example: Any = None


class _Keyword(NamedTuple):
    """A keyword of a schema: its rule (or rule.case), as `FaultKey` names it, itself, its value."""

    rule: str
    name: str
    keyword: str
    expected: Any


class FormatValidator:
    """The compiled schema of a data format: whether an example is valid, and the faults if not.

    `off` holds the rules (`rule` or `rule.case`) that the schema must not enforce; `options`
    maps a rule to values that replace those of the keywords named like them.
    """

    def __init__(
        self, schema: Schema, off: frozenset[str], options: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.schema: Schema = _adapt(schema, off, options)
        self._validator = jsonschema_rs.Draft202012Validator(self.schema)
        self._keywords: dict[tuple[str | int, ...], _Keyword] = {}
        self._last: tuple[object, dict[FaultKey, SchemaFault]] | None = None

    def is_valid(self, data: object) -> bool:
        """Tell whether the schema takes an example."""
        try:
            return self._validator.is_valid(data)
        except ValueError:  # as in `failed`
            return self._validator.is_valid(_shallow(data))

    def failed(self, data: object) -> dict[FaultKey, SchemaFault]:
        """Return each fault of an example, in document order.

        Those of the last example are kept: first they are counted, then put in words.
        """
        if self._last is None or self._last[0] is not data:
            with _without_collection():
                self._last = data, self._failed(data)
        return self._last[1]

    def _failed(self, data: object) -> dict[FaultKey, SchemaFault]:
        try:
            errors = list(self._validator.iter_errors(data))
        except ValueError:  # nested deeper than its errors can hold
            return self._failed(_shallow(data))
        if not all(_trusted(error, data) for error in errors):
            return self.describe(data)
        faults: dict[FaultKey, SchemaFault] = {}
        for error in errors:
            keyword = self._keyword(tuple(error.schema_path))
            pointer: Pointer = tuple(error.instance_path)
            key = FaultKey(keyword.rule, pointer, keyword.name)
            if key not in faults:
                faults[key] = SchemaFault(
                    case=keyword.rule.partition(".")[2],
                    pointer=pointer,
                    keyword=keyword.keyword,
                    expected=keyword.expected,
                    instance=_at(data, pointer),
                    example=data,
                )
        return faults

    def describe(self, data: object) -> dict[FaultKey, SchemaFault]:
        """Return what `failed` returns, as jsonschema has it; that is far slower."""
        faults: dict[FaultKey, SchemaFault] = {}
        example = _shallow(data)
        for error in self._oracle.iter_errors(example):
            name, keyword = _rule_of(error.schema, error.validator)
            pointer: Pointer = tuple(error.absolute_path)
            faults.setdefault(
                FaultKey(name, pointer, keyword),
                SchemaFault(
                    case=name.partition(".")[2],
                    pointer=pointer,
                    keyword=error.validator,
                    expected=error.validator_value,
                    instance=error.instance,
                    example=example,
                ),
            )
        return faults

    def words(self, known: Format) -> frozenset[str] | None:
        """Return the texts of messages that the schema tells from others; None if not these alone.

        Empty texts are left out, for a view tells them from others.
        """
        paths = [(*base, "*", *path) for base in known.lists for path in known.texts]
        words = words_of(self.schema, paths)
        return words - {""} if words is not None else None

    @cached_property
    def _oracle(self) -> Any:
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - 70 ms, on refused lines only

        return Draft202012Validator(self.schema)

    def _keyword(self, path: tuple[str | int, ...]) -> _Keyword:
        known = self._keywords.get(path)
        if known is None:
            node: Any = self.schema
            for step in path[:-1]:
                node = node[step]
            keyword = str(path[-1])
            known = _Keyword(*_rule_of(node, keyword), keyword, node[keyword])
            self._keywords[path] = known
        return known


@contextmanager
def _without_collection() -> Iterator[None]:
    """Pause garbage collection, which would go over all errors again each time some are added."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _at(data: Any, pointer: Pointer) -> Any:
    for step in pointer:
        data = data[step]
    return data


def _trusted(error: jsonschema_rs.ValidationError, data: Any) -> bool:
    """Tell whether the place of an error is right.

    jsonschema-rs reads a key of digits as an index, and leaves out a last key that is empty.
    Keys like that are never part of a format, so they stand last, where no key may be added.
    """
    if "additionalProperties" not in error.schema_path[-2:]:
        return True
    for step in error.instance_path:
        if isinstance(data, dict) and step not in data:
            return False
        data = data[step]
    return not isinstance(data, dict) or "" not in data


def _shallow(value: Any, depth: int = _DEPTH) -> Any:
    """Copy a value with what is nested deeper left out; no schema looks that far."""
    if isinstance(value, dict):
        return {key: _shallow(inner, depth - 1) for key, inner in value.items()} if depth else {}
    if isinstance(value, list):
        return [_shallow(inner, depth - 1) for inner in value] if depth else []
    return value


def _rule_of(node: Schema, keyword: str) -> tuple[str, str]:
    """Return the rule (or rule.case) of a keyword, and how `FaultKey` names the keyword."""
    rules = node["x-rule"]
    rule: str = rules if isinstance(rules, str) else rules[keyword]
    return rule, f"required {node[keyword][0]}" if keyword == "required" else keyword


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


_ALONE = "missing-messages"
"""A fault beside which other faults of the keys of an example are noise."""


def without_noise(faults: dict[FaultKey, SchemaFault]) -> dict[FaultKey, SchemaFault]:
    """Return faults without those that others explain."""
    if any(key.name == _ALONE for key in faults):
        return {
            key: fault
            for key, fault in faults.items()
            if key.name == _ALONE or len(key.pointer) > 1
        }
    return faults
