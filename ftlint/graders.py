"""Graders of reinforcement fine-tuning, as data: their parts, their templates, what they read.

Nothing here judges a grader, and no code of one is run: `ftlint.rules.graders` judges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypedDict

from ftlint.model import Pointer
from ftlint.python_source import reads

TYPES = ("string_check", "text_similarity", "score_model", "python", "multi")
"""The types that a reinforcement job takes (openai-openapi f85dbe2, Azure's guide)."""

NAMESPACES = ("item", "sample")
_RESERVED = ("messages", "tools")
_PLACEHOLDER = r"\{\{([^{}]*)\}\}"
_PATH = r"[^\W\d][\w-]*(?:\.[\w-]+|\[[^\[\]]*\])*"
_OPENED = r"\{\{(?=\s*(?:item|sample)\b)"
_CLOSED = r"\b(?:item|sample)\.[\w.-]+\s*(\}\})"
_STEP = r"\.?([\w-]+)"

Grader = dict[str, Any]


class Field(TypedDict):
    """A field of a row that a grader reads: where, in what words, and whether it must be there."""

    path: list[str]
    words: str
    optional: bool


class Template(NamedTuple):
    """A text with placeholders, and its place in the definition."""

    at: Pointer
    text: str


class Placeholder(NamedTuple):
    """`{{body}}` in a template, code points `start` to `end`.

    `path` are the steps up to the first index; it is empty where `body` is no path.
    """

    start: int
    end: int
    body: str
    path: tuple[str, ...]


def parts(data: Any, at: Pointer = ()) -> Iterator[tuple[Pointer, Grader]]:
    """Yield each grader of a definition with its place: itself, then those that it combines."""
    if isinstance(data, dict):
        yield at, data
        for key, grader in combined(data):
            yield from parts(grader, (*at, "graders", key))


def combined(grader: Grader) -> Iterable[tuple[str | int, Any]]:
    """Return the graders that a multigrader combines, by name or, in a list, by index."""
    graders = grader.get("graders")
    if isinstance(graders, dict):
        return () if isinstance(graders.get("type"), str) else tuple(graders.items())
    return tuple(enumerate(graders)) if isinstance(graders, list) else ()


def templates(data: Any) -> Iterator[Template]:
    """Yield the texts of a definition in which placeholders are replaced."""
    for at, grader in parts(data):
        for key in ("input", "reference"):
            yield from _texts((*at, key), grader.get(key))


def _texts(at: Pointer, value: Any) -> Iterator[Template]:
    """Yield the texts of an input: a string, messages, or the parts of a message."""
    if isinstance(value, str):
        yield Template(at, value)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _texts((*at, index), entry)
    elif isinstance(value, dict):
        for key in ("content", "text"):
            yield from _texts((*at, key), value.get(key))


def placeholders(text: str) -> Iterator[Placeholder]:
    """Yield the well-formed placeholders of a template."""
    for match in re.finditer(_PLACEHOLDER, text):
        body = match[1].strip()
        path: tuple[str, ...] = ()
        if re.fullmatch(_PATH, body):
            path = tuple(re.findall(_STEP, body.partition("[")[0]))
        yield Placeholder(match.start(), match.end(), match[1], path)


def unbalanced(text: str) -> Iterator[int]:
    """Yield the places (code points) of `{{` and `}}` that belong to no placeholder.

    Single braces, and those of JSON in a prompt, are text, unless a path stands beside them.
    """
    rest = re.sub(_PLACEHOLDER, lambda match: " " * len(match[0]), text)
    found = {match.start() for match in re.finditer(_OPENED, rest)}
    found |= {match.start(1) for match in re.finditer(_CLOSED, rest)}
    opened: list[int] = []
    at = 0
    while at < len(rest):
        if rest[at] == "{":
            opened.append(at)
        elif rest[at] == "}" and opened:
            opened.pop()
        elif rest.startswith("}}", at):
            found.add(at)
            at += 1
        at += 1
    left = set(opened)
    found |= {at for at in left if at + 1 in left and at - 1 not in left}
    yield from sorted(found)


def fields(data: Any) -> list[Field]:
    """Return the fields of a row that a definition reads, each once, in order."""
    found: dict[tuple[str, ...], Field] = {}
    for template in templates(data):
        for holder in placeholders(template.text):
            if holder.path[:1] == ("item",) and len(holder.path) > 1:
                path = holder.path[1:]
                words = "{{item." + ".".join(path) + "}}"
                found[path] = Field(path=list(path), words=words, optional=False)
    for _, grader in parts(data):
        if grader.get("type") == "python" and isinstance(grader.get("source"), str):
            for key, optional in reads(grader["source"]).items():
                words = f'item["{key}"]'
                if (key,) not in found or (found[key,]["optional"] and not optional):
                    found[key,] = Field(path=[key], words=words, optional=optional)
    return [field for path, field in found.items() if path[0] not in _RESERVED]


def references(data: Any) -> list[list[str]]:
    """Return the paths of the fields of a row that answers are compared with."""
    found: dict[tuple[str, ...], None] = {}
    for _, grader in parts(data):
        reference = grader.get("reference")
        if isinstance(reference, str) and grader.get("operation") != "ne":
            for holder in placeholders(reference):
                if holder.path[:1] == ("item",) and len(holder.path) > 1:
                    found[holder.path[1:]] = None
    return [list(path) for path in found if path[0] not in _RESERVED]


def lacks(row: dict[str, Any], path: Iterable[str]) -> bool:
    """Tell whether a row has no field at `path`; what lies in a list cannot be told."""
    value: Any = row
    for step in path:
        if isinstance(value, dict):
            if step not in value:
                return True
            value = value[step]
        else:
            holds_json = isinstance(value, str) and value.lstrip().startswith(("{", "["))
            return not isinstance(value, list) and not holds_json
    return False
