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
    proof = _Proof(schema)
    try:
        proof.walk(schema, frozenset(texts))
    except _UnprovedError:
        return None
    return frozenset(proof.words)


class _Proof:
    """One walk over a schema along all paths; what it has seen it does not walk again."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._seen: set[tuple[int, frozenset[Path]]] = set()
        self.words: set[str] = set()

    def walk(self, node: Any, paths: frozenset[Path]) -> None:
        """Follow the schemas that apply to the values at some paths. Raises `_UnprovedError`."""
        if not paths or not isinstance(node, dict) or (id(node), paths) in self._seen:
            return
        self._seen.add((id(node), paths))
        if not node.keys() <= _NOT_OF_STRINGS:
            raise _UnprovedError
        self._compare(node, paths)
        for inner in _in_place(self._root, node):
            self.walk(inner, paths)
        below: dict[str | int, set[Path]] = {}
        for path in paths:
            if path:
                below.setdefault(path[0], set()).add(path[1:])
        for step, rest in below.items():
            for inner in _next(node, step):
                self.walk(inner, frozenset(rest))

    def _compare(self, node: Schema, paths: frozenset[Path]) -> None:
        """Take the constants that a text is compared with."""
        for value in (*node.get("enum", ()), node.get("const")):
            if isinstance(value, str) and () in paths:
                self.words.add(value)
            elif value and isinstance(value, dict | list) and paths != {()}:
                raise _UnprovedError  # compares a container of the text


def _next(node: Schema, step: str | int) -> Iterator[Any]:
    """Yield the schemas of the values that a step leads to."""
    if step == "*":
        yield node.get("items")
        yield node.get("contains")
    else:
        named = node.get("properties", {})
        yield named[step] if step in named else node.get("additionalProperties")


def _in_place(root: Schema, node: Schema) -> Iterator[Any]:
    for keyword in _IN_PLACE:
        value = node.get(keyword, ())
        yield from value if isinstance(value, list) else [value] if keyword in node else []
    if "$ref" in node:
        target: Any = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        yield target
