"""User data made safe to show: sanitized and truncated.

A message must neither control a terminal nor start a CI command.
"""

from __future__ import annotations

import re

import orjson

from ftlint.core.free_text import FreeText

UNSAFE = re.compile(
    r"\A:(?=:)|(?<=#)#(?=\[|vso\[)|"
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control, invisible and bidirectional characters, and the start of CI commands."""


def sanitize(text: str) -> str:
    r"""Return a text with unsafe characters as visible escapes (`\x1b`, `\u202e`)."""
    return UNSAFE.sub(lambda match: escape(match[0]), text)


def escape(character: str) -> str:
    r"""Return a character as a visible escape."""
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def json_kind(value: object) -> str:
    """Return the JSON type of a value, with its article."""
    if value is None or isinstance(value, bool):
        return orjson.dumps(value).decode()
    kinds = {str: "a string", int: "a number", float: "a number", list: "an array"}
    return kinds.get(type(value), "an object")


def plain(text: str, limit: int = 40) -> str:
    """Return user data for a message, sanitized and cut to `limit` characters, without quotes."""
    return sanitize(_cut(text, limit))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def show(value: object, limit: int = 40) -> str:
    """Return user data for a message, as JSON of at most about `limit` characters."""
    if isinstance(value, FreeText):
        return str(value)
    if isinstance(value, str):
        return sanitize(orjson.dumps(_cut(value, limit)).decode())
    if isinstance(value, dict | list):
        return json_kind(value)
    return orjson.dumps(value).decode()
