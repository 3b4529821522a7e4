"""Lists of tools, which real files repeat on every line: parsed once, and known by a number."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any, NamedTuple

import jiter
import orjson

Data = dict[str, Any]

_BYTES = 32_768
_LISTS = 256
_TAILS = 8
_TRIES = 64
"""The longest list of tools (as JSON), how many are known at once, and how many by their bytes.

How often it is tried to know one by its bytes; not every file has its tools at the end of lines.
"""

parse = partial(
    jiter.from_json,
    allow_inf_nan=False,
    cache_mode="keys",
    catch_duplicate_keys=True,
    float_mode="lossless-float",
)
"""Parse JSON, and refuse a key that stands twice. Raises `ValueError`.

What it takes, orjson takes as well, save numbers that are no doubles. Numbers with a fraction or an
exponent become a type that orjson does not write, so no such line is taken for one that was seen.
"""


class _Tail(NamedTuple):
    """How lines end that have the same `tools` as their last key."""

    text: bytes
    tools: list[Any]


class ToolLists:
    """The lists of tools seen so far. Not for use by several threads at once."""

    def __init__(self) -> None:
        self._tails: list[_Tail] = []
        self._ends: tuple[bytes, ...] = ()
        self._lists: dict[bytes, list[Any]] = {}
        self._numbers: dict[int, int] = {}
        self._next = count()
        self._tries = 0

    def parse(self, line: bytes) -> Any:
        """Parse a line; where it ends with tools that are known, only what stands before them.

        That is enough: a line of which the part before the comma of a known end is an object, once
        a brace closes it, is an object. Raises `ValueError` for what is no JSON, or repeats a key.
        """
        if line.endswith(self._ends):
            for text, tools in self._tails:
                if line.endswith(text):
                    data: Data = parse(line[: -len(text)] + b"}")
                    if not data or "tools" in data:
                        return parse(line)
                    data["tools"] = tools
                    return data
        return parse(line)

    def number(self, line: bytes, data: Data) -> int | None:
        """Return the number of the tools of a line, and put the first list like it into the data.

        None is for a list that is too long to keep. Raises `TypeError` for numbers that orjson does
        not write.
        """
        tools = data["tools"]
        number = self._numbers.get(id(tools))
        if number is not None:
            return number
        text = orjson.dumps(tools)
        if len(text) > _BYTES:
            return None
        known = self._lists.get(text)
        if known is None:
            if len(self._lists) >= _LISTS:
                self._lists, self._numbers, self._tails, self._ends = {}, {}, [], ()
            known = self._lists[text] = tools
            self._numbers[id(tools)] = next(self._next)
        else:
            data["tools"] = known
            self._share(line, data)
        return self._numbers[id(known)]

    def _share(self, line: bytes, data: Data) -> None:
        """Take note of how a line ends, if that is its tools."""
        start = line.rfind(b",", 0, line.rfind(b'"tools"'))
        if start < 0 or self._tries >= _TRIES:
            return
        self._tries += 1
        with suppress(ValueError):
            rest, end = parse(line[:start] + b"}"), parse(b"{" + line[start + 1 :])
            if end == {"tools": data["tools"]} and {**rest, **end} == data:
                self._tails = [_Tail(line[start:], data["tools"]), *self._tails[: _TAILS - 1]]
                self._ends = tuple(tail.text for tail in self._tails)
