"""Fixes and their edits, given by JSON pointer and resolved to bytes of the line.

Editing bytes, not data, keeps everything else in a line as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from ftlint.core.json_spans import Pointer, Span, Spans


class SetValue(NamedTuple):
    """Replace the JSON value at `pointer` by `value`; resolved to an `Edit` when applied."""

    pointer: Pointer
    value: Any


class DropKey(NamedTuple):
    """Remove the key at `pointer`, its value and one comma; resolved to an `Edit` when applied."""

    pointer: Pointer


class QuoteValue(NamedTuple):
    """Replace the JSON value at `pointer` by a string that holds its JSON."""

    pointer: Pointer


class WrapValue(NamedTuple):
    """Write bytes around the JSON value at `pointer`, which stays as written."""

    pointer: Pointer
    before: bytes
    after: bytes


class RenameKey(NamedTuple):
    """Rename the key that `pointer` ends in."""

    pointer: Pointer
    name: str


class MoveKey(NamedTuple):
    """Move the key at `pointer`, with its value as written, to the end of another object.

    `into` is the pointer of that object, which is not empty and has no key of that name.
    """

    pointer: Pointer
    into: Pointer


_InJson = SetValue | DropKey | QuoteValue | WrapValue | RenameKey | MoveKey


_WHITE = b" \t\r\n"


def spans_of(raw: bytes, start: int, changes: Iterable[Change]) -> Spans | None:
    """Return the spans in a line that changes need, None if they need none.

    `start` is the 0-based byte where its JSON begins. One pass serves any number of changes.
    """
    ordered = list(changes)
    pointers = [change.pointer for change in ordered if not isinstance(change, Edit)]
    pointers += [change.into for change in ordered if isinstance(change, MoveKey)]
    return Spans(raw[start:], pointers) if pointers else None


def resolve(
    raw: bytes, start: int, changes: Iterable[Change], spans: Spans | None = None
) -> list[Edit]:
    """Return changes of JSON values as edits of the bytes of a line; none if they are ambiguous.

    `spans` may be those of `spans_of` for more changes of the line than these. An `Edit` is
    returned unchanged.
    """
    ordered = list(changes)
    spans = spans or spans_of(raw, start, ordered)
    if spans and any(spans.repeated(pointer) for pointer in keys_taken(ordered)):
        return []
    edits = []
    for change in ordered:
        if isinstance(change, Edit):
            edits.append(change)
        elif spans is not None:
            edits += _edits(raw, start, spans, change)
    return edits


def keys_taken(changes: Iterable[Change]) -> Iterator[Pointer]:
    """Yield the keys that changes remove or move; of one that occurs twice, which is not known."""
    for change in changes:
        if isinstance(change, DropKey | MoveKey):
            yield change.pointer


def _edits(raw: bytes, start: int, spans: Spans, change: _InJson) -> list[Edit]:
    value = _moved(spans.value(change.pointer), start)
    text = raw[value.start : value.end]
    if isinstance(change, SetValue):
        return [Edit(value, orjson.dumps(change.value))]
    if isinstance(change, QuoteValue):
        return [Edit(value, orjson.dumps(text.decode()))]
    if isinstance(change, WrapValue):
        return [Edit(value, change.before + text + change.after)]
    key = _moved(spans.key(change.pointer), start)
    if isinstance(change, RenameKey):
        return [Edit(key, orjson.dumps(change.name))]
    edits = [Edit(_with_comma(raw, key.start, value.end), b"")]
    if isinstance(change, MoveKey):
        target = _moved(spans.value(change.into), start)
        end = len(raw[: target.end - 1].rstrip(_WHITE))
        edits.append(Edit(Span(end, end), b", " + raw[key.start : value.end]))
    return edits


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _with_comma(raw: bytes, start: int, end: int) -> Span:
    """Return the span of an object member, extended by one comma and adjacent white space."""
    after = _skip(raw, end)
    if raw[after : after + 1] == b",":
        return Span(start, _skip(raw, after + 1))
    before = start
    while raw[before - 1] in _WHITE:
        before -= 1
    return Span(before - 1, end) if raw[before - 1 : before] == b"," else Span(start, end)


def _skip(raw: bytes, offset: int) -> int:
    while raw[offset] in _WHITE:
        offset += 1
    return offset


class Selection:
    """Edits of one line that share no bytes; adjacent ones do not, nor do insertions at one place.

    `_taken` has an entry for each byte of the line and for each gap before, between and after its
    bytes: an edit takes the bytes that it replaces and the gaps between them, an insertion a gap.
    """

    def __init__(self, raw: bytes) -> None:
        self.edits: list[Edit] = []
        self._taken = bytearray(2 * len(raw) + 1)

    def add(self, edits: Sequence[Edit]) -> bool:
        """Add all edits of a fix, or none; return whether they share no bytes with those added."""
        if not all(self._is_free(edit.span) for edit in edits):
            return False
        for edit in edits:
            start, end = 2 * edit.span.start + 1, 2 * edit.span.end
            if start < end:
                self._taken[start:end] = _REPLACED * (end - start)
            elif not self._taken[start - 1]:
                self._taken[start - 1] = _INSERTED
        self.edits += edits
        return True

    def _is_free(self, span: Span) -> bool:
        start, end = 2 * span.start + 1, 2 * span.end
        if start < end:
            return self._taken.count(0, start, end) == end - start
        return self._taken[start - 1] in (0, _INSERTED)


_REPLACED, _INSERTED = b"\1", 2


def apply(raw: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the line with edits applied left to right; of two that overlap, the first."""
    parts, done = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        if edit.span.start >= done:
            parts += [raw[done : edit.span.start], edit.replacement]
            done = edit.span.end
    return b"".join((*parts, raw[done:]))


class Edit(NamedTuple):
    """Replace the bytes of a line within `span` by `replacement`."""

    span: Span
    replacement: bytes


Change = Edit | SetValue | DropKey | QuoteValue | WrapValue | RenameKey | MoveKey


class Fix(NamedTuple):
    """A fix of a fault.

    `safe` means that the meaning of the data stays the same. `edits` apply to the line of the fault
    (for a fault of the whole file, to line 1 with its byte-order mark). `rewrite` names a
    conversion of the whole file instead (see `ftlint.engine.fixer`).
    """

    title: str
    safe: bool
    edits: tuple[Change, ...] = ()
    rewrite: str | None = None
