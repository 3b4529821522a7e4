"""One line of a file, as rules about its bytes see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import orjson

from ftlint.kinds import BOM
from ftlint.registry import Options
from ftlint.repeated import parse

ENDS = "\u0085\u2028\u2029"
_ENDS = tuple(end.encode() for end in ENDS)
"""Characters that some readers take for the end of a line."""


class Verdict(Enum):
    """What a line is: white space, no JSON object, or an object."""

    BLANK = 0
    BROKEN = 1
    OBJECT = 2


@dataclass
class Line:
    """A line as rules about bytes see it.

    `raw` are all its bytes; `start` is the length in bytes of the byte-order marks in front;
    `refused` says that it is not JSON, `brief` that of what a rule says the words do not matter.
    """

    raw: bytes
    start: int
    refused: bool = False
    brief: bool = False

    @property
    def end(self) -> int:
        """The byte where the text ends, before LF or CR LF."""
        return len(self.raw) - (2 if self.raw.endswith(b"\r\n") else self.raw.endswith(b"\n"))

    @property
    def body(self) -> bytes:
        """The text, undecoded."""
        return self.raw[self.start : self.end]

    @cached_property
    def text(self) -> str:
        """The text. Raises `UnicodeDecodeError` where it is not UTF-8."""
        return self.body.decode()

    @cached_property
    def error(self) -> orjson.JSONDecodeError:
        """What orjson says of the text that it has refused, line end left out."""
        try:
            orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            return error.with_traceback(None)  # which holds this line, and the line the error
        raise AssertionError("orjson refuses a line, but not its text")

    def byte(self, at: int) -> int:
        """Return the byte in `raw` of the 0-based code point `at` of `text`."""
        return self.start + len(self.text[:at].encode())


def worth_a_look(
    options: Mapping[str, Options],
) -> dict[str, Callable[[bytes, dict[str, Any]], bool]]:
    """Return what makes a parsed line worth a closer look, by the event it is looked at for."""
    long: int = options["long-string"]["maximum"]
    deep: int = options["excessive-nesting"]["maximum"]
    return {
        "line.separator": lambda raw, _: not raw.isascii() and any(map(raw.__contains__, _ENDS)),
        "line.long": lambda raw, _: len(raw) > long,
        "line.brackets": lambda raw, _: raw.count(b"{") + raw.count(b"[") > deep,
        "line.duplicate": lambda raw, _: _repeats_a_key(raw.lstrip(BOM)),
    }


def _repeats_a_key(raw: bytes) -> bool:
    """Tell whether a line that orjson takes may have a key twice: then jiter refuses it."""
    try:
        parse(raw)
    except ValueError:
        return True
    return False
