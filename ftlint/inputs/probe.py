"""Probe of a file before its lines are read: size, encoding, kind, data format.

A probe reads the first MiB, and the end of a JSON array. It reads further, in bounded memory, only
if the first MiB has no line end, no complete example, or nothing but white space.
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
from ftlint.inputs import remote, streams
from ftlint.inputs.discovery import Input
from ftlint.inputs.filetype import BOM, HEAD, kind_of
from ftlint.inputs.paths import STDIN
from ftlint.inputs.ranges import is_crowded

_SAMPLE = 100
"""Number of examples that determine the format."""

_LONGEST = 64 << 20
"""Maximum bytes of a line that starts in the first MiB and is needed to detect the format."""


class Probe(NamedTuple):
    """The properties of a file before its lines are read.

    `kind` is "lines" for JSON Lines; "empty"; an encoding ("utf-16-le"); a type of file ("gzip",
    "csv"); "cr-only"; "json-array"; "pretty-printed". `bom` is whether the file starts with a UTF-8
    byte-order mark, `format` the data format of most of the first examples (training data or a
    foreign format of `ftlint.formats.data_format`), None if unknown; for reinforcement, `fields`
    are the (key, JSON type) of the fields that most rows have besides messages. `role` is as in
    `Input`. With a `compression` ("gzip", "zstandard"), all these describe the decompressed data,
    and `size` (bytes) is 0 until they have been read to the end. `obstacle` is why the file cannot
    be converted to lines of UTF-8 without loss, None if it can, or is neither UTF-16, UTF-32 nor
    "cr-only", or remote.

    Compressed data whose name does not say so are what their bytes are: an archive.
    """

    path: str
    size: int
    kind: str
    bom: bool
    format: str | None
    fields: tuple[tuple[str, str], ...] = ()
    role: str = "train"
    compression: str | None = None
    obstacle: str | None = None


def probe(source: Input, method: str | None = None) -> Probe:
    """Probe a file. `method` is the training method that the user chose, if any.

    Raises `OSError` if the file cannot be read.
    """
    with streams.opened(source.file, source.size) as stored:
        compression = streams.compression_of(stored) if _is_open(source.path) else None
        stream = streams.decompressed(stored, compression)
        head = _head(stream)
        bom = head.startswith(BOM)
        kind = kind_of(stream, head, None if compression else source.size)
        obstacle = None if remote.is_url(source.file) else _obstacle(stream, kind)
        text = head[len(BOM) if bom else 0 :]
        data_format = _majority(text) if kind == "lines" else None
        if kind == "lines" and data_format is None and len(head) == HEAD:
            stream.seek(HEAD)
            text += stream.readline(_LONGEST)
            data_format = _majority(text)
    expected = METHODS.get(method or "")
    if data_format in MESSAGES and expected in MESSAGES:  # same shape, so the user decides
        data_format = expected
    fields = _fields(text) if data_format == "reinforcement" else ()
    size = 0 if compression else source.size
    given = (source.path, size, kind, bom, data_format, fields, source.role, compression)
    return Probe(*given, obstacle)


def _is_open(path: str) -> bool:
    """Return whether data may be compressed: their name says so, or they have none."""
    return path == STDIN or path.endswith(tuple(streams.SUFFIXES))


def _obstacle(stream: BufferedReader, kind: str) -> str | None:
    """Return `Probe.obstacle`, for which the file is read through."""
    if not kind.startswith(("utf-16", "utf-32", "cr-only")):
        return None
    from ftlint.inputs.recoding import obstacle  # noqa: PLC0415 - for few files

    try:
        stream.seek(0)
        return obstacle(stream, kind)
    except streams.BrokenDataError:  # which the check will report
        return None


def _head(stream: BufferedReader) -> bytes:
    """Return the first bytes, up to a fault in compressed data, which the check will report."""
    head = b""
    with suppress(streams.BrokenDataError):
        while len(head) < HEAD and (block := stream.read1(HEAD - len(head))):
            head += block
    return head


def _majority(text: bytes) -> str | None:
    """Return the most frequent format of the first objects; chat wins a tie."""
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
    """Return the (key, JSON type) of fields besides messages in more than half of the first rows.

    The type is the most frequent one; null only if there is no other.
    """
    kinds: dict[str, Counter[str]] = {}
    rows = 0
    for data in islice(_objects(text), _SAMPLE):
        rows += 1
        for key in data.keys() - {"messages", "tools"}:
            kinds.setdefault(key, Counter())[_kind(data[key])] += 1
    common = {key: types for key, types in kinds.items() if types.total() * 2 > rows}
    return tuple((key, _most_common(types)) for key, types in sorted(common.items()))


def _most_common(kinds: Counter[str]) -> str:
    return max(kinds, key=lambda kind: (kind != "null", kinds[kind], kind))


def _kind(value: Any) -> str:
    return "a boolean" if isinstance(value, bool) else json_kind(value)


def _objects(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.split(b"\n"):
        if not line.lstrip().startswith(b"{") or is_crowded(line):
            continue  # to be refused takes long, and many are blank
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(data, dict):
            yield data
