"""Graders of reinforcement fine-tuning as data: parts, templates, and the fields they read.

Judging them is left to `ftlint.rules.reinforcement.grader_shape`; no grader's code is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypedDict

from ftlint.core.json_spans import Pointer
from ftlint.formats.grader_python import reads

TYPES = ("string_check", "text_similarity", "score_model", "python", "multi")
"""Types of graders for reinforcement jobs (openai-openapi f85dbe2, Azure's guide)."""

NAMESPACES = ("item", "sample")
_RESERVED = ("messages", "tools")
_PLACEHOLDER = r"\{\{([^{}]*)\}\}"
_PATH = r"[^\W\d][\w-]*(?:\.[\w-]+|\[[^\[\]]*\])*"
_OPENED = r"\{\{(?=\s*(?:item|sample)\b)"
_CLOSED = r"\b(?:item|sample)\.[\w.-]+\s*(\}\})"
_STEP = r"\.?([\w-]+)"

Grader = dict[str, Any]


class Field(TypedDict):
    """A field of a row that a grader reads: its path, its reference, and whether it is optional."""

    path: list[str]
    words: str
    optional: bool


class Template(NamedTuple):
    """A text with placeholders, and its pointer in the definition."""

    at: Pointer
    text: str


class Placeholder(NamedTuple):
    """`{{body}}` in a template, from code point `start` to `end` (0-based, exclusive).

    `path` has the steps before the first index; it is empty if `body` is no path.
    """

    start: int
    end: int
    body: str
    path: tuple[str, ...]


def parts(data: Any, at: Pointer = ()) -> Iterator[tuple[Pointer, Grader]]:
    """Yield each grader of a definition with its pointer: itself, then those it combines."""
    if isinstance(data, dict):
        yield at, data
        for key, grader in combined(data):
            yield from parts(grader, (*at, "graders", key))


def combined(grader: Grader) -> Iterable[tuple[str | int, Any]]:
    """Return the graders of a multigrader, by name or, in a list, by index."""
    graders = grader.get("graders")
    if isinstance(graders, dict):
        return () if isinstance(graders.get("type"), str) else tuple(graders.items())
    return tuple(enumerate(graders)) if isinstance(graders, list) else ()


def templates(data: Any) -> Iterator[Template]:
    """Yield the texts of a definition that may have placeholders."""
    for at, grader in parts(data):
        for key in ("input", "reference"):
            yield from _texts((*at, key), grader.get(key))


def _texts(at: Pointer, value: Any) -> Iterator[Template]:
    """Yield the texts of a string, of messages, or of message parts."""
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
    """Yield the code points (0-based) of `{{` and `}}` outside of placeholders.

    Single braces and those of JSON in a prompt are text unless a path is next to them.
    """
    rest = re.sub(_PLACEHOLDER, lambda match: " " * len(match[0]), text)
    strays = {match.start() for match in re.finditer(_OPENED, rest)}
    strays |= {match.start(1) for match in re.finditer(_CLOSED, rest)}
    opened: list[int] = []
    at = 0
    while at < len(rest):
        if rest[at] == "{":
            opened.append(at)
        elif rest[at] == "}" and opened:
            opened.pop()
        elif rest.startswith("}}", at):
            strays.add(at)
            at += 1
        at += 1
    unclosed = set(opened)
    strays |= {at for at in unclosed if at + 1 in unclosed and at - 1 not in unclosed}
    yield from sorted(strays)


def fields(data: Any) -> list[Field]:
    """Return the fields of a row that a definition reads, in order and without duplicates."""
    by_path: dict[tuple[str, ...], Field] = {}
    for template in templates(data):
        for holder in placeholders(template.text):
            if holder.path[:1] == ("item",) and len(holder.path) > 1:
                path = holder.path[1:]
                words = "{{item." + ".".join(path) + "}}"
                by_path[path] = Field(path=list(path), words=words, optional=False)
    for _, grader in parts(data):
        if grader.get("type") == "python" and isinstance(grader.get("source"), str):
            for key, optional in reads(grader["source"]).items():
                words = f'item["{key}"]'
                if (key,) not in by_path or (by_path[key,]["optional"] and not optional):
                    by_path[key,] = Field(path=[key], words=words, optional=optional)
    return [field for path, field in by_path.items() if path[0] not in _RESERVED]


def references(data: Any) -> list[list[str]]:
    """Return the paths of the fields that answers are compared with."""
    paths: dict[tuple[str, ...], None] = {}
    for _, grader in parts(data):
        reference = grader.get("reference")
        if isinstance(reference, str) and grader.get("operation") != "ne":
            for holder in placeholders(reference):
                if holder.path[:1] == ("item",) and len(holder.path) > 1:
                    paths[holder.path[1:]] = None
    return [list(path) for path in paths if path[0] not in _RESERVED]


def lacks(row: dict[str, Any], path: Iterable[str]) -> bool:
    """Return whether a row lacks the field at `path`; false if the path leads into a list."""
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
