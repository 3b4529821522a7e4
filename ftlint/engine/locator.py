"""The location of hits: from JSON pointers and byte spans to lines, columns and excerpts."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from ftlint.core.edits import keys_taken
from ftlint.core.finding import (
    Excerpt,
    Finding,
    FixSummary,
    Hit,
    Location,
    Related,
    RelatedPlace,
    Severity,
)
from ftlint.core.json_spans import Pointer, Span, Spans, json_pointer
from ftlint.core.secret_marks import may_leak

EXCERPT_RADIUS = 120
"""Code points kept on either side of a fault; enough for any terminal in use."""


class LineLocator:
    """The locator of hits in one line.

    `start` is the byte of `raw` where columns begin, `offset` the 0-based byte of the line in its
    file; `line` and `example` are 1-based, `example` None for a blank line. All pointers are
    resolved in one pass.
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
        """The hash of the line without its line end and byte-order mark, in hexadecimal."""
        text = self._raw[self._start :].rstrip(b"\r\n")
        return hashlib.blake2b(text, digest_size=16).hexdigest()

    def findings(self, hits: Iterable[tuple[str, Severity, Hit]]) -> Iterator[Finding]:
        """Yield the finding of each hit, given as (rule id, severity, hit)."""
        ordered = list(hits)
        pointers = [pointer for _, _, hit in ordered for pointer in _pointers(hit)]
        pointers += [pointer for _, _, hit in ordered for pointer in _taken(hit)]
        if pointers:
            self._spans = Spans(self._raw[self._start :], pointers)
        for rule, severity, hit in ordered:
            span = self._span(hit.pointer, hit.span, on_key=hit.on_key)
            if hit.part is not None:
                span = within(self._raw, span, hit.part)
            yield Finding(
                rule=rule,
                severity=severity,
                message=hit.message,
                help=hit.help,
                location=self._location(hit.pointer, span),
                related=tuple(self._related(related) for related in hit.related),
                fix=self._fix(hit),
                fingerprint="",
                excerpt=self._excerpt(span),
            )

    def _fix(self, hit: Hit) -> FixSummary | None:
        """Return the fix of a hit; none for one that would not be applied (`edits.resolve`)."""
        if hit.fix is None or (
            self._spans and any(self._spans.repeated(pointer) for pointer in _taken(hit))
        ):
            return None
        return FixSummary(hit.fix.title, hit.fix.safe)

    def _excerpt(self, span: Span) -> Excerpt:
        return excerpt(self._raw, span, self._start)

    def _span(self, pointer: Pointer | None, span: Span | None, *, on_key: bool = False) -> Span:
        if span is not None:
            return span
        if pointer is None or self._spans is None:
            return Span(self._start, len(self._raw))
        local = self._spans.key(pointer) if on_key else self._spans.value(pointer)
        return Span(local.start + self._start, local.end + self._start)

    def _location(self, pointer: Pointer | None, span: Span) -> Location:
        return Location(
            path=self._path,
            line=self._line,
            example=self._example,
            column=self._columns.column(span.start),
            byte_offset=self._offset + span.start,
            pointer=None if pointer is None else json_pointer(pointer),
        )

    def _related(self, related: Related) -> RelatedPlace:
        span = self._span(related.pointer, related.span)
        return RelatedPlace(related.message, self._location(related.pointer, span))


class DocumentLocator(LineLocator):
    """The locator of hits in a whole document, which may span lines.

    `start` is the length in bytes of a byte-order mark, which belongs to no column.
    """

    def __init__(self, path: str, raw: bytes, start: int) -> None:
        super().__init__(path, raw, start, offset=0, line=1, example=None)

    def _location(self, pointer: Pointer | None, span: Span) -> Location:
        begin = self._begin(span.start)
        return Location(
            path=self._path,
            line=self._raw.count(b"\n", 0, begin) + 1,
            example=None,
            column=len(self._raw[begin : span.start].decode("utf-8", "replace")) + 1,
            byte_offset=span.start,
            pointer=None if pointer is None else json_pointer(pointer),
        )

    def _excerpt(self, span: Span) -> Excerpt:
        """Return the excerpt of the line where a span starts, without the lines after it."""
        begin = self._begin(span.start)
        end = self._raw.find(b"\n", span.start)
        line = self._raw[begin : end if end >= 0 else len(self._raw)]
        return excerpt(line, Span(span.start - begin, min(span.end - begin, len(line))))

    def _begin(self, offset: int) -> int:
        """Return the byte where the line that holds the byte `offset` begins."""
        return max(self._raw.rfind(b"\n", 0, offset) + 1, min(self._start, offset))


