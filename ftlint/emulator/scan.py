"""What the service finds when it reads a file: the first fault, and what a job asks about."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass, field

import orjson

_LONGEST = 64 << 20
"""Bytes of a line that are parsed; so memory does not grow with the file."""

_KEYS = {
    "messages": "chat",
    "input": "preference",
    "prompt": "completions",
    "completion": "completions",
}


@dataclass(slots=True)
class Content:
    """What a training file holds.

    `examples` counts lines that are objects. `kind` is the format of the first of them: chat,
    preference, completions, or empty. `without` is the 1-based example that first lacks a key.
    `broken` says why the file cannot be read (empty: it can be); `not_object` that it is because a
    line is JSON, but no object.
    """

    examples: int = 0
    kind: str = ""
    without: dict[str, int] = field(default_factory=dict)
    broken: str = ""
    not_object: bool = False


def scan(path: str) -> Content:
    """Read a file line by line, as a stream, up to the first line that is no object."""
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
    """Take in a line; return whether it could be read."""
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
    """Word the fault as Python's json does, which is what the service is known to say."""
    try:
        json.loads(text)
    except (ValueError, RecursionError) as known:
        return str(known)
    return str(error)
