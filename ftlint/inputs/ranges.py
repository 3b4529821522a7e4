"""From an input to ranges of whole lines, and from a range to its lines.

Lines end at LF bytes and nowhere else. A range starts after an LF (or at the start of the file)
and ends after one (or at the end), so that ranges can be read apart from each other.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BufferedReader

from ftlint.inputs import streams
from ftlint.inputs.discovery import RANGE_SIZE, Input, Range

_CUT = 1 << 16
"""Bytes read at once to find where a line ends: most lines are shorter."""

_BLOCK = 1 << 20


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
    """Go behind the next LF (or to the end), in bounded memory; return the bytes passed."""
    passed = 0
    while block := stream.readline(_BLOCK):
        passed += len(block)
        if block.endswith(b"\n"):
            break
    return passed


def _open(part: Range) -> tuple[BufferedReader, int]:
    """Open a range; return it with the byte where it ends (if compressed: where the data do)."""
    end = sys.maxsize if part.compression else part.end
    given = (part.file, part.end, part.compression)
    return streams.opened(*given, start=part.start, through=True), end


def lines(part: Range, limit: int | None) -> Iterator[tuple[int, bytes, int]]:
    """Yield (offset, bytes, length) of each line of a range, LF included.

    Of a line longer than `limit` bytes without its LF only the first 64 bytes are held, and the
    length tells how long it is; None is no limit. What was read of compressed data before an
    `OSError` comes before it is raised.
    """
    stream, end = _open(part)
    ask = -1 if limit is None or end - part.start <= limit else limit + 1
    with stream:
        offset = part.start
        while offset < end and (raw := stream.readline(ask)):
            length = len(raw)
            if length == ask and not raw.endswith(b"\n"):
                raw, length = raw[: min(64, ask - 1)], ask + _rest_of_line(stream)
            yield offset, raw, length
            offset += length


def measure(part: Range) -> tuple[int, int]:
    """Return the number of lines in a range (LF bytes, and what follows the last), and of bytes."""
    count, last = 0, b"\n"
    stream, end = _open(part)
    left = end - part.start
    with stream:
        while left and (block := stream.read(min(left, _BLOCK))):
            count += block.count(b"\n")
            left -= len(block)
            last = block[-1:]
    return count + (last != b"\n"), end - part.start - left
