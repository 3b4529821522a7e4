"""Diagnosis of JSON syntax errors, with a message and a remedy.

orjson is fast, but its messages do not tell a user what to change.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ftlint.core.text import plain, show

_SPACE = " \t\r\n"
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:(")|\\?\Z)', re.DOTALL)
"""A string, group 1 its end if it has one: else every quotation mark in it would be tried."""
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER = re.compile(r"[-+.\w]+")
_VALUES = ("true", "false", "null")
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_CONTROL = {8: "backspace", 9: "tab", 10: "line feed", 12: "form feed", 13: "carriage return"}
_ESCAPES = {8: r"\b", 9: r"\t", 10: r"\n", 12: r"\f", 13: r"\r"}
_SMART = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"
_MARKS = "{}[]:;=\uff0c\u3001\uff1a\uff1b"
_NUMBERS = "JSON has no sign +, leading zero, hexadecimal, or point without digits on both sides"


@dataclass(frozen=True, slots=True)
class Hint:
    """An error at the 0-based code point `pos`, `length` code points long, and its remedy."""

    pos: int
    length: int
    message: str
    help: str | None = None


def _blank(string: re.Match[str]) -> str:
    return "s" * len(string[0]) if string[1] else string[0]


@dataclass(frozen=True)
class _Stop:
    """The code point where orjson stopped, and its context."""

    text: str
    pos: int

    @property
    def here(self) -> str:
        return self.text[self.pos]

    @cached_property
    def blanked(self) -> str:
        """The text before, with each closed string replaced by as many `s`."""
        return _STRING.sub(_blank, self.text[: self.pos])

    @property
    def string(self) -> int:
        """The start of the string that is open here, -1 for none."""
        return self.blanked.find('"')

    @property
    def before(self) -> str:
        """The last character before, white space skipped; `s` is the end of a string."""
        return self.blanked.rstrip(_SPACE)[-1:]

    @cached_property
    def open(self) -> list[str]:
        """The brackets that are open here, outermost first."""
        brackets: list[str] = []
        for mark in self.blanked[: self.string if self.string >= 0 else None]:
            if mark in "{[":
                brackets.append(mark)
            elif mark in "}]" and brackets:
                brackets.pop()
        return brackets

    @property
    def wants_key(self) -> bool:
        return self.open[-1:] == ["{"] and self.before in ("{", ",")

    @property
    def after_key(self) -> bool:
        """Whether the string that ends before this is the key of an object."""
        if self.before != "s" or self.open[-1:] != ["{"]:
            return False
        return self.blanked.rstrip(_SPACE).rstrip("s").rstrip(_SPACE)[-1:] in ("{", ",")

    @property
    def after_value(self) -> bool:
        done = self.blanked.rstrip(_SPACE)
        return done[-1:].isdigit() or done[-1:] in ("s", "}", "]") or done.endswith(_VALUES)


def diagnose(text: str, at: int, words: str) -> Hint:
    """Return the reason why `text` is not JSON.

    `at` is the code point (0-based) where orjson stopped, `words` its message.
    """
    if at >= len(text) or not text[at:].strip(_SPACE):
        return _truncated(_Stop(text, at))
    stop = _Stop(text, at)
    for detect in _IN_STRING if stop.string >= 0 else _OUTSIDE:
        hint = detect(stop)
        if hint is not None:
            return hint
    return Hint(at, 1, f"{show(stop.here)} is not what JSON has here: {words}")


def _truncated(stop: _Stop) -> Hint:
    message = "the line ends before its JSON does"
    if stop.string >= 0:
        message = f"the line ends inside the string that starts at column {stop.string + 1}"
    depth = len(stop.open)
    still = f", with {depth} bracket{'s' if depth > 1 else ''} open" if depth else ""
    help_ = "the file may have been cut off, or a line broken"
    return Hint(len(stop.text), 0, message + still, help_)


def _control(stop: _Stop) -> Hint | None:
    code = ord(stop.here)
    if code >= 0x20:
        return None
    name = _CONTROL.get(code, f"U+{code:04X}")
    if stop.string < 0:
        return Hint(stop.pos, 1, f"raw control character ({name}) outside a string", "remove it")
    help_ = f"write it as {_ESCAPES.get(code, f'{chr(92)}u{code:04x}')}"
    return Hint(stop.pos, 1, f"raw control character ({name}) inside a string", help_)


def _escape(stop: _Stop) -> Hint | None:
    if stop.here != "\\":
        return None
    at = stop.pos
    if re.match(r"\\u[0-9a-fA-F]{4}\\", stop.text[at:]):
        at += 6  # orjson points at the first half of a pair
    help_ = r"write a backslash of the text as \\"
    if stop.text[at + 1 : at + 2] == "u":
        shown = stop.text[at : at + 6].partition('"')[0]
        message = f"{plain(shown)} is no escape; \\u takes four hexadecimal digits"
        return Hint(at, len(shown), message, help_)
    message = f"{plain(stop.text[at : at + 2])} is no escape in JSON"
    return Hint(at, 2, message, help_)


def _backslash(stop: _Stop) -> Hint | None:
    if stop.here != "\\":
        return None
    message = "a backslash (\\) outside a string; escaped once too often?"
    return Hint(stop.pos, 1, message, "write the data once, with a JSON library")


def _space(stop: _Stop) -> Hint | None:
    if stop.here.isspace() or stop.here in "\u200b\ufeff":
        message = f"U+{ord(stop.here):04X} is no white space in JSON"
        return Hint(stop.pos, 1, message, "put a plain space in its place, or nothing")
    return None


def _comma(stop: _Stop) -> Hint | None:
    if stop.here != ",":
        return None
    after = stop.text[stop.pos + 1 :].lstrip(_SPACE)[:1]
    if after in ("}", "]"):
        return Hint(stop.pos, 1, f"trailing comma before {after}", "remove the comma")
    if not stop.open and stop.before:
        return Hint(stop.pos, 1, '"," after the end of the JSON', "lines are not joined by commas")
    if stop.after_key:
        return Hint(stop.pos, 1, "a comma after a key, expected a colon")
    return Hint(stop.pos, 1, "a comma with no value before it", "remove the comma")


def _quotes(stop: _Stop) -> Hint | None:
    if stop.here in _SMART and stop.before != "s":
        message = f"typographic quotation mark {stop.here}, expected a plain one"
        return Hint(stop.pos, 1, message, 'write " in its place')
    if stop.here == "'" and stop.before != "s":
        message = "single quotation mark; JSON strings stand in double ones"
        help_ = "write the data with a JSON library, not with str() or repr()"
        return Hint(stop.pos, 1, message, help_)
    return None


def _comment(stop: _Stop) -> Hint | None:
    for opener in ("//", "/*", "#"):
        if stop.text.startswith(opener, stop.pos):
            message = "a comment, which JSON does not have"
            return Hint(stop.pos, len(opener), message, "remove it")
    return None


def _number(stop: _Stop) -> Hint | None:
    """Return a hint on an invalid number; the fault is its whole token."""
    start = stop.pos
    while start and (stop.text[start - 1].isalnum() or stop.text[start - 1] in "+-."):
        start -= 1
    match = _NUMBER.match(stop.text, start)
    if match is None or not re.match(r"[-+]?\.?\d|[-+](?!\w)", match[0]):
        return None
    if start == stop.pos and stop.wants_key:
        message = f"key {match[0]} is not a string"
        return Hint(start, len(match[0]), message, f'write "{match[0]}"')
    if match.end() == stop.pos and not re.search(r"[-+.eE]$", match[0]):
        return None  # the number is sound, what follows it is not
    if start == stop.pos and stop.after_value:
        return None
    return Hint(start, len(match[0]), f"{plain(match[0])} is not a JSON number", _NUMBERS)


def _word(stop: _Stop) -> Hint | None:
    start = stop.pos
    while start and (stop.text[start - 1].isalnum() or stop.text[start - 1] in "_$"):
        start -= 1
    word = _WORD.match(stop.text, start)
    if word is None or stop.text[:start].rstrip(_SPACE)[-1:] not in ("", ":", ",", "[", "{"):
        return None
    name = word[0]
    if stop.wants_key:
        return Hint(start, len(name), f"key {name} without quotation marks", f'write "{name}"')
    if name in _PYTHON:
        message = f"Python's {name}, expected {_PYTHON[name]}"
        return Hint(start, len(name), message, "write the data with json.dumps, not with str()")
    message = f"{plain(name)} is no JSON value; only true, false and null are words"
    return Hint(start, len(name), message, 'text stands in "quotation marks"')


def _missing(stop: _Stop) -> Hint | None:
    """Return a hint on a value after a missing comma or colon."""
    if not stop.open or not stop.after_value or not _starts_value(stop):
        return None
    if stop.after_key:
        return Hint(stop.pos, 1, "missing colon after the key", "put : before this")
    return Hint(stop.pos, 1, "missing comma", "put , before this")


def _starts_value(stop: _Stop) -> bool:
    """Return whether a value starts here, not the rest of a string that was closed too early."""
    word = _WORD.match(stop.text, stop.pos)
    if word is not None:
        return word[0] in _VALUES
    touching = stop.before == "s" and stop.text[stop.pos - 1] == '"'
    if stop.here == '"':
        return not touching or stop.text[stop.pos + 1 : stop.pos + 2] in (",", ":", "}", "]", "")
    return stop.here in "{[" or (not touching and stop.here in "-0123456789")


def _inner_quote(stop: _Stop) -> Hint | None:
    if stop.before != "s" or not stop.open or stop.here in _MARKS:
        return None
    quote = stop.text[: stop.pos].rindex('"')
    message = "text goes on after the end of a string; is this quotation mark part of it?"
    return Hint(quote, 1, message, r"write it as \"")


def _colon(stop: _Stop) -> Hint | None:
    if stop.here == ":" and stop.open:
        return Hint(stop.pos, 1, '":" where a comma or the end of a value belongs')
    return None


def _bracket(stop: _Stop) -> Hint | None:
    if stop.here not in "}]":
        return None
    if stop.before == ":" or stop.after_key:
        help_ = "give it one, or remove the key"
        return Hint(stop.pos, 1, "a key without a value", help_)
    if not stop.open:
        message = f"{stop.here} closes nothing that is open here"
        return Hint(stop.pos, 1, message, "check that brackets match")
    closer = "}" if stop.open[-1] == "{" else "]"
    return Hint(stop.pos, 1, f"{stop.here} where {closer} is expected", "check that brackets match")


def _after(stop: _Stop) -> Hint | None:
    if stop.open or not stop.after_value:
        return None
    return Hint(stop.pos, 1, f"{show(stop.here)} after the end of the JSON", "remove it")


_Detector = Callable[[_Stop], Hint | None]
_IN_STRING: tuple[_Detector, ...] = (_control, _escape)
_OUTSIDE: tuple[_Detector, ...] = (
    _number,
    _comma,
    _control,
    _space,
    _quotes,
    _comment,
    _backslash,
    _word,
    _missing,
    _inner_quote,
    _colon,
    _bracket,
    _after,
)
