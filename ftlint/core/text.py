"""Text that is safe to show: the user's data, sanitized and cut."""

from __future__ import annotations

import re

import orjson

from ftlint.core.free_text import FreeText

UNSAFE = re.compile(
    r"\A:(?=:)|(?<=#)#(?=\[|vso\[)|"
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Characters that a terminal obeys, hides or re-orders by, and the start of a command to a CI."""


def sanitize(text: str) -> str:
    r"""Replace what a terminal would obey or hide by visible escapes (`\x1b`, `\u202e`)."""
    return UNSAFE.sub(lambda match: escape(match[0]), text)


def escape(character: str) -> str:
    r"""Write a character as a visible escape."""
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def json_kind(value: object) -> str:
    """Name the JSON type of a value, with its article."""
    if value is None or isinstance(value, bool):
        return orjson.dumps(value).decode()
    kinds = {str: "a string", int: "a number", float: "a number", list: "an array"}
    return kinds.get(type(value), "an object")


def plain(text: str, limit: int = 40) -> str:
    """Write a piece of the user's data for a message, as it stands there."""
    return sanitize(_cut(text, limit))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def show(value: object, limit: int = 40) -> str:
    """Write a value of the user's data for a message: as JSON, at most about `limit` characters."""
    if isinstance(value, FreeText):
        return str(value)
    if isinstance(value, str):
        return sanitize(orjson.dumps(_cut(value, limit)).decode())
    if isinstance(value, dict | list):
        return json_kind(value)
    return orjson.dumps(value).decode()
