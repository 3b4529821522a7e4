"""Ranges of whole lines in an input, which can be read independently, and their lines.

Lines end at LF bytes only. A range starts after an LF or at the start of the file, and ends after
an LF or at the end of the file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from io import BufferedReader

from ftlint.core.limits import LINE_VALUES
from ftlint.inputs import streams
from ftlint.inputs.discovery import RANGE_SIZE, Input, Range

_CUT = 1 << 16
"""Block size in bytes for finding the end of a line; most lines are shorter."""

_HEAD = 64
"""Bytes that are kept of a line that is cut."""

_ROOM = 2 * LINE_VALUES
"""Bytes in which so many values have room: each takes one, and one parts it from others."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""A string, ended or not: else every quotation mark in one that is not would be tried."""

_BLOCK = 1 << 20
_LINES = 1 << 16
"""Bytes of lines that are read together."""


def cut(source: Input, size: int = RANGE_SIZE) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of newline-aligned ranges of about `size` bytes, in order."""
    if 0 < source.size <= size:
        yield 0, source.size
        return
    with streams.opened(source.file, source.size, block=_CUT) as stream:
        start = 0
        while start < source.size:
            end = start + size
            if end < source.size:
                stream.seek(end - 1)
                end += _rest_of_line(stream) - 1
            end = min(end, source.size)
            yield start, end
            start = end


def _rest_of_line(stream: BufferedReader) -> int:
    """Skip past the next LF (or to the end), in bounded memory; return the bytes skipped."""
    skipped = 0
    while block := stream.readline(_BLOCK):
        skipped += len(block)
        if block.endswith(b"\n"):
            break
    return skipped


def _open(part: Range) -> tuple[BufferedReader, int]:
    """Open a range; return the stream and its end offset, unbounded for compressed data."""
    end = sys.maxsize if part.compression else part.end
    source = (part.file, part.end, part.compression)
    return streams.opened(*source, start=part.start, sequential=True), end


def is_crowded(raw: bytes) -> bool:
    """Return whether a line has more values than `LINE_VALUES`, so that it must not be parsed."""
    if len(raw) <= _ROOM or _marks(raw) <= LINE_VALUES:
        return False
    return _marks(_STRING.sub(b"", raw)) > LINE_VALUES


def _marks(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def lines(part: Range, limit: int | None) -> Iterator[tuple[int, bytes, int]]:
    """Yield (offset, bytes, length) of each line of a range, LF included, in bytes.

    A line longer than `limit` bytes without its LF, or with too many values, is cut to its first 64
    bytes; `length` is still that of the whole line. None is no limit. Raises `OSError`, for broken
    compressed data after the lines before the fault.
    """
    stream, end = _open(part)
    maximum = -1 if limit is None or end - part.start <= limit else limit + 1
    with stream:
        offset = part.start
        while offset < end and (raw := stream.readline(maximum)):
            length = len(raw)
            if length == maximum and not raw.endswith(b"\n"):
                raw, length = raw[: min(_HEAD, maximum - 1)], maximum + _rest_of_line(stream)
            elif length > _ROOM and limit is not None and is_crowded(raw):
                raw = raw[:_HEAD]
            yield offset, raw, length
            offset += length


def blocks(part: Range, limit: int | None) -> Iterator[tuple[list[bytes], int]]:
    """Yield (lines, length in bytes) of some lines in a row, about 64 kB together.

    A line that `lines` cuts stands alone, with the length of the whole line. Raises `OSError` as
    `lines` does.
    """
    block: list[bytes] = []
    size = 0
    try:
        for _, raw, length in lines(part, limit):
            is_cut = length != len(raw)
            if block and (is_cut or size >= _LINES):
                yield block, size
                block, size = [], 0
            if is_cut:
                yield [raw], length
            else:
                block.append(raw)
                size += length
    except OSError:
        if block:
            yield block, size
        raise
    if block:
        yield block, size


def measure(part: Range) -> tuple[int, int]:
    """Return the numbers of lines (LF, and an unterminated last line) and of bytes in a range."""
    count, last = 0, b"\n"
    stream, end = _open(part)
    remaining = end - part.start
    with stream:
        while remaining and (block := stream.read(min(remaining, _BLOCK))):
            count += block.count(b"\n")
            remaining -= len(block)
            last = block[-1:]
    return count + (last != b"\n"), end - part.start - remaining
