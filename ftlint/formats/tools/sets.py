"""Analysis of lists of tools, cached because real files repeat the same list on every line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

import orjson

from ftlint.core.example import Example
from ftlint.core.json_spans import Pointer
from ftlint.formats.schema import Schema
from ftlint.formats.tools.arguments import ArgumentSchema, compiled
from ftlint.formats.tools.parameters import SchemaFlaw, contradictions, incomplete, places

_CACHED_LISTS = 256
_CACHED_FUNCTIONS = 1024
_CACHED_BYTES = 32_768
"""Maximum bytes (as JSON) of a cached list or function."""

_LAST = 16
"""Maximum of lists known by identity, one of them longer than that."""


T = TypeVar("T")


class Definition(NamedTuple):
    """The analysis of a function.

    `described` is whether it has a description. With pointers relative to the function, `invalid`
    are the faults of its schema, `loose` the violations of strict mode, `odd` the constructs that
    Azure has been observed to refuse, by kind. `arguments` is the schema for arguments, None if it
    is none or cannot be used, and `involved` if that is because it is too large, too deep or too
    recursive; `digest` is that of the parameters.
    """

    name: str
    described: bool
    invalid: tuple[SchemaFlaw, ...] = ()
    loose: tuple[SchemaFlaw, ...] = ()
    odd: tuple[tuple[str, tuple[SchemaFlaw, ...]], ...] = ()
    arguments: ArgumentSchema | None = None
    involved: bool = False
    digest: bytes = b""


class Declared:
    """The analysis of a list of tools or functions.

    `functions` are the definitions with their pointers in the list, `by_name` the definition of
    each name, None for a duplicate name, `versions` the names with their digests. `repeated` are
    the pointers of a duplicate and of its first definition. `whole` is whether no entry is
    malformed. The other lists are the functions with that kind of fault.
    """

    def __init__(self, *, whole: bool = True) -> None:
        self.functions: list[tuple[Pointer, Definition]] = []
        self.by_name: dict[str, Definition | None] = {}
        self.versions: tuple[tuple[str, bytes], ...] = ()
        self.repeated: list[tuple[Pointer, Pointer]] = []
        self.undescribed: list[tuple[Pointer, Definition]] = []
        self.invalid: list[tuple[Pointer, Definition]] = []
        self.loose: list[tuple[Pointer, Definition]] = []
        self.odd: list[tuple[Pointer, Definition]] = []
        self.whole = whole


def _read(tools: list[Any]) -> Declared:
    result = Declared()
    first: dict[str, Pointer] = {}
    for index, tool in enumerate(tools):
        at: Pointer = (index,)
        if isinstance(tool, dict) and isinstance(tool.get("function"), dict):
            at, tool = (index, "function"), tool["function"]  # noqa: PLW2901 - the same tool
        if not isinstance(tool, dict) or not isinstance(tool.get("name"), str):
            result.whole = False
            continue
        definition = _ANALYSES.function(tool)
        result.functions.append((at, definition))
        if definition.name in first:
            result.repeated.append((at, first[definition.name]))
            result.by_name[definition.name] = None
        else:
            first[definition.name], result.by_name[definition.name] = at, definition
    result.versions = tuple((one.name, one.digest) for _, one in result.functions)
    result.undescribed = [entry for entry in result.functions if not entry[1].described]
    result.invalid = [entry for entry in result.functions if entry[1].invalid]
    result.loose = [entry for entry in result.functions if entry[1].loose]
    result.odd = [entry for entry in result.functions if entry[1].odd]
    return result


def _define(function: dict[str, Any]) -> Definition:
    name, schema = function["name"], function.get("parameters")
    description = function.get("description")
    described = not (description is None or (isinstance(description, str) and not description))
    if not isinstance(schema, dict):
        return Definition(name, described)
    judged = compiled(schema)
    invalid = list(contradictions(schema))
    if judged.flaw and judged.flaw.pointer not in (("type",), ("properties",)):
        invalid = [
            judged.flaw,
            *(other for other in invalid if other.pointer != judged.flaw.pointer),
        ]
    loose = incomplete(schema) if function.get("strict") is True else ()
    of_object = schema.get("type", "object") == "object"
    text = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
    return Definition(
        name,
        described,
        invalid=tuple(_below(flaw) for flaw in invalid),
        loose=tuple(_below(flaw) for flaw in loose),
        odd=_odd(schema),
        arguments=judged.schema if of_object else None,
        involved=of_object and not judged.schema and not judged.flaw,
        digest=hashlib.blake2b(text, digest_size=8).digest(),
    )


def _below(flaw: SchemaFlaw) -> SchemaFlaw:
    return SchemaFlaw(("parameters", *flaw.pointer), flaw.message)


def _odd(schema: Schema) -> tuple[tuple[str, tuple[SchemaFlaw, ...]], ...]:
    """Return the output of schema generators that Azure has been observed to refuse, by kind."""
    kinds: dict[str, list[SchemaFlaw]] = {}
    for at, subschema, _ in places(schema):
        if isinstance(subschema.get("title"), str):
            kinds.setdefault("notes", []).append(SchemaFlaw((*at, "title"), "title"))
        if "default" in subschema and subschema["default"] is None:
            kinds.setdefault("notes", []).append(SchemaFlaw((*at, "default"), "default null"))
        kind = subschema.get("type")
        if isinstance(kind, list) and "null" in kind:
            kinds.setdefault("types", []).append(SchemaFlaw((*at, "type"), "null among the types"))
        for key in ("anyOf", "oneOf"):
            branches = subschema.get(key)
            if isinstance(branches, list) and {"type": "null"} in branches:
                kinds.setdefault("rest", []).append(SchemaFlaw((*at, key), f"{key} with null"))
        if isinstance(subschema.get("$defs"), dict):
            kinds.setdefault("rest", []).append(SchemaFlaw((*at, "$defs"), "$defs"))
    return tuple((key, tuple(map(_below, faults))) for key, faults in kinds.items())


def _cached(cache: dict[bytes, T], most: int, key: bytes, make: Callable[[], T]) -> T:
    """Return the analysis for a key, cached if that is short."""
    analysis = cache.get(key)
    if analysis is None:
        analysis = make()
        if len(key) <= _CACHED_BYTES:
            if len(cache) >= most:
                cache.clear()
            cache[key] = analysis
    return analysis


class _Cache:
    """Cache of analyses by JSON, and of the last lists by identity too."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[object, Declared]] = {}
        self._lists: dict[bytes, Declared] = {}
        self._functions: dict[bytes, Definition] = {}

    def of(self, tools: object) -> Declared:
        last = self._last.get(id(tools))
        if last and last[0] is tools:
            return last[1]
        analysis = self._list(tools)
        if len(self._last) >= _LAST:
            self._last.clear()
        self._last[id(tools)] = (tools, analysis)
        return analysis

    def _list(self, tools: object) -> Declared:
        if not isinstance(tools, list):
            return Declared(whole=False)
        try:
            key = orjson.dumps(tools)
        except orjson.JSONEncodeError:  # nested too deeply for orjson
            return Declared(whole=False)
        if len(key) > _CACHED_BYTES:
            self._last.clear()
        return _cached(self._lists, _CACHED_LISTS, key, partial(_read, tools))

    def function(self, function: dict[str, Any]) -> Definition:
        key = orjson.dumps(function)
        return _cached(self._functions, _CACHED_FUNCTIONS, key, partial(_define, function))


_ANALYSES = _Cache()
declared = _ANALYSES.of
"""Return the analysis of a list of tools or functions, without malformed entries."""


def holder_of(example: Example, at: Pointer) -> dict[str, Any]:
    """Return the object with the tools for the message or list of messages at pointer `at`."""
    if at[0] == "messages":
        return example.data
    prompt = example.data.get("input")
    return prompt if isinstance(prompt, dict) else {}
