"""Detection of a file's type from its first bytes, so that only JSON Lines are read as such."""

from __future__ import annotations

import codecs
import re
from operator import or_
from typing import BinaryIO

import orjson

from ftlint.core.json_spans import value_end

BOM = b"\xef\xbb\xbf"
"""The UTF-8 byte-order mark."""

HEAD = 1 << 20
"""Bytes to inspect; only an undecided file is read further."""

_SAMPLE = 100
_UNICODE_DELIMITERS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_MAGIC = (
    (b"version https://git-lfs.github.com/spec/", "git-lfs"),
    (b"/annex/objects/", "git-annex"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\x28\xb5\x2f\xfd", "zstandard"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (rb"{\rtf", "rtf"),
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"Obj\x01", "avro"),
    (b"ORC", "orc"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
)
_TAR = slice(257, 262)
_START = re.compile(rb"""\s*[{[]\s*["'{[\]}]""")
_RECORD = re.compile(rb"""(?m)^(?:[^\S\n]|[\0[]|\xef\xbb\xbf)*+\{\s*["'][^"'\n]{0,64}["']\s*:""")
"""The start of an object, also where it is damaged, pretty-printed or in Python's notation.

What precedes the object ends with its line: over blank lines, every line would be a start to try.
"""
_WIDE = re.compile(rb"(?:[^\0]\0(?:\0\0)?){4}")
_XML = re.compile(rb"\s*<[?!a-zA-Z]")
_PAGE = re.compile(rb"(?i)\s*<(?:!doctype|html|\?xml)")
_YAML = re.compile(rb"\s*(?:#|- |[A-Za-z_]\w*:(?:\s|$)|\s\s+\S)")
_DELIMITERS = (b",", b"\t", b";")


def kind_of(stream: BinaryIO, head: bytes, size: int | None) -> str:
    """Return the kind of a file, as in `Probe.kind`.

    `head` are its first bytes (`HEAD` at most), `size` is its size in bytes, None if unknown.
    """
    text = head[len(head) - len(head.lstrip(BOM)) :] if head.startswith(BOM) else head
    kind = (
        _magic(text)
        or _unicode(head)
        or _blank(stream, head, text)
        or _binary(text)
        or _cr_only(stream, head)
    )
    return kind or _document(stream, head, text, size) or "lines"


def _magic(text: bytes) -> str | None:
    """Detect formats by their first bytes, also behind a byte-order mark that was put in front."""
    if text[_TAR] == b"ustar":
        return "tar"
    return next((kind for magic, kind in _MAGIC if text.startswith(magic)), None)


def _binary(text: bytes) -> str | None:
    """Detect bytes that are no UTF-8 text and hold no object."""
    if _START.match(text):  # as nearly every file
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text)
        is_text = 0 not in text
    except UnicodeDecodeError:
        is_text = False
    return None if is_text or _RECORD.search(text) else "binary"


def _unicode(head: bytes) -> str | None:
    """Detect UTF-16 and UTF-32 by the byte-order mark, or by alternating NUL bytes."""
    for mark, encoding in _UNICODE_DELIMITERS:
        if head.startswith(mark):
            return encoding
    return _unmarked(head[:4096]) or _unmarked(head[:64])  # keys that start an example are ASCII


def _unmarked(block: bytes) -> str | None:
    if len(block) < 5 or block.count(0) < 0.3 * len(block):
        return None
    first, second, third, last = (block[index::4] for index in range(4))
    if not any(last) and max(third) <= 0x10 and all(map(or_, first, second)):
        return "utf-32-le"
    if not any(first) and max(second) <= 0x10 and all(map(or_, third, last)):
        return "utf-32-be"
    even, odd = block[::2].count(0) / len(block), block[1::2].count(0) / len(block)
    if max(even, odd) < 0.3 or min(even, odd) > 0.1:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _blank(stream: BinaryIO, head: bytes, text: bytes) -> str | None:
    if text.strip():
        return None
    stream.seek(len(head))
    while block := stream.read(HEAD):
        if block.strip():
            return None
    return "empty"


def _cr_only(stream: BinaryIO, head: bytes) -> str | None:
    """Detect lines that end in CR, other than a single CR at the end or in a JSON value."""
    if b"\n" in head or len([part for part in head.split(b"\r", 2) if part.strip()]) < 2:
        return None
    stream.seek(len(head))
    while block := stream.read(HEAD):
        if b"\n" in block:
            return None
    return None if parses(head.removeprefix(BOM)) else "cr-only"


def _document(stream: BinaryIO, head: bytes, text: bytes, size: int | None) -> str | None:
    """Detect a single JSON document that spans the file, and text that is not JSON."""
    start = text.lstrip()
    first = start.partition(b"\n")[0]
    if start.startswith(b"["):
        if not _is_array(start, first, complete=_is_whole(stream, head)):
            return None
        return "json-array" if _tail(stream, head, size).rstrip().endswith(b"]") else None
    if parses(first):
        return None
    if start.startswith(b"{"):
        return "pretty-printed" if _is_pretty(start, complete=_is_whole(stream, head)) else None
    return _text(start, first)


def _is_whole(stream: BinaryIO, head: bytes) -> bool:
    """Return whether `head` is the whole file."""
    if len(head) < HEAD:
        return True
    stream.seek(HEAD)
    return not stream.read(1)


def _tail(stream: BinaryIO, head: bytes, size: int | None) -> bytes:
    """Return the last 64 bytes, in bounded memory even if the size is unknown."""
    last = head[-64:]
    stream.seek(len(head) if size is None else max(size - 64, 0))
    while block := stream.read(HEAD):
        last = (last + block)[-64:]
    return last


def _text(start: bytes, first: bytes) -> str | None:
    """Detect XML, YAML and delimited text."""
    lines = [line for line in start.split(b"\n", _SAMPLE)[:_SAMPLE] if line.strip()]
    if _PAGE.match(start) and not any(map(parses, lines)):
        return "xml"
    if any(line.lstrip()[:1] in (b"{", b"[") or parses(line) for line in lines):
        return None
    if _XML.match(start):
        return "xml"
    if start.startswith((b"---", b"%YAML")):
        return "yaml"
    if len(lines) > 1 and b"{" not in start:
        if all(map(_YAML.match, lines)):
            return "yaml"
        if any(
            len({line.count(mark) for line in lines}) == 1 and mark in first for mark in _DELIMITERS
        ):
            return "csv"
    return None


def parses(line: bytes) -> bool:
    """Return whether orjson parses `line`."""
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def is_wide(line: bytes) -> bool:
    """Return whether UTF-16 or UTF-32 stands in a line of a UTF-8 file: every other byte is NUL."""
    return 0 in line and _WIDE.search(line) is not None


def _is_array(start: bytes, first: bytes, *, complete: bool) -> bool:
    """Return whether the file is one array of objects, rather than lines that are arrays."""
    inner = start[1:].lstrip()
    if not inner.startswith(b"{"):
        return False
    if not start[len(first) :].strip():
        return True
    if parses(first):
        return False
    end = value_end(inner)
    return parses(inner[:end]) if end > 0 else not complete


def _is_pretty(start: bytes, *, complete: bool) -> bool:
    """Return whether the file is objects that span lines, rather than broken lines."""
    spans = False
    for _ in range(_SAMPLE):
        end = value_end(start)
        if end < 0:
            return spans and not complete
        if not start.startswith(b"{") or not parses(start[:end]):
            return False
        spans = spans or b"\n" in start[:end]
        start = start[end:].lstrip(b" \t\r\n,")
        if not start:
            return spans
    return spans
