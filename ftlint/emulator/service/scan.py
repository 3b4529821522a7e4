"""Scan of a training file: its first fault, and the facts that validating a job needs."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass, field

import orjson

_LONGEST = 64 << 20
"""Maximum bytes of a line, so that memory does not grow with the file."""

_KEYS = {
    "messages": "chat",
    "input": "preference",
    "prompt": "completions",
    "completion": "completions",
}


@dataclass(slots=True)
class Content:
    """The result of a scan.

    `examples` counts lines that are objects; `kind` is the format of the first: chat, preference,
    completions, or empty. `without` maps a key to the first example (1-based) that lacks it.
    `broken` is why the file cannot be parsed, empty if it can; `not_object` tells that the reason
    is JSON that is no object.
    """

    examples: int = 0
    kind: str = ""
    without: dict[str, int] = field(default_factory=dict)
    broken: str = ""
    not_object: bool = False


def scan(path: str) -> Content:
    """Scan a file line by line up to the first line that is no object."""
    content = Content()
    with open(path, "rb") as file:
        number = 0
        while line := file.readline(_LONGEST):
            number += 1
            text = (line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).strip()
            if text and not _add(content, text, number):
                break
    return content


def _add(content: Content, text: bytes, number: int) -> bool:
    """Add a line; return whether it is an object."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        content.broken = (
            f"Invalid file format. Example {number} cannot be parsed. "
            f"Error: line contains invalid json: {_why(text, error)} (line {number})"
        )
        return False
    if not isinstance(data, dict):
        hint = text[:4].decode(errors="replace")
        content.not_object = True
        content.broken = (
            "Expected file to have JSONL format, where every line is a JSON dictionary. "
            f'Line {number} is not a dictionary (HINT: line starts with: "{hint}...").'
        )
        return False
    content.examples += 1
    if content.examples == 1:
        content.kind = next((kind for key, kind in _KEYS.items() if key in data), "")
    for key in _KEYS:
        if key not in data:
            content.without.setdefault(key, content.examples)
    return True


def _why(text: bytes, error: orjson.JSONDecodeError) -> str:
    """Return the message of Python's json, which the service is known to use."""
    try:
        json.loads(text)
    except (ValueError, RecursionError) as standard:
        return str(standard)
    return str(error)
