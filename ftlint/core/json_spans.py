"""JSON pointers resolved to bytes of a line.

orjson keeps no positions, so they are recovered from the raw line: one pass over its tokens
resolves any number of pointers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

# Possessive throughout: a string of a million escapes must not pile up backtracking state.
_TOKEN = rb'(?s)"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]|[^\s"{}\[\],:]++|"'


def find(data: Any, pointer: Pointer) -> Any:
    """Return the value at `pointer`, None if there is none."""
    for step in pointer:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _tokens(raw: bytes) -> Iterator[re.Match[bytes]]:
    return re.finditer(_TOKEN, raw)


class _Walk:
    """One pass over the tokens of a line, which records the spans of the pointers wanted."""

    def __init__(self, raw: bytes, wanted: set[Pointer]) -> None:
        self.tokens = _tokens(raw)
        self.values: dict[Pointer, Span] = {}
        self.keys: dict[Pointer, Span] = {}
        self.repeated: set[Pointer] = set()
        self.wanted = wanted
        self.prefixes = {pointer[:depth] for pointer in wanted for depth in range(len(pointer))}

    def run(self) -> None:
        for token in self.tokens:
            self._value(token, ())
            return

    def _value(self, token: re.Match[bytes], here: Pointer) -> int:
        """Parse the value that starts with `token`; return the byte after it."""
        opener = token[0]
        descend = here in self.prefixes
        if opener == b"{" and descend:
            end = self._object(here)
        elif opener == b"[" and descend:
            end = self._array(here)
        elif opener in (b"{", b"["):
            end = self._skip()
        else:
            end = token.end()
        if here in self.wanted:
            self.values[here] = Span(token.start(), end)
        return end

    def _object(self, here: Pointer) -> int:
        for token in self.tokens:
            if token[0] == b"}":
                return token.end()
            if token[0] == b",":
                continue
            key: str = orjson.loads(token[0])
            next(self.tokens)  # the colon
            child = (*here, key)
            if child in self.keys:  # parsers keep the last one
                self.repeated.add(child)
                self._forget(child)
            self._value(next(self.tokens), child)
            if child in self.wanted:
                self.keys[child] = Span(token.start(), token.end())
        return 0

    def _forget(self, child: Pointer) -> None:
        """Drop the spans recorded inside a value that a repeated key replaces."""
        for pointer in [inner for inner in self.values if inner[: len(child)] == child]:
            del self.values[pointer]

    def _array(self, here: Pointer) -> int:
        index = 0
        for token in self.tokens:
            if token[0] == b"]":
                return token.end()
            if token[0] == b",":
                continue
            self._value(token, (*here, index))
            index += 1
        return 0

    def _skip(self) -> int:
        depth = 1
        for token in self.tokens:
            if token[0] in (b"{", b"["):
                depth += 1
            elif token[0] in (b"}", b"]"):
                depth -= 1
                if not depth:
                    return token.end()
        return 0


class Spans:
    """The spans of values and keys in a line that is valid JSON, by pointer.

    A pointer that does not resolve falls back to the nearest enclosing value. Of repeated keys, the
    last one counts, as in every parser in use.
    """

    def __init__(self, raw: bytes, pointers: Iterable[Pointer]) -> None:
        wanted = {pointer[:depth] for pointer in pointers for depth in range(len(pointer) + 1)}
        walk = _Walk(raw, wanted)
        walk.run()
        self._values, self._keys, self._repeated = walk.values, walk.keys, walk.repeated

    def value(self, pointer: Pointer) -> Span:
        """Return the bytes of the value at `pointer`."""
        while pointer not in self._values and pointer:
            pointer = pointer[:-1]
        return self._values.get(pointer, Span(0, 0))

    def key(self, pointer: Pointer) -> Span:
        """Return the bytes of the key that `pointer` ends in, its quotation marks included."""
        return self._keys.get(pointer) or self.value(pointer)

    def repeated(self, pointer: Pointer) -> bool:
        """Return whether the key that `pointer` ends in occurs more than once."""
        return pointer in self._repeated


def duplicate_keys(raw: bytes) -> Iterator[tuple[Pointer, Span, Span]]:
    """Yield (pointer, span of the first key, span of the repeated key) for each repeated key.

    `raw` is one line of valid JSON.
    """
    frames: list[_Frame] = []
    key_next = False
    for token in _tokens(raw):
        text = token[0]
        if text in (b"{", b"["):
            frames.append(_Frame(is_object=text == b"{"))
            key_next = text == b"{"
        elif text in (b"}", b"]"):
            frames.pop()
        elif text == b",":
            key_next = frames[-1].step()
        elif key_next:
            key_next = False
            key: str = orjson.loads(text)
            span = Span(token.start(), token.end())
            first = frames[-1].seen.setdefault(key, span)
            frames[-1].current = key
            if first is not span:
                yield tuple(frame.current for frame in frames), first, span


class _Frame:
    """An open object or array in the search for duplicate keys."""

    __slots__ = ("current", "seen")

    def __init__(self, *, is_object: bool) -> None:
        self.current: str | int = "" if is_object else 0
        self.seen: dict[str, Span] = {}

    def step(self) -> bool:
        """Advance to the next member; return whether a key comes next."""
        if isinstance(self.current, int):
            self.current += 1
            return False
        return True


def nesting_depth(raw: bytes) -> tuple[int, int]:
    """Return the deepest nesting in `raw` and the byte offset of the bracket that reaches it."""
    depth = deepest = offset = 0
    for token in _tokens(raw):
        if token[0] in (b"{", b"["):
            depth += 1
            if depth > deepest:
                deepest, offset = depth, token.start()
        elif token[0] == b'"':  # an unterminated string
            break
        elif token[0] in (b"}", b"]"):
            depth -= 1
    return deepest, offset


def value_end(raw: bytes) -> int:
    """Return the byte offset after the first JSON value in `raw`, or -1 when it does not end."""
    depth = 0
    for token in _tokens(raw):
        if token[0] in (b"{", b"["):
            depth += 1
        elif token[0] in (b"}", b"]"):
            depth -= 1
        elif token[0] == b'"':  # an unterminated string
            break
        if depth <= 0:
            return token.end()
    return -1


def long_strings(raw: bytes, longer: int) -> Iterator[tuple[str, int, int]]:
    """Yield (text, start, end) of each string over `longer` characters; bytes are 0-based."""
    for token in _tokens(raw):
        start, end = token.span()
        if end - start > longer and raw[start] == ord('"'):
            text: str = orjson.loads(token[0])
            if len(text) > longer:
                yield text, start, end


Pointer = tuple[str | int, ...]
"""A path into an example: keys (str) and 0-based indices (int)."""


def json_pointer(pointer: Pointer) -> str:
    """Return `pointer` in the notation of RFC 6901; the empty string is the whole example."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in pointer)


class Span(NamedTuple):
    """Bytes `start` (included) to `end` (excluded), 0-based from the first byte of a line."""

    start: int
    end: int
