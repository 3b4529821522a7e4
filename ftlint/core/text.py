"""Text made safe to leave the program: neutralised, without secrets, and truncated.

Data, names and services are not trusted: what they say must neither control a terminal, nor start
a CI command, nor show a key.
"""

from __future__ import annotations

import re

import orjson

from ftlint.core.free_text import FreeText
from ftlint.core.secret_marks import may_leak

UNSAFE = re.compile(
    r"\A:(?=:)|(?<=#)#(?=\[|vso\[)|"
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""Control, invisible and bidirectional characters, and the start of CI commands.

Joiners and variation selectors are not among them: scripts and emoji are written with them.
"""

_COLOR = re.compile(r"(\x1b\[[0-9;]*m)")
"""A colour, as reporters add it to text that is sanitized already."""

_REACH = 200
"""Characters beyond a cut to search for secrets; the longest known by its own shape has 90."""


def sanitize(text: str) -> str:
    r"""Return a text with unsafe characters as visible escapes (`\x1b`, `\u202e`)."""
    return UNSAFE.sub(lambda match: escape(match[0]), text)


def escape(character: str) -> str:
    r"""Return a character as a visible escape."""
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def sanitize_line(line: str, *, painted: bool = False) -> str:
    """Return a line as `sanitize` does, also if a CI command would start after blanks.

    `painted` keeps colours.
    """
    if line.isprintable() and "::" not in line and "##" not in line:
        return line
    text = line.lstrip()
    if text.startswith("::"):
        return f"{sanitize(line[: len(line) - len(text)])}{sanitize(text)}"
    if painted:
        return "".join(
            part if index % 2 else sanitize(part) for index, part in enumerate(_COLOR.split(line))
        )
    return sanitize(line)


def without_secrets(text: str) -> str:
    """Return a text redacted."""
    if not may_leak(text):
        return text
    from ftlint.core.redact import redact  # noqa: PLC0415 - it compiles patterns, for few texts

    return redact(text)


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
    if len(text) <= limit:
        return text
    start = without_secrets(text[: limit + _REACH])  # a secret that is cut could not be recognised
    return f"{start[: limit - 1]}…"


def show(value: object, limit: int = 40) -> str:
    """Return user data for a message, as JSON of at most about `limit` characters."""
    if isinstance(value, FreeText):
        return str(value)
    if isinstance(value, str):
        return sanitize(orjson.dumps(_cut(value, limit)).decode())
    if isinstance(value, dict | list):
        return json_kind(value)
    return orjson.dumps(value).decode()
