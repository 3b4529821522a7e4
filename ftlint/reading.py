"""From an input to ranges of whole lines, and from a range to its lines.

Lines end at LF bytes and nowhere else. A range starts after an LF (or at the start of the file)
and ends after one (or at the end), so that ranges can be read apart from each other.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BufferedReader

from ftlint import streams
from ftlint.source import RANGE_SIZE, Input, Range

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


def blocks(
    part: Range, limit: int | None, size: int = _BLOCK
) -> Iterator[tuple[int, list[bytes], int]]:
    """Yield (offset, lines, length of the last) of about `size` bytes of a range at a time.

    The lines have their LF. One longer than `limit` bytes without its LF is not held, and stands
    last: its bytes are then its first 64, and only the length tells how long it is. None is no
    limit. What was read of compressed data before an `OSError` comes before it is raised.
    """
    stream, end = _open(part)
    with stream:
        offset = part.start
        while offset < end:
            held: list[bytes] = []
            try:
                length = _read(stream, held, min(size, end - offset), limit, end - offset)
            except OSError:
                if held:
                    yield offset, held, len(held[-1])
                raise
            if not held:
                return
            yield offset, held, length
            offset += sum(map(len, held)) - len(held[-1]) + length


def _read(
    stream: BufferedReader, held: list[bytes], size: int, limit: int | None, left: int
) -> int:
    """Add lines of `size` bytes or somewhat more to `held`; return the length of the last.

    `left` are the bytes of the range that may be left: no line is longer.
    """
    if limit is not None and left <= limit:
        # `readlines` goes on until it has more than it is asked for; 0 would be all
        held += stream.readlines(size - 1) if size > 1 else filter(None, [stream.readline()])
        return len(held[-1]) if held else 0
    ask = -1 if limit is None else limit + 1
    while size > 0 and (raw := stream.readline(ask)):
        if len(raw) == ask and not raw.endswith(b"\n"):
            held.append(raw[: min(64, ask - 1)])
            return ask + _rest_of_line(stream)
        held.append(raw)
        size -= len(raw)
    return len(held[-1]) if held else 0


def lines(part: Range, limit: int | None) -> Iterator[tuple[int, bytes, int]]:
    """Yield (offset, bytes, length) of each line of a range, as `blocks` has them."""
    for start, held, last in blocks(part, limit):
        offset = start
        for raw in held[:-1]:
            yield offset, raw, len(raw)
            offset += len(raw)
        yield offset, held[-1], last


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
