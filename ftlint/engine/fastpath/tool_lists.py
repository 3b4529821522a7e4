"""A cache of tool lists: parsed once and numbered, since real files repeat them on every line."""

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
"""Maximum bytes of a cached list (as JSON), of cached lists, and of cached line ends; maximum of
attempts to cache a line end, since not every file has its tools at the end of lines.
"""

parse = partial(
    jiter.from_json,
    allow_inf_nan=False,
    cache_mode="keys",
    catch_duplicate_keys=True,
    float_mode="lossless-float",
)
"""Parse JSON without repeated keys. Raises `ValueError`.

Whatever it accepts, orjson accepts too, except numbers that do not fit a double. Numbers with a
fraction or an exponent become a type that orjson cannot write, so such a line is never taken for a
cached one.
"""


class _Tail(NamedTuple):
    """The common end of lines whose last key is the same `tools`."""

    text: bytes
    tools: list[Any]


class ToolLists:
    """The tool lists seen so far. Not thread-safe."""

    def __init__(self) -> None:
        self._tails: list[_Tail] = []
        self._ends: tuple[bytes, ...] = ()
        self._lists: dict[bytes, list[Any]] = {}
        self._numbers: dict[int, int] = {}
        self._next = count()
        self._tries = 0

    def parse(self, line: bytes) -> Any:
        """Parse a line; if it ends in cached tools, parse only the part before them.

        That suffices: if the part before the comma, closed by a brace, is an object, so is the
        line. Return None for a line that is not JSON, or repeats a key.
        """
        try:
            if line.endswith(self._ends):
                for text, tools in self._tails:
                    if line.endswith(text):
                        data: Data = parse(line[: -len(text)] + b"}")
                        if not data or "tools" in data:
                            break
                        data["tools"] = tools
                        return data
            return parse(line)
        except ValueError:
            return None

    def number(self, line: bytes, data: Data) -> int | None:
        """Return the number of the tool list of a line, and replace it by the first equal list.

        Return None for a list too long to cache. Raises `TypeError` for numbers that orjson cannot
        write.
        """
        tools = data["tools"]
        number = self._numbers.get(id(tools))
        if number is not None:
            return number
        text = orjson.dumps(tools)
        if len(text) > _BYTES:
            return None
        shared = self._lists.get(text)
        if shared is None:
            if len(self._lists) >= _LISTS:
                self._lists, self._numbers, self._tails, self._ends = {}, {}, [], ()
            shared = self._lists[text] = tools
            self._numbers[id(tools)] = next(self._next)
        else:
            data["tools"] = shared
            self._share(line, data)
        return self._numbers[id(shared)]

    def _share(self, line: bytes, data: Data) -> None:
        """Cache the end of a line, if its tools are last."""
        start = line.rfind(b",", 0, line.rfind(b'"tools"'))
        if start < 0 or self._tries >= _TRIES:
            return
        self._tries += 1
        with suppress(ValueError):
            rest, end = parse(line[:start] + b"}"), parse(b"{" + line[start + 1 :])
            if end == {"tools": data["tools"]} and {**rest, **end} == data:
                self._tails = [_Tail(line[start:], data["tools"]), *self._tails[: _TAILS - 1]]
                self._ends = tuple(tail.text for tail in self._tails)
