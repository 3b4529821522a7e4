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


class _Node:
    """A value wanted: its span and that of its key, and the values wanted inside it, by step."""

    __slots__ = ("inner", "key", "repeated", "value")

    def __init__(self) -> None:
        self.inner: dict[str | int, _Node] = {}
        self.value: Span | None = None
        self.key: Span | None = None
        self.repeated = False

    def at(self, pointer: Pointer) -> _Node | None:
        """Return the node at a pointer, None if it is not wanted."""
        node: _Node | None = self
        for step in pointer:
            node = node.inner.get(step) if node else None
        return node

    def forget(self) -> None:
        """Drop the spans inside a value that a repeated key replaces."""
        stack = [self]
        while stack:
            node = stack.pop()
            node.value = None
            stack += node.inner.values()


class _Walk:
    """One pass over the tokens of a line, without recursion, which records the spans wanted.

    `_open` holds the objects and arrays that the pass is in, outermost first: the node, the byte
    where it starts, and the index of its next element, -1 for an object.
    """

    def __init__(self, raw: bytes, root: _Node) -> None:
        self._tokens = _tokens(raw)
        self._open: list[tuple[_Node, int, int]] = []
        self._next: _Node | None = root

    def run(self) -> None:
        """Record the spans in the nodes."""
        for token in self._tokens:
            text = token[0]
            if text in (b"{", b"["):
                self._enter(token)
            elif text in (b"}", b"]"):
                node, start, _ = self._open.pop()
                node.value = Span(start, token.end())
            elif text == b",":
                self._step()
            elif text != b":":
                self._take(token)
            if not self._open:
                return

    def _enter(self, token: re.Match[bytes]) -> None:
        """Enter an object or array that holds what is wanted, or pass it over."""
        node, start = self._next, token.start()
        if node is None or not node.inner:
            end = self._skip()
            if node:
                node.value = Span(start, end)
            return
        is_array = token[0] == b"["
        self._open.append((node, start, 0 if is_array else -1))
        self._next = node.inner.get(0) if is_array else _KEY

    def _step(self) -> None:
        """Go on to the next element or key."""
        node, start, index = self._open[-1]
        self._next = _KEY
        if index >= 0:
            self._open[-1] = (node, start, index + 1)
            self._next = node.inner.get(index + 1)

    def _take(self, token: re.Match[bytes]) -> None:
        """Take a key or a value that is neither an object nor an array."""
        node, span = self._next, Span(token.start(), token.end())
        if node is not _KEY:
            if node:
                node.value = span
            return
        node = self._open[-1][0].inner.get(orjson.loads(token[0]))
        if node:
            if node.key:  # parsers keep the last one
                node.repeated = True
                node.forget()
            node.key = span
        self._next = node

    def _skip(self) -> int:
        depth = 1
        for token in self._tokens:
            if token[0] in (b"{", b"["):
                depth += 1
            elif token[0] in (b"}", b"]"):
                depth -= 1
                if not depth:
                    return token.end()
        return 0


_KEY = _Node()
"""Stands for a key that comes next."""


class Spans:
    """The spans of values and keys in a line that is valid JSON, by pointer.

    A pointer that does not resolve falls back to the nearest enclosing value. Of repeated keys, the
    last one counts, as in every parser in use.
    """

    def __init__(self, raw: bytes, pointers: Iterable[Pointer]) -> None:
        self._root = _Node()
        for pointer in pointers:
            node = self._root
            for step in pointer:
                node = node.inner.setdefault(step, _Node())
        _Walk(raw, self._root).run()

    def value(self, pointer: Pointer) -> Span:
        """Return the bytes of the value at `pointer`."""
        node: _Node | None = self._root
        span = self._root.value or Span(0, 0)
        for step in pointer:
            node = node.inner.get(step) if node else None
            span = (node and node.value) or span
        return span

    def key(self, pointer: Pointer) -> Span:
        """Return the bytes of the key that `pointer` ends in, its quotation marks included."""
        node = self._root.at(pointer)
        return (node and node.key) or self.value(pointer)

    def repeated(self, pointer: Pointer) -> bool:
        """Return whether the key that `pointer` ends in occurs more than once."""
        node = self._root.at(pointer)
        return node is not None and node.repeated


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
