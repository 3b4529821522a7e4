"""Words for the place where a line stops being JSON: what stands there, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ftlint.locate import show

_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER = re.compile(r"[-+.\w]+")
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_CONTROL = {8: "backspace", 9: "tab", 10: "line feed", 12: "form feed", 13: "carriage return"}
_ESCAPES = {8: r"\b", 9: r"\t", 10: r"\n", 12: r"\f", 13: r"\r"}
_SMART = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"


@dataclass(frozen=True, slots=True)
class Hint:
    """What is wrong at 0-based code point `at`, over `length` code points, and the remedy."""

    at: int
    length: int
    message: str
    help: str | None


def diagnose(text: str, at: int, words: str) -> Hint:
    """Say why `text` is not JSON.

    `at` is the 0-based code point where orjson stopped, `words` what it said.
    """
    for look in _LOOKS:
        hint = look(text, at)
        if hint is not None:
            return hint
    if at < len(text):
        return Hint(at, 1, f"{show(text[at])} is not what JSON has here: {words}", None)
    return Hint(at, 0, words, None)


def _truncated(text: str, at: int) -> Hint | None:
    if text[at:].strip():
        return None
    rest = _STRING.sub(lambda match: " " * len(match[0]), text)
    quote = rest.find('"')
    if quote >= 0:
        message = f"the line ends inside the string that starts at column {quote + 1}"
        rest = rest[:quote]
    else:
        message = "the line ends before its JSON does"
    depth = sum(map(rest.count, "{[")) - sum(map(rest.count, "}]"))
    still = f", with {depth} bracket{'s' if depth > 1 else ''} open" if depth > 0 else ""
    return Hint(len(text), 0, message + still, "the file may have been cut off, or a line broken")


def _trailing_comma(text: str, at: int) -> Hint | None:
    after = text[at + 1 :].lstrip()[:1]
    if text[at] == "," and after in ("}", "]"):
        return Hint(at, 1, f"trailing comma before {after}", "remove the comma")
    return None


def _extra_comma(text: str, at: int) -> Hint | None:
    if text[at] == "," and text[:at].rstrip()[-1:] in (",", "[", "{", ""):
        return Hint(at, 1, "a comma with no value before it", "remove the comma")
    return None


def _control(text: str, at: int) -> Hint | None:
    code = ord(text[at])
    if code >= 0x20:
        return None
    name = _CONTROL.get(code, f"U+{code:04X}")
    if text.count('"', 0, at) % 2 == 0 and at and text[at - 1] in "}]":
        return Hint(at, 1, f"raw control character ({name}) after the JSON", "remove it")
    escape = _ESCAPES.get(code, f"\\u{code:04x}")
    message = f"raw control character ({name}) inside a string"
    return Hint(at, 1, message, f"write it as {escape}")


def _quotes(text: str, at: int) -> Hint | None:
    if text[at] in _SMART:
        message = f"typographic quotation mark {text[at]}, expected a plain one"
        return Hint(at, 1, message, 'write " in its place')
    if text[at] == "'":
        return Hint(
            at,
            1,
            "single quotation mark; JSON strings stand in double ones",
            "write the data with a JSON library, not with str() or repr()",
        )
    return None


def _comment(text: str, at: int) -> Hint | None:
    for opener in ("//", "/*", "#"):
        if text.startswith(opener, at):
            return Hint(at, len(opener), "a comment, which JSON does not have", "remove it")
    return None


def _literal(text: str, at: int) -> Hint | None:
    word = _WORD.match(text, at)
    if word is None:
        return None
    before = text[:at].rstrip()[-1:]
    name = word[0]
    if before == '"':
        return _inner_quote(text, at)
    if before in ("{", ",") and text[word.end() :].lstrip().startswith(":"):
        return Hint(at, len(name), f"key {name} without quotation marks", f'write "{name}"')
    if name in _PYTHON:
        message = f"Python's {name}, expected {_PYTHON[name]}"
        return Hint(at, len(name), message, "write the data with json.dumps, not with str()")
    if before in (":", ",", "[", ""):
        message = f"{show(name)[1:-1]} is no JSON value; only true, false and null are words"
        return Hint(at, len(name), message, 'text stands in "quotation marks"')
    return None


def _inner_quote(text: str, at: int) -> Hint | None:
    quote = text[:at].rstrip().rfind('"')
    message = "text goes on after the end of a string; is this quotation mark part of it?"
    return Hint(quote, 1, message, r"write it as \"")


def _escape(text: str, at: int) -> Hint | None:
    if text[at] != "\\":
        return None
    if text[at + 1 : at + 2] == "u":
        message = f"{show(text[at : at + 6])[1:-1]} is no escape; \\u takes four hexadecimal digits"
        return Hint(at, 6, message, r"write a backslash of the text as \\")
    message = f"{show(text[at : at + 2])[1:-1]} is no escape in JSON"
    return Hint(at, 2, message, r"write a backslash of the text as \\")


def _missing(text: str, at: int) -> Hint | None:
    before, here = text[:at].rstrip(), text[at]
    if here == ":" and before.endswith('"'):
        return Hint(at, 1, "a colon where a comma or the end of the array belongs", None)
    if here in '"{[-0123456789' and (before[-1:] in '"}]' or before[-1:].isdigit()):
        if here == '"' and _inside(text, at):
            return _inner_quote(text, at)
        colon = _key_before(before)
        what = "colon after the key" if colon else "comma"
        return Hint(at, 1, f"missing {what}", f"put {':' if colon else ','} before this")
    if here in "}]" and before.endswith('"') and _key_before(before):
        return Hint(at, 1, "a key without a value", "give it one, or remove the key")
    return None


def _inside(text: str, at: int) -> bool:
    """Tell whether the quotation mark at `at` looks like part of a text, not the start of one."""
    return text[at - 1 : at] == '"' and text[at + 1 : at + 2] not in (",", ":", "}", "]", "")


def _key_before(before: str) -> bool:
    """Tell whether the string that `before` ends with stands where an object has a key."""
    strings = list(_STRING.finditer(before))
    if not strings or strings[-1].end() != len(before):
        return False
    rest = _STRING.sub("s", before[: strings[-1].start()]).rstrip()
    if rest.endswith("{"):
        return True
    depth = 0
    for mark in reversed(rest):
        depth += (mark in "}]") - (mark in "{[")
        if depth < 0:
            return mark == "{" and rest.endswith(",")
    return False


def _bracket(text: str, at: int) -> Hint | None:
    if text[at] not in "}]":
        return None
    if text[:at].rstrip()[-1:] == ":":
        return Hint(at, 1, "a key without a value", "give it one, or remove the key")
    message = f"{text[at]} closes nothing that is open here"
    return Hint(at, 1, message, "check that brackets match")


def _number(text: str, at: int) -> Hint | None:
    start = at
    while start and (text[start - 1].isalnum() or text[start - 1] in "+-."):
        start -= 1
    match = _NUMBER.match(text, start)
    if match is None or not re.match(r"[-+.\d]", match[0]):
        return None
    message = f"{show(match[0])[1:-1]} is not a JSON number"
    return Hint(start, len(match[0]), message, "JSON has no sign +, leading zero, hexadecimal "
                "or point without digits on both sides")  # fmt: skip


def _space(text: str, at: int) -> Hint | None:
    if text[at].isspace() or text[at] in "\u200b\ufeff":
        message = f"U+{ord(text[at]):04X} is no white space in JSON"
        return Hint(at, 1, message, "put a plain space in its place, or nothing")
    return None


_LOOKS: tuple[Callable[[str, int], Hint | None], ...] = (
    _truncated,
    _trailing_comma,
    _extra_comma,
    _control,
    _space,
    _quotes,
    _comment,
    _escape,
    _literal,
    _missing,
    _bracket,
    _number,
)
