"""The JSON Schema of a function's parameters: its subschemas and its faults.

Written without recursion over the data, which may be nested as deeply as JSON goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

import orjson

from ftlint.core.json_spans import Pointer
from ftlint.core.text import show
from ftlint.formats.schema import Schema

_MAPS = (
    *("properties", "patternProperties", "$defs", "definitions"),
    *("dependentSchemas", "dependencies"),
)
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_SINGLE = (
    *("items", "additionalItems", "contains", "unevaluatedItems"),
    *("additionalProperties", "unevaluatedProperties", "propertyNames"),
    *("not", "if", "then", "else"),
)
HOLDERS = frozenset((*_MAPS, *_SEVERAL, *_SINGLE))
_PARTS = frozenset(
    ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "$defs")
) | {"definitions", "propertyNames", "dependencies"}
_SHARED = frozenset(("allOf", "anyOf", "oneOf", "if", "patternProperties", "dependentSchemas"))


class SchemaFlaw(NamedTuple):
    """A fault in a schema: its pointer and message."""

    pointer: Pointer
    message: str


class Place(NamedTuple):
    """A subschema and its pointer; `part` if it constrains a value only together with others."""

    pointer: Pointer
    schema: Schema
    part: bool


def places(root: Schema) -> Iterator[Place]:
    """Yield a schema and all its subschemas, in document order."""
    stack = [Place((), root, part=False)]
    while stack:
        current = stack.pop()
        yield current
        inner = [
            place for key in current.schema if key in HOLDERS for place in _inner(current, key)
        ]
        stack += reversed(inner)


def _inner(here: Place, key: str) -> Iterator[Place]:
    value, at, part = here.schema[key], (*here.pointer, key), key in _PARTS
    if isinstance(value, list):
        if key in _SEVERAL:
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield Place((*at, index), item, part)
    elif isinstance(value, dict) and key in _MAPS:
        for name, item in value.items():
            if isinstance(item, dict):
                yield Place((*at, name), item, part)
    elif isinstance(value, dict) and key in _SINGLE:
        yield Place(at, value, part)


def unresolved(schema: Schema) -> SchemaFlaw:
    """Return the fault of the first unresolved reference."""
    for place in places(schema):
        for key in ("$ref", "$dynamicRef"):
            ref = place.schema.get(key)
            if isinstance(ref, str) and target(schema, ref) is None:
                return SchemaFlaw(
                    (*place.pointer, key), f"{key} {show(ref)} is not in the parameters"
                )
    return SchemaFlaw((), "a reference in the parameters leads nowhere")


def is_pointer(ref: str) -> bool:
    """Return whether a reference is a JSON Pointer into the same schema."""
    return ref == "#" or ref.startswith("#/")


def target(root: Schema, ref: str) -> Any:
    """Return the target of a JSON Pointer reference, None for another kind or if unresolved."""
    if not is_pointer(ref):
        return None
    value: Any = root
    for step in unquote(ref[2:]).split("/") if len(ref) > 1 else ():
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = _item(value, name)
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _item(values: list[Any], index: str) -> Any:
    """Return an entry by the digits of its index, None if there is none."""
    if not index.isdecimal() or len(index) > len(str(len(values))):  # int takes 4,300 digits
        return None
    return next(iter(values[int(index) :]), None)


def contradictions(schema: Schema) -> Iterator[SchemaFlaw]:
    """Yield valid but probably unintended constraints, in `required` and `enum`."""
    for place in places(schema):
        at, subschema = place.pointer, place.schema
        choices = subschema.get("enum")
        if isinstance(choices, list):
            if not choices:
                yield SchemaFlaw((*at, "enum"), "enum is empty, so no value is allowed")
            elif len({orjson.dumps(choice) for choice in choices}) < len(choices):
                yield SchemaFlaw((*at, "enum"), "enum holds a value twice")
        if (
            place.part
            or not isinstance(subschema.get("required"), list)
            or subschema.keys() & _SHARED
        ):
            continue
        named = subschema.get("properties", {} if subschema.get("type") == "object" else None)
        more = subschema.get("additionalProperties", False) is not False
        if not isinstance(named, dict) or more or "$ref" in subschema:
            continue
        for index, name in enumerate(subschema["required"]):
            if isinstance(name, str) and name not in named:
                message = f"required names {show(name)}, which is not in properties"
                yield SchemaFlaw((*at, "required", index), message)


def incomplete(schema: Schema) -> Iterator[SchemaFlaw]:
    """Yield violations of strict mode: open objects and optional properties."""
    for place in places(schema):
        subschema = place.schema
        kind, named = subschema.get("type"), subschema.get("properties")
        if kind != "object" and not (isinstance(kind, list) and "object" in kind):
            continue
        if subschema.get("additionalProperties") is not False:
            yield SchemaFlaw(place.pointer, "strict is true, but additionalProperties is not false")
        required = subschema.get("required")
        names = required if isinstance(required, list) else ()
        listed = {name for name in names if isinstance(name, str)}
        for name in named if isinstance(named, dict) else ():
            if name not in listed:
                message = f"strict is true, but property {show(name)} is not in required"
                yield SchemaFlaw((*place.pointer, "properties", name), message)
