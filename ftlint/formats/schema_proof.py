"""Proof that the result of a schema depends on free texts only by comparison with constants.

Then validation may be cached by the view of an example, unless one of its texts is such a constant.
A schema with any other keyword is not proved, and has to validate every example.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Schema = dict[str, Any]
Path = tuple[str | int, ...]
"""Keys that lead to a value; "*" is any index of an array."""

_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
_NOT_OF_STRINGS = frozenset(
    (
        *("type", "const", "enum", "$ref", "$defs", "$schema", "$id", "x-rule", "title"),
        *("description", "default", "examples", "$comment", "properties", "required"),
        *("additionalProperties", "items", "contains", "minItems", "maxItems", "minContains"),
        *("maxContains", "minProperties", "maxProperties", "minimum", "maximum", "multipleOf"),
        *("exclusiveMinimum", "exclusiveMaximum", "dependentRequired", *_IN_PLACE),
    )
)
"""Keywords that constrain a string at most by type and by equality with a constant."""


class _UnprovedError(Exception):
    """A keyword that may depend on a text in any other way."""


def words_of(schema: Schema, texts: Iterable[Path]) -> frozenset[str] | None:
    """Return the constants that a schema compares with the texts at the given paths.

    None if the schema may depend on one of these texts in any other way.
    """
    words: set[str] = set()
    try:
        for path in texts:
            for node in _applied(schema, schema, path):
                values = [*node.get("enum", ()), *([node["const"]] if "const" in node else ())]
                words.update(value for value in values if isinstance(value, str))
    except _UnprovedError:
        return None
    return frozenset(words)


def _applied(root: Schema, node: Any, path: Path) -> Iterator[Schema]:
    """Yield the schemas that apply to the value at a path. Raises `_UnprovedError`."""
    if not isinstance(node, dict):  # true or false
        return
    if not node.keys() <= _NOT_OF_STRINGS:
        raise _UnprovedError
    for value in node.get("enum", [node.get("const")]) if path else ():
        if value and isinstance(value, dict | list):  # compares a container of the text
            raise _UnprovedError
    for inner in _in_place(root, node):
        yield from _applied(root, inner, path)
    if not path:
        yield node
    elif path[0] == "*":
        for keyword in ("items", "contains"):
            yield from _applied(root, node.get(keyword), path[1:])
    else:
        named, key = node.get("properties", {}), path[0]
        inner = named[key] if key in named else node.get("additionalProperties")
        yield from _applied(root, inner, path[1:])


def _in_place(root: Schema, node: Schema) -> Iterator[Any]:
    for keyword in _IN_PLACE:
        value = node.get(keyword, ())
        yield from value if isinstance(value, list) else [value] if keyword in node else []
    if "$ref" in node:
        target: Any = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        yield target
