"""The conversion of a whole file to lines of UTF-8, and the proof that it loses no line.

What is noise in one encoding may decode in another without an error, so a file that was joined
from parts in several encodings is recognised by its lines.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ftlint.inputs.filetype import BOM, parses

LONGEST = 64 << 20
"""Bytes of UTF-8 in a line that are held in memory to parse it."""

_BLOCK = 1 << 20

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:(")|\\?\Z)')
"""A string, group 1 its end if it has one: else every quotation mark in it would be tried."""

_NOISE = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f\xe0-\xff]|\xc2[\x80-\x9f]")
"""A control character, or the first byte of U+0800 and above in UTF-8.

Text in another encoding, or of the other byte order, decodes to nothing but these: of the two bytes
that make a character below U+0800, one is a control character. A quotation mark is such a
character, so noise does not hide in a string.
"""


def converted(stream: BinaryIO, kind: str) -> Iterator[bytes]:
    """Yield a file as UTF-8, or one of the kind "cr-only" with LF for CR.

    Raises `UnicodeDecodeError`.
    """
    if kind == "cr-only":
        while block := stream.read(_BLOCK):
            yield block.replace(b"\r", b"\n")
        return
    decoder = codecs.getincrementaldecoder(kind)()
    while block := stream.read(_BLOCK):
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()


def obstacle(stream: BinaryIO, kind: str) -> str | None:
    """Return why `converted` might lose something, None if it provably does not.

    A file whose lines end in CR is a single line now, which must not be JSON. In UTF-16 and UTF-32,
    no line is JSON now; decoded, each has to be JSON, or without noise outside of its strings.
    """
    if kind == "cr-only":
        return _one_value(stream)
    try:
        return _not_throughout(_examples(converted(stream, kind)), kind)
    except UnicodeDecodeError as error:
        return f"not valid {kind}: {error.reason}"
    except _TooLongError:
        return f"a line is longer than {LONGEST >> 20} MiB"


def _one_value(stream: BinaryIO) -> str | None:
    text = stream.read(LONGEST)
    if parses(next(_examples([text]), b"")):  # and more follows, so that the whole is not JSON
        return None
    if len(text) == LONGEST:
        return f"its first {LONGEST >> 20} MiB may be a single JSON value"
    return "it is a single JSON value" if parses(_bare(text)) else None


def _not_throughout(examples: Iterable[bytes], encoding: str) -> str | None:
    for number, line in enumerate(examples, 1):
        if not parses(line) and _NOISE.search(_STRING.sub(_unended, line)):
            return (
                f"not {encoding} throughout: example {number:,} is not JSON once it is decoded; "
                "files in different encodings may have been joined"
            )
    return None


def _unended(string: re.Match[bytes]) -> bytes:
    return b"" if string[1] else string[0]


class _TooLongError(Exception):
    """A line longer than `LONGEST`."""


def _examples(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines that are not blank, without byte-order mark and white space around them."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).replace(b"\r", b"\n").split(b"\n")
        if len(rest) > LONGEST:
            raise _TooLongError
        yield from filter(None, map(_bare, lines))
    if last := _bare(rest):
        yield last


def _bare(line: bytes) -> bytes:
    while line.startswith(BOM):
        line = line.removeprefix(BOM)
    return line.strip(b" \t")