_UNIT = rb"(?s)\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|[^\\][\x80-\xbf]*"
"""One code point, as written in a JSON string."""


def within(raw: bytes, span: Span, part: tuple[int, int]) -> Span:
    """Return the bytes of the code points `part` (start, end) of the JSON string at `span`."""
    bounds = [span.start + 1]
    for unit in re.compile(_UNIT).finditer(raw, span.start + 1, span.end - 1):
        bounds.append(unit.end())
        if len(bounds) > part[1]:
            break
    last = len(bounds) - 1
    return Span(bounds[min(part[0], last)], bounds[min(part[1], last)])


def _pointers(hit: Hit) -> Iterator[Pointer]:
    located: tuple[Hit | Related, ...] = (hit, *hit.related)
    for entry in located:
        if entry.pointer is not None and entry.span is None:
            yield entry.pointer


def _taken(hit: Hit) -> Iterator[Pointer]:
    if hit.fix is not None:
        yield from keys_taken(hit.fix.edits)


def file_finding(path: str, rule: str, severity: Severity, hit: Hit) -> Finding:
    """Return the finding of a hit that concerns the whole file: line 1, column 1."""
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


def excerpt(raw: bytes, span: Span, start: int = 0) -> Excerpt:
    """Return the decoded text around `span`; `start` is as in `Columns`."""
    reach = EXCERPT_RADIUS * 4
    stop = len(raw)
    while stop and raw[stop - 1] in b"\r\n":
        stop -= 1
    left = max(span.start - reach, start)
    before = raw[left : min(span.start, stop)].decode("utf-8", "replace")
    marked = raw[span.start : min(span.end, span.start + 2 * reach, stop)].decode(
        "utf-8", "replace"
    )
    whole = span.end <= span.start + 2 * reach and len(marked) <= 2 * EXCERPT_RADIUS
    after = raw[span.end : min(span.end + reach, stop)].decode("utf-8", "replace") if whole else ""
    before, marked, after = _redacted(before, marked, after)
    marked = marked[: 2 * EXCERPT_RADIUS]
    kept_before, kept_after = before[-EXCERPT_RADIUS:], after[:EXCERPT_RADIUS]
    beyond = span.end + reach < stop or len(after) > len(kept_after)
    return Excerpt(
        text=kept_before + marked + kept_after,
        start=len(kept_before),
        end=len(kept_before) + len(marked),
        cut_before=left > start or len(before) > len(kept_before),
        cut_after=beyond or not whole,
    )


def _redacted(before: str, marked: str, after: str) -> tuple[str, str, str]:
    """Return the parts of an excerpt redacted; a secret that is cut could not be recognised."""
    text = before + marked + after
    if may_leak(text):
        from ftlint.core.redact import mask  # noqa: PLC0415 - it compiles patterns, for few lines

        text, start, end = mask(text, len(before), len(before) + len(marked))
        return text[:start], text[start:end], text[end:]
    return before, marked, after


class Columns:
    """1-based columns (code points) for ascending or repeated byte offsets of one line.

    `start` is the length in bytes of a byte-order mark that does not count. Bytes that are not
    UTF-8 count as their replacement characters.
    """

    def __init__(self, raw: bytes, start: int = 0) -> None:
        self._raw, self._start = raw, start
        self._ascii = raw[start:].isascii()
        self._resolved: list[tuple[int, int]] = [(start, 1)]

    def column(self, offset: int) -> int:
        """Return the column of the byte at `offset`."""
        if self._ascii or offset <= self._start:
            return max(offset - self._start, 0) + 1
        index = bisect_right(self._resolved, (offset, offset)) - 1
        nearest, column = self._resolved[index]
        column += len(self._raw[nearest:offset].decode("utf-8", "replace"))
        self._resolved.insert(index + 1, (offset, column))
        return column
