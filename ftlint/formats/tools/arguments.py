"""Arguments of calls, judged by the parameters of their function.

Both are untrusted: none may fetch, hang or raise. External references are not resolved, regular
expressions have a backtracking limit, and what would cost more than `ftlint.core.limits` allows is
left undecided, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from ftlint.core import limits
from ftlint.core.json_spans import Pointer
from ftlint.core.text import json_kind, show
from ftlint.formats.schema import Schema
from ftlint.formats.tools.parameters import (
    HOLDERS,
    SchemaFlaw,
    is_pointer,
    places,
    target,
    unresolved,
)

_DRAFTS: tuple[Callable[..., jsonschema_rs.Validator], ...] = (
    jsonschema_rs.Draft202012Validator,
    jsonschema_rs.Draft7Validator,
    jsonschema_rs.Draft4Validator,
)
_REGEX = jsonschema_rs.FancyRegexOptions(backtrack_limit=limits.PATTERN_STEPS)

_ALTERNATIVES = (
    *("allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "dependencies", "contains"),
    *("patternProperties", "unevaluatedProperties", "unevaluatedItems"),
)
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_NAMED = {"$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"}
_APPLIED = HOLDERS - {"$defs", "definitions"}


class ArgumentSchema(NamedTuple):
    """A compiled schema and what bounds the work of applying it.

    `steps` counts its schemas with references followed, and the values of its enums; `patterns`
    its regular expressions; `size` its bytes as JSON.
    """

    validator: jsonschema_rs.Validator
    steps: int
    patterns: int
    size: int


class Compiled(NamedTuple):
    """The compiled schema, or its fault; neither if it is too involved to be applied."""

    schema: ArgumentSchema | None
    flaw: SchemaFlaw | None


_TOO_INVOLVED = Compiled(None, None)


class Verdict(NamedTuple):
    """Why arguments are refused, or why they are undecided; neither if they are accepted."""

    refusal: str | None = None
    undecided: str | None = None


ACCEPTED = Verdict()
_REFUSED = Verdict("not what the parameters allow")


def compiled(schema: Schema) -> Compiled:
    """Compile a schema, by the first draft that accepts it."""
    text = orjson.dumps(schema)
    patterns = text.count(b'attern"') + text.count(b'atternProperties"')
    if len(text) > limits.SCHEMA_BYTES or patterns > limits.SCHEMA_PATTERNS:
        return _TOO_INVOLVED
    refused: jsonschema_rs.ValidationError | None = None
    for draft in _DRAFTS:
        try:
            validator = draft(schema, validate_formats=False, offline=True, pattern_options=_REGEX)
        except jsonschema_rs.ValidationError as error:
            refused = refused or error
        except Exception:  # noqa: BLE001 - untrusted data, e.g. nested too deeply
            return _TOO_INVOLVED
        else:
            steps = _steps(schema, text)
            if steps > limits.SCHEMA_STEPS:
                return _TOO_INVOLVED
            values = text.count(b",")
            return Compiled(ArgumentSchema(validator, steps + values, patterns, len(text)), None)
    return Compiled(None, _flaw(schema, refused)) if refused else _TOO_INVOLVED


def _flaw(schema: Schema, error: jsonschema_rs.ValidationError) -> SchemaFlaw:
    if error.kind.name == "$ref":
        return unresolved(schema)
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


def _steps(schema: Schema, text: bytes) -> int:
    """Return the number of schemas with all references followed; beyond the limit if unbounded.

    In a cycle, keywords that apply to one value can double the work with each level of it. Only
    references by JSON Pointer into a schema without identifiers are followed, so that drafts agree
    on what they mean.
    """
    beyond = limits.SCHEMA_STEPS + 1
    if not any(f'"{key}"'.encode() in text for key in _REFERENCES):
        return min(text.count(b"{"), limits.SCHEMA_STEPS)
    has_alternatives = any(f'"{key}"'.encode() in text for key in _ALTERNATIVES)
    for place in places(schema):
        keys, ref = place.schema.keys(), place.schema.get("$ref", "#")
        named = keys & _NAMED or isinstance(place.schema.get("id"), str)
        if named or not isinstance(ref, str) or not is_pointer(ref):
            return beyond
        has_alternatives |= "$ref" in keys and bool(keys & _APPLIED)
    try:
        return _weight(schema, schema, {}, beyond if has_alternatives else 1)
    except RecursionError:
        return beyond


def _weight(root: Schema, schema: Schema, weights: dict[int, int], cycle: int) -> int:
    """Return the number of subschemas with references followed; a cycle counts as `cycle`."""
    if id(schema) not in weights:
        weights[id(schema)], total = 0, 1
        for place in places(schema):
            ref = place.schema.get("$ref")
            at = target(root, ref) if isinstance(ref, str) else None
            total += 1 + (_weight(root, at, weights, cycle) if isinstance(at, dict) else 0)
        weights[id(schema)] = total
    return weights[id(schema)] or cycle


def judge(schema: ArgumentSchema, text: str, value: Any) -> Verdict:
    """Judge arguments, given as they were written and as they were parsed."""
    values = 1 + text.count(",") + text.count("{") + text.count("[")
    over_steps = schema.steps * values > limits.ARGUMENT_STEPS
    if over_steps or schema.patterns * values > limits.PATTERN_MATCHES:
        return Verdict(undecided="they hold too many values for parameters so involved")
    if schema.validator.is_valid(value):
        return ACCEPTED
    if schema.steps * len(text) > limits.ERROR_BYTES:
        return _REFUSED
    is_cheap = schema.steps * values * (len(text) + schema.size) <= limits.ERROR_BYTES
    return _refused(schema, value, only_first=not is_cheap)


def _refused(schema: ArgumentSchema, value: Any, *, only_first: bool) -> Verdict:
    """Return the first refusal, and the number of others."""
    try:
        if only_first:
            schema.validator.validate(value)
        errors = list(schema.validator.iter_errors(value))
    except jsonschema_rs.ValidationError as error:
        errors = [error]
    except ValueError:  # nested too deeply to be held by an error
        return _REFUSED
    refusals = [words for error in errors if (words := _refusal(error, value))]
    if not refusals:
        return Verdict(undecided="a pattern of its parameters takes too many steps")
    more = f" (and {len(refusals) - 1:,} more)" if refusals[1:] else ""
    return Verdict(f"{refusals[0]}{more}")


def _refusal(error: jsonschema_rs.ValidationError, value: Any) -> str | None:
    """Return an error in words; None if a pattern gave up."""
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
