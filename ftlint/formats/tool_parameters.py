"""Validation of the JSON Schema of a function's parameters, and of arguments by it.

Schemas are untrusted data: none may fetch, hang or raise. External references are not resolved,
regular expressions have a backtracking limit, and a schema that is too large, too deep or too
recursive is not validated.
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
_MAXIMUM_BYTES = 262_144
"""Maximum bytes of a schema (as JSON)."""

_PATTERNS = 64
_EXPANSIONS = 10_000
"""Maximum schemas applied to a value, references expanded."""

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
_HOLDERS = frozenset((*_MAPS, *_SEVERAL, *_SINGLE))
_PARTS = frozenset(
    ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "$defs")
) | {"definitions", "propertyNames", "dependencies"}
_ALTERNATIVES = (
    *("allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "dependencies", "contains"),
    *("patternProperties", "unevaluatedProperties", "unevaluatedItems"),
)
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_NAMED = {"$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"}
_APPLIED = _HOLDERS - {"$defs", "definitions"}
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
            place for key in current.schema if key in _HOLDERS for place in _inner(current, key)
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


class Judged(NamedTuple):
    """The validator of a schema, or its fault; neither if it could not be validated."""

    validator: jsonschema_rs.Validator | None
    flaw: SchemaFlaw | None


_UNKNOWN = Judged(None, None)


def judge(schema: Schema) -> Judged:
    """Compile a schema, by the first draft that accepts it."""
    text = orjson.dumps(schema)
    if len(text) > _MAXIMUM_BYTES or text.count(b'attern"') > _PATTERNS:
        return _UNKNOWN
    refused: jsonschema_rs.ValidationError | None = None
    for draft in _DRAFTS:
        try:
            compiled = draft(schema, validate_formats=False, offline=True, pattern_options=_REGEX)
            return Judged(compiled if _bounded(schema, text) else None, None)
        except jsonschema_rs.ValidationError as error:
            refused = refused or error
        except Exception:  # noqa: BLE001 - untrusted data, e.g. nested too deeply
            return _UNKNOWN
    return Judged(None, _trouble_of(schema, refused)) if refused else _UNKNOWN


def _trouble_of(schema: Schema, error: jsonschema_rs.ValidationError) -> SchemaFlaw:
    if error.kind.name == "$ref":
        return _unresolved(schema)
    at, value = _resolve(schema, error.instance_path)
    if not at:
        return SchemaFlaw(at, "parameters is not a valid JSON Schema")
    key, kind = at[-1], error.kind
    if key == "type" and isinstance(value, str):
        return SchemaFlaw(at, f"type {show(value)} is not one of JSON Schema")
    if kind.name == "format" and key == "pattern":
        return SchemaFlaw(at, f"pattern {show(value)} is not a regular expression")
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Type):
        return SchemaFlaw(at, f"{show(key)} is {json_kind(value)}, expected {_words(kind.types)}")
    return SchemaFlaw(at, f"{show(key)} is {show(value)}, which JSON Schema does not allow")


def _words(types: list[str]) -> str:
    """Return the names of JSON Schema types, with articles."""
    articles = {"null": "null", "array": "an array", "object": "an object", "integer": "an integer"}
    return " or ".join(articles.get(kind, f"a {kind}") for kind in types)


def _resolve(schema: Any, path: list[str | int]) -> tuple[Pointer, Any]:
    """Return the pointer and value of a path of jsonschema-rs, whose digit keys are integers."""
    pointer: list[str | int] = []
    for step in path:
        key = str(step) if isinstance(schema, dict) else step
        try:
            schema = schema[key]
        except (LookupError, TypeError):
            break
        pointer.append(key)
    return tuple(pointer), schema


def _unresolved(schema: Schema) -> SchemaFlaw:
    """Return the fault of the first unresolved reference."""
    for place in places(schema):
        for key in ("$ref", "$dynamicRef"):
            ref = place.schema.get(key)
            if isinstance(ref, str) and _target(schema, ref) is None:
                return SchemaFlaw(
                    (*place.pointer, key), f"{key} {show(ref)} is not in the parameters"
                )
    return SchemaFlaw((), "a reference in the parameters leads nowhere")


def _is_pointer(ref: str) -> bool:
    """Return whether a reference is a JSON Pointer into the same schema."""
    return ref == "#" or ref.startswith("#/")


def _target(root: Schema, ref: str) -> Any:
    """Return the target of a JSON Pointer reference, None for another kind or if unresolved."""
    if not _is_pointer(ref):
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
    """Return whether the number of schemas with all references expanded is bounded.

    In a cycle, keywords that apply to one value can double the work with each level of it. Only
    references by JSON Pointer into a schema without identifiers are followed, so that drafts agree
    on what they mean.
    """
    if not any(f'"{key}"'.encode() in text for key in _REFERENCES):
        return True
    has_alternatives = any(f'"{key}"'.encode() in text for key in _ALTERNATIVES)
    for place in places(schema):
        keys, ref = place.schema.keys(), place.schema.get("$ref", "#")
        named = keys & _NAMED or isinstance(place.schema.get("id"), str)
        if named or not isinstance(ref, str) or not _is_pointer(ref):
            return False
        has_alternatives |= "$ref" in keys and bool(keys & _APPLIED)
    try:
        return (
            _weight(schema, schema, {}, _EXPANSIONS + 1 if has_alternatives else 1) <= _EXPANSIONS
        )
    except RecursionError:
        return False


def _weight(root: Schema, schema: Schema, weights: dict[int, int], cycle: int) -> int:
    """Return the number of subschemas with references expanded; a cycle counts as `cycle`."""
    if id(schema) not in weights:
        weights[id(schema)], total = 0, 1
        for place in places(schema):
            ref = place.schema.get("$ref")
            target = _target(root, ref) if isinstance(ref, str) else None
            total += 1 + (_weight(root, target, weights, cycle) if isinstance(target, dict) else 0)
        weights[id(schema)] = total
    return weights[id(schema)] or cycle


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
        listed = required if isinstance(required, list) else []
        for name in named if isinstance(named, dict) else ():
            if name not in listed:
                message = f"strict is true, but property {show(name)} is not in required"
                yield SchemaFlaw((*place.pointer, "properties", name), message)


def complaint(validator: jsonschema_rs.Validator, value: Any) -> str | None:
    """Return the first reason why a value is invalid; None if it is valid, or undecided."""
    try:
        if validator.is_valid(value):
            return None
        errors = [_refusal(error, value) for error in validator.iter_errors(value)]
    except ValueError:  # nested too deeply
        return None
    messages = [words for words in errors if words]
    more = f" (and {len(messages) - 1:,} more)" if messages[1:] else ""
    return f"{messages[0]}{more}" if messages else None


def _refusal(error: jsonschema_rs.ValidationError, value: Any) -> str | None:
    kinds, kind = jsonschema_rs.ValidationErrorKind, error.kind
    if isinstance(kind, kinds.BacktrackLimitExceeded | kinds.RegexEngineFailure):
        return None
    pointer, instance = _resolve(value, error.instance_path)
    where = show(pointer[-1]) if pointer else "the object"
    if isinstance(kind, kinds.Required):
        inside = f" in {where}" if pointer else ""
        return f"{show(kind.property)} is missing{inside}"
    if isinstance(kind, kinds.AdditionalProperties):
        return f"{show(kind.unexpected[0])} is not a parameter"
    if isinstance(kind, kinds.Type):
        return f"{where} is {json_kind(instance)}, expected {_words(kind.types)}"
    if isinstance(kind, kinds.Enum):
        return f"{where} is {show(instance)}, expected one of the enum"
    return f"{where} is {show(instance)}, refused by {kind.name}"
