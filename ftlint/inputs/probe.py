"""What can be said of a file before its lines are read: size, encoding, kind, data format.

A probe reads the first MiB, and the end of what looks like an array; only a file without a line
end in its first MiB, with nothing but white space there, or with no example that ends there, is
read further, in bounded memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from itertools import islice
from typing import Any, NamedTuple

import orjson

from ftlint.core.text import json_kind
from ftlint.formats.data_format import MESSAGES, METHODS, detect, is_prompt
from ftlint.inputs import streams
from ftlint.inputs.discovery import Input
from ftlint.inputs.filetype import BOM, HEAD, kind_of

_SAMPLE = 100
"""Lines looked at to find the format (design, section 7)."""

_LONGEST = 64 << 20
"""Bytes read of a line that begins in the first MiB, where no line before it tells the format."""


class Probe(NamedTuple):
    """What a file is, before its lines are read.

    `kind` is "lines" for what will be read as lines of JSON; "empty"; an encoding ("utf-16-le");
    a kind of file ("gzip", "csv"); "cr-only"; "json-array"; "pretty-printed". `bom` says whether
    the file starts with a UTF-8 byte-order mark, `format` the data format of the majority of the
    first lines (one of `ftlint.formats.data_format`, ours or a foreign one), None where no line
    tells; for reinforcement, `fields` are (key, JSON type) of what most of them hold beside
    messages. `role` is as in `Input`. Of data with a `compression` ("gzip", "zstandard") all this
    is said of what they decompress to, and their `size` is 0 until they have been read to the end.
    """

    path: str
    size: int
    kind: str
    bom: bool
    format: str | None
    fields: tuple[tuple[str, str], ...] = ()
    role: str = "train"
    compression: str | None = None


def probe(source: Input, method: str | None = None) -> Probe:
    """Look at a file. `method` is the training method, where the user named one.

    Raises `OSError` when the file cannot be read.
    """
    with streams.opened(source.file, source.size) as stored:
        compression = streams.compression_of(stored)
        stream = streams.decompressed(stored, compression)
        head = _head(stream)
        bom = head.startswith(BOM)
        kind = kind_of(stream, head, None if compression else source.size)
        text = head[len(BOM) if bom else 0 :]
        found = _majority(text) if kind == "lines" else None
        if kind == "lines" and found is None and len(head) == HEAD:
            stream.seek(HEAD)
            text += stream.readline(_LONGEST)
            found = _majority(text)
    wanted = METHODS.get(method or "")
    if found in MESSAGES and wanted in MESSAGES:  # the same shape; the user knows which it is
        found = wanted
    fields = _fields(text) if found == "reinforcement" else ()
    size = 0 if compression else source.size
    return Probe(source.path, size, kind, bom, found, fields, source.role, compression)


def _head(stream: BufferedReader) -> bytes:
    """Return the first bytes; of broken data those before the fault, told when they are checked."""
    head = b""
    with suppress(streams.BrokenDataError):
        while len(head) < HEAD and (block := stream.read1(HEAD - len(head))):
            head += block
    return head


def _majority(text: bytes) -> str | None:
    """Return the format of most of the first lines that parse to an object; ties go to chat."""
    kinds: Counter[str | None] = Counter()
    answered = False
    for data in islice(_objects(text), _SAMPLE):
        kind = detect(data)
        kinds[kind] += 1
        answered = answered or (kind == "chat" and not is_prompt(data))
        if answered and kinds["chat"] * 2 >= _SAMPLE:
            return "chat"
    if not kinds:
        return None
    best = max(kinds.values())
    if kinds["chat"] == best:
        return "chat" if answered else "reinforcement"
    return kinds.most_common(1)[0][0]


def _fields(text: bytes) -> tuple[tuple[str, str], ...]:
    """Return (key, JSON type) of what more than half of the first rows hold beside messages.

    The type is the one that most of them have; null is one only where there is no other.
    """
    kinds: dict[str, Counter[str]] = {}
    rows = 0
    for data in islice(_objects(text), _SAMPLE):
        rows += 1
        for key in data.keys() - {"messages", "tools"}:
            kinds.setdefault(key, Counter())[_kind(data[key])] += 1
    held = {key: found for key, found in kinds.items() if found.total() * 2 > rows}
    return tuple((key, _common(found)) for key, found in sorted(held.items()))


def _common(kinds: Counter[str]) -> str:
    return max(kinds, key=lambda kind: (kind != "null", kinds[kind], kind))


def _kind(value: Any) -> str:
    return "a boolean" if isinstance(value, bool) else json_kind(value)


def _objects(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.split(b"\n"):
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(data, dict):
            yield data
