"""From hits in a line to findings with a place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from ftlint.locate import Columns, Spans, excerpt
from ftlint.model import (
    Finding,
    FixSummary,
    Hit,
    Location,
    Pointer,
    Related,
    RelatedPlace,
    Severity,
    Span,
    json_pointer,
)


class Place:
    """One line, ready to place hits in: bytes, and where they stand.

    `start` is the byte where columns begin, `offset` that of the line in its file; `line` and
    `example` are 1-based, `example` None for a blank line. All pointers are resolved in one walk.
    """

    def __init__(
        self, path: str, raw: bytes, start: int, *, offset: int, line: int, example: int | None
    ) -> None:
        self._path, self._raw, self._start = path, raw, start
        self._offset, self._line, self._example = offset, line, example
        self._columns = Columns(raw, start)
        self._spans: Spans | None = None

    @property
    def digest(self) -> str:
        """A hash of the text of the line, its line end and byte-order mark left out."""
        text = self._raw[self._start :].rstrip(b"\r\n")
        return hashlib.blake2b(text, digest_size=16).hexdigest()

    def findings(self, hits: Iterable[tuple[str, Severity, Hit]]) -> Iterator[Finding]:
        """Place hits, given as (rule id, severity, hit)."""
        known = list(hits)
        pointers = [pointer for _, _, hit in known for pointer in _pointers(hit)]
        if pointers:
            self._spans = Spans(self._raw[self._start :], pointers)
        for rule, severity, hit in known:
            span = self._span(hit.pointer, hit.span, on_key=hit.on_key)
            yield Finding(
                rule=rule,
                severity=severity,
                message=hit.message,
                help=hit.help,
                location=self._location(hit.pointer, span),
                related=tuple(self._related(related) for related in hit.related),
                fix=FixSummary(hit.fix.title, hit.fix.safe) if hit.fix else None,
                fingerprint="",
                excerpt=excerpt(self._raw, span, self._start),
            )

    def _span(self, pointer: Pointer | None, span: Span | None, *, on_key: bool = False) -> Span:
        if span is not None:
            return span
        if pointer is None or self._spans is None:
            return Span(self._start, len(self._raw))
        found = self._spans.key(pointer) if on_key else self._spans.value(pointer)
        return Span(found.start + self._start, found.end + self._start)

    def _location(self, pointer: Pointer | None, span: Span) -> Location:
        return Location(
            path=self._path,
            line=self._line,
            example=self._example,
            column=self._columns.at(span.start),
            byte_offset=self._offset + span.start,
            pointer=None if pointer is None else json_pointer(pointer),
        )

    def _related(self, related: Related) -> RelatedPlace:
        span = self._span(related.pointer, related.span)
        return RelatedPlace(related.message, self._location(related.pointer, span))


def _pointers(hit: Hit) -> Iterator[Pointer]:
    places: tuple[Hit | Related, ...] = (hit, *hit.related)
    for place in places:
        if place.pointer is not None and place.span is None:
            yield place.pointer


def file_finding(path: str, rule: str, severity: Severity, hit: Hit) -> Finding:
    """Place a hit that concerns the whole file: line 1, column 1."""
    return Finding(
        rule=rule,
        severity=severity,
        message=hit.message,
        help=hit.help,
        location=Location(path, 1, None, 1, 0, None),
        related=(),
        fix=FixSummary(hit.fix.title, hit.fix.safe) if hit.fix else None,
        fingerprint="",
    )
