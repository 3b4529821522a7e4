"""What a list of tools declares, worked out once: real files repeat it on every line."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from ftlint.core.example import Example
from ftlint.core.json_spans import Pointer
from ftlint.formats.schema import Schema
from ftlint.formats.tool_parameters import Trouble, contradictions, incomplete, judge, places

_KEPT_LISTS = 256
_KEPT_FUNCTIONS = 1024
_KEPT_BYTES = 32_768
"""What is longer as JSON is not kept."""


class Definition(NamedTuple):
    """What is known of one function, of this name.

    `described` says whether it has a description. `invalid`, `loose` and `odd` are places within
    the function: faults of its schema, what a strict one leaves open, and what Azure has been
    seen to refuse, by kind. `validator` takes arguments, None where that cannot be done; `digest`
    is of the parameters.
    """

    name: str
    described: bool
    invalid: tuple[Trouble, ...] = ()
    loose: tuple[Trouble, ...] = ()
    odd: tuple[tuple[str, tuple[Trouble, ...]], ...] = ()
    validator: jsonschema_rs.Validator | None = None
    digest: bytes = b""


class Declared:
    """What is known of a list of tools, or of functions.

    `functions` are the definitions with their places in the list, `by_name` the definition of
    each name, None where there are several, `versions` the names with their digests. `repeated`
    are the places of a name and of its first use. `whole` says that nothing in the list is
    malformed. The rest are the functions of which something is to be said.
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
    known = Declared()
    first: dict[str, Pointer] = {}
    for index, tool in enumerate(tools):
        at: Pointer = (index,)
        if isinstance(tool, dict) and isinstance(tool.get("function"), dict):
            at, tool = (index, "function"), tool["function"]  # noqa: PLW2901 - the same tool
        if not isinstance(tool, dict) or not isinstance(tool.get("name"), str):
            known.whole = False
            continue
        found = _KNOWN.function(tool)
        known.functions.append((at, found))
        if found.name in first:
            known.repeated.append((at, first[found.name]))
            known.by_name[found.name] = None
        else:
            first[found.name], known.by_name[found.name] = at, found
    known.versions = tuple((one.name, one.digest) for _, one in known.functions)
    known.undescribed = [entry for entry in known.functions if not entry[1].described]
    known.invalid = [entry for entry in known.functions if entry[1].invalid]
    known.loose = [entry for entry in known.functions if entry[1].loose]
    known.odd = [entry for entry in known.functions if entry[1].odd]
    return known


def _define(function: dict[str, Any]) -> Definition:
    name, schema = function["name"], function.get("parameters")
    description = function.get("description")
    described = not (description is None or (isinstance(description, str) and not description))
    if not isinstance(schema, dict):
        return Definition(name, described)
    judged = judge(schema)
    invalid = list(contradictions(schema))
    if judged.trouble and judged.trouble.at not in (("type",), ("properties",)):
        invalid = [judged.trouble, *(other for other in invalid if other.at != judged.trouble.at)]
    loose = incomplete(schema) if function.get("strict") is True else ()
    text = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
    return Definition(
        name,
        described,
        invalid=tuple(_below(trouble) for trouble in invalid),
        loose=tuple(_below(trouble) for trouble in loose),
        odd=_odd(schema),
        validator=judged.validator if schema.get("type", "object") == "object" else None,
        digest=hashlib.blake2b(text, digest_size=8).digest(),
    )


def _below(trouble: Trouble) -> Trouble:
    return Trouble(("parameters", *trouble.at), trouble.message)


def _odd(schema: Schema) -> tuple[tuple[str, tuple[Trouble, ...]], ...]:
    """Return what schema generators write and Azure has been seen to refuse, by kind."""
    kinds: dict[str, list[Trouble]] = {}
    for at, here, _ in places(schema):
        if isinstance(here.get("title"), str):
            kinds.setdefault("notes", []).append(Trouble((*at, "title"), "title"))
        if "default" in here and here["default"] is None:
            kinds.setdefault("notes", []).append(Trouble((*at, "default"), "default null"))
        kind = here.get("type")
        if isinstance(kind, list) and "null" in kind:
            kinds.setdefault("types", []).append(Trouble((*at, "type"), "null among the types"))
        for key in ("anyOf", "oneOf"):
            branches = here.get(key)
            if isinstance(branches, list) and {"type": "null"} in branches:
                kinds.setdefault("rest", []).append(Trouble((*at, key), f"{key} with null"))
        if isinstance(here.get("$defs"), dict):
            kinds.setdefault("rest", []).append(Trouble((*at, "$defs"), "$defs"))
    return tuple((key, tuple(map(_below, found))) for key, found in kinds.items())


class _Known:
    """What was worked out before, by the JSON of it; the last list also by identity."""

    def __init__(self) -> None:
        self._last: tuple[object, Declared] = (None, Declared(whole=False))
        self._lists: dict[bytes, Declared] = {}
        self._functions: dict[bytes, Definition] = {}

    def of(self, tools: object) -> Declared:
        last, known = self._last
        if last is not tools:
            known = self._list(tools)
            self._last = (tools, known)
        return known

    def _list(self, tools: object) -> Declared:
        if not isinstance(tools, list):
            return Declared(whole=False)
        try:
            key = orjson.dumps(tools)
        except orjson.JSONEncodeError:  # nested deeper than orjson writes
            return Declared(whole=False)
        known = self._lists.get(key)
        if known is None:
            known = _read(tools)
            if len(key) <= _KEPT_BYTES:
                if len(self._lists) >= _KEPT_LISTS:
                    self._lists.clear()
                self._lists[key] = known
        return known

    def function(self, function: dict[str, Any]) -> Definition:
        key = orjson.dumps(function)
        known = self._functions.get(key)
        if known is None:
            known = _define(function)
            if len(key) <= _KEPT_BYTES:
                if len(self._functions) >= _KEPT_FUNCTIONS:
                    self._functions.clear()
                self._functions[key] = known
        return known


_KNOWN = _Known()
declared = _KNOWN.of
"""Return what a list of tools or functions declares, malformed ones left out."""


def holder_of(example: Example, at: Pointer) -> dict[str, Any]:
    """Return the object that holds the tools for the messages at or around `at`."""
    if at[0] == "messages":
        return example.data
    held = example.data.get("input")
    return held if isinstance(held, dict) else {}
