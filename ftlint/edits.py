"""Edits of one line: from JSON pointers to bytes, and from bytes to bytes."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from ftlint.locate import Spans
from ftlint.model import Change, DropKey, Edit, QuoteValue, SetValue, Span

_InJson = SetValue | DropKey | QuoteValue
_WHITE = b" \t\r\n"


def resolve(raw: bytes, start: int, changes: Iterable[Change]) -> list[Edit]:
    """Turn changes of JSON values into edits of the bytes of a line.

    `start` is the byte where its JSON begins. Changes of bytes are passed on as they are.
    """
    known = list(changes)
    pointers = [change.pointer for change in known if not isinstance(change, Edit)]
    spans = Spans(raw[start:], pointers) if pointers else None
    edits = []
    for change in known:
        if isinstance(change, Edit):
            edits.append(change)
        elif spans is not None:
            edits.append(_edit(raw, start, spans, change))
    return edits


def _edit(raw: bytes, start: int, spans: Spans, change: _InJson) -> Edit:
    value = spans.value(change.pointer)
    span = Span(value.start + start, value.end + start)
    if isinstance(change, SetValue):
        return Edit(span, orjson.dumps(change.value))
    if isinstance(change, QuoteValue):
        return Edit(span, orjson.dumps(raw[span.start : span.end].decode()))
    key = spans.key(change.pointer)
    return Edit(_with_comma(raw, key.start + start, span.end), b"")


def _with_comma(raw: bytes, start: int, end: int) -> Span:
    """Widen the span of a member of an object by one comma and the white space beside it."""
    after = _skip(raw, end)
    if raw[after : after + 1] == b",":
        return Span(start, _skip(raw, after + 1))
    before = len(raw[:start].rstrip(_WHITE))
    if raw[before - 1 : before] == b",":
        return Span(before - 1, end)
    return Span(start, end)


def _skip(raw: bytes, at: int) -> int:
    return len(raw) - len(raw[at:].lstrip(_WHITE))


def apply(raw: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply edits from left to right; of two that overlap, the first."""
    parts, done = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        if edit.span.start >= done:
            parts += [raw[done : edit.span.start], edit.replacement]
            done = edit.span.end
    return b"".join((*parts, raw[done:]))
