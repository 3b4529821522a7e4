"""The JSON Schema of a function's parameters: what is wrong with it, and what it refuses.

Schemas are the user's data: nothing in them may fetch, hang or raise. References are never
followed outside, regular expressions have a limit, and what is too large, too deep or too
tangled to be judged is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

import jsonschema_rs
import orjson

from ftlint.core.json_spans import Pointer
from ftlint.core.text import json_kind, show
from ftlint.formats.schema import Schema

_DRAFTS: tuple[Callable[..., jsonschema_rs.Validator], ...] = (
    jsonschema_rs.Draft202012Validator,
    jsonschema_rs.Draft7Validator,
    jsonschema_rs.Draft4Validator,
)
_REGEX = jsonschema_rs.FancyRegexOptions(backtrack_limit=10_000)
_LARGEST = 262_144
"""Bytes of a schema (as JSON) that is judged."""

_PATTERNS = 64
_EXPANSIONS = 10_000
"""Schemas that a value may meet when every reference is followed."""

_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_SINGLE = (
    *("items", "additionalItems", "contains", "unevaluatedItems"),
    *("additionalProperties", "unevaluatedProperties", "propertyNames"),
    *("not", "if", "then", "else"),
)
_HOLDERS = frozenset((*_MAPS, *_SEVERAL, *_SINGLE))
_PARTS = frozenset(
    ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "$defs")
) | {"definitions", "propertyNames"}
_ALTERNATIVES = ("allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "contains")
_SHARED = frozenset(("allOf", "anyOf", "oneOf", "if", "patternProperties", "dependentSchemas"))


class Trouble(NamedTuple):
    """What is wrong at a place, and how that is said."""

    at: Pointer
    message: str


class Place(NamedTuple):
    """A schema within a schema; `part` when it says only a part of what a value must be."""

    at: Pointer
    schema: Schema
    part: bool


def places(root: Schema) -> Iterator[Place]:
    """Yield a schema and every schema in it, in the order in which they stand there."""
    stack = [Place((), root, part=False)]
    while stack:
        here = stack.pop()
        yield here
        inner = [place for key in here.schema if key in _HOLDERS for place in _inner(here, key)]
        stack += reversed(inner)


def _inner(here: Place, key: str) -> Iterator[Place]:
    value, at, part = here.schema[key], (*here.at, key), key in _PARTS
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


class Judged(NamedTuple):
    """A schema that can be used, or what is wrong with it; neither when that cannot be told."""

    validator: jsonschema_rs.Validator | None
    trouble: Trouble | None


_UNKNOWN = Judged(None, None)


def judge(schema: Schema) -> Judged:
    """Compile a schema of any current draft."""
    text = orjson.dumps(schema)
    if len(text) > _LARGEST or text.count(b'attern"') > _PATTERNS:
        return _UNKNOWN
    refused: jsonschema_rs.ValidationError | None = None
    for draft in _DRAFTS:
        try:
            known = draft(schema, validate_formats=False, offline=True, pattern_options=_REGEX)
            return Judged(known if b'"$ref"' not in text or _bounded(schema, text) else None, None)
        except jsonschema_rs.ValidationError as error:
            refused = refused or error
        except Exception:  # noqa: BLE001 - deeper than it can hold, or whatever else data may do
            return _UNKNOWN
    return Judged(None, _worded(schema, refused)) if refused else _UNKNOWN


def _worded(schema: Schema, error: jsonschema_rs.ValidationError) -> Trouble:
    if error.kind.name == "$ref":
        return _lost(schema)
    at, value = _found(schema, error.instance_path)
    if not at:
        return Trouble(at, "parameters is not a valid JSON Schema")
    key, kind = at[-1], error.kind
    if key == "type" and isinstance(value, str):
        return Trouble(at, f"type {show(value)} is not one of JSON Schema")
    if kind.name == "format" and key == "pattern":
        return Trouble(at, f"pattern {show(value)} is not a regular expression")
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Type):
        return Trouble(at, f"{show(key)} is {json_kind(value)}, expected {_words(kind.types)}")
    return Trouble(at, f"{show(key)} is {show(value)}, which JSON Schema does not allow")


def _words(types: list[str]) -> str:
    """Name the types of JSON Schema, with their articles."""
    articles = {"null": "null", "array": "an array", "object": "an object", "integer": "an integer"}
    return " or ".join(articles.get(kind, f"a {kind}") for kind in types)


def _found(schema: Any, path: list[str | int]) -> tuple[Pointer, Any]:
    """Return the place that a path of jsonschema-rs means; it reads keys of digits as indices."""
    at: list[str | int] = []
    for step in path:
        known = str(step) if isinstance(schema, dict) else step
        try:
            schema = schema[known]
        except (LookupError, TypeError):
            break
        at.append(known)
    return tuple(at), schema


def _lost(schema: Schema) -> Trouble:
    """Name the first reference that leads nowhere."""
    for place in places(schema):
        for key in ("$ref", "$dynamicRef"):
            ref = place.schema.get(key)
            if isinstance(ref, str) and _target(schema, ref) is None:
                return Trouble((*place.at, key), f"{key} {show(ref)} is not in the parameters")
    return Trouble((), "a reference in the parameters leads nowhere")


def _target(root: Schema, ref: str) -> Any:
    """Return what a reference by pointer means; None for any other, and where nothing is."""
    if not ref.startswith("#") or (len(ref) > 1 and ref[1] != "/"):
        return None
    value: Any = root
    for step in unquote(ref[2:]).split("/") if len(ref) > 1 else ():
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _bounded(schema: Schema, text: bytes) -> bool:
    """Tell whether references do not multiply beyond all bounds when they are followed.

    In a circle, alternatives double what is to be tried with each level of a value.
    """
    tangled = any(f'"{key}"'.encode() in text for key in _ALTERNATIVES)
    try:
        return _weight(schema, schema, {}, _EXPANSIONS + 1 if tangled else 1) <= _EXPANSIONS
    except RecursionError:
        return False


def _weight(root: Schema, schema: Schema, known: dict[int, int], circle: int) -> int:
    """Count the schemas below one, references followed; a circle counts as `circle`."""
    if id(schema) not in known:
        known[id(schema)], total = 0, 1
        for place in places(schema):
            ref = place.schema.get("$ref")
            target = _target(root, ref) if isinstance(ref, str) else None
            total += 1 + (_weight(root, target, known, circle) if isinstance(target, dict) else 0)
        known[id(schema)] = total
    return known[id(schema)] or circle


def contradictions(schema: Schema) -> Iterator[Trouble]:
    """Yield what is valid JSON Schema, but not meant: lost names in `required`, odd `enum`s."""
    for place in places(schema):
        at, here = place.at, place.schema
        choices = here.get("enum")
        if isinstance(choices, list):
            if not choices:
                yield Trouble((*at, "enum"), "enum is empty, so no value is allowed")
            elif len({orjson.dumps(choice) for choice in choices}) < len(choices):
                yield Trouble((*at, "enum"), "enum holds a value twice")
        if place.part or not isinstance(here.get("required"), list) or here.keys() & _SHARED:
            continue
        named = here.get("properties", {} if here.get("type") == "object" else None)
        more = here.get("additionalProperties", False) is not False
        if not isinstance(named, dict) or more or "$ref" in here:
            continue
        for index, name in enumerate(here["required"]):
            if isinstance(name, str) and name not in named:
                lost = f"required names {show(name)}, which is not in properties"
                yield Trouble((*at, "required", index), lost)


def incomplete(schema: Schema) -> Iterator[Trouble]:
    """Yield the objects of a schema that leave something open, which a strict one may not."""
    for place in places(schema):
        here = place.schema
        kind, named = here.get("type"), here.get("properties")
        if kind != "object" and not (isinstance(kind, list) and "object" in kind):
            continue
        if here.get("additionalProperties") is not False:
            yield Trouble(place.at, "strict is true, but additionalProperties is not false")
        required = here.get("required")
        listed = required if isinstance(required, list) else []
        for name in named if isinstance(named, dict) else ():
            if name not in listed:
                message = f"strict is true, but property {show(name)} is not in required"
                yield Trouble((*place.at, "properties", name), message)


def complaint(validator: jsonschema_rs.Validator, value: Any) -> str | None:
    """Say what a schema refuses in a value, None when it takes it or that cannot be told."""
    try:
        if validator.is_valid(value):
            return None
        errors = [_refusal(error, value) for error in validator.iter_errors(value)]
    except ValueError:  # deeper than it can hold
        return None
    told = [words for words in errors if words]
    more = f" (and {len(told) - 1:,} more)" if told[1:] else ""
    return f"{told[0]}{more}" if told else None


def _refusal(error: jsonschema_rs.ValidationError, value: Any) -> str | None:
    kinds, kind = jsonschema_rs.ValidationErrorKind, error.kind
    if isinstance(kind, kinds.BacktrackLimitExceeded | kinds.RegexEngineFailure):
        return None
    at, found = _found(value, error.instance_path)
    where = show(at[-1]) if at else "the object"
    if isinstance(kind, kinds.Required):
        inside = f" in {where}" if at else ""
        return f"{show(kind.property)} is missing{inside}"
    if isinstance(kind, kinds.AdditionalProperties):
        return f"{show(kind.unexpected[0])} is not a parameter"
    if isinstance(kind, kinds.Type):
        return f"{where} is {json_kind(found)}, expected {_words(kind.types)}"
    if isinstance(kind, kinds.Enum):
        return f"{where} is {show(found)}, expected one of the enum"
    return f"{where} is {show(found)}, refused by {kind.name}"
