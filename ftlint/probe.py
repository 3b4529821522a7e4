"""What can be said of a file before its lines are read: size, encoding, kind, data format.

A probe reads the first MiB and the last bytes; only a file without a line end in its first MiB,
or with nothing but white space there, is read further, in bounded memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from ftlint.formats import METHODS, detect, is_prompt
from ftlint.kinds import BOM, HEAD, kind_of
from ftlint.locate import json_kind
from ftlint.source import Input

_MESSAGES = ("chat", "reinforcement")
_SAMPLE = 100
"""Lines looked at to find the format (design, section 7)."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file is, before its lines are read.

    `kind` is "lines" for what will be read as lines of JSON; "empty"; an encoding ("utf-16-le");
    a kind of file ("gzip", "csv"); "cr-only"; "json-array"; "pretty-printed". `bom` says whether
    the file starts with a UTF-8 byte-order mark, `format` the data format of the majority of the
    first lines (one of `ftlint.formats`, ours or a foreign one), None where no line tells; for
    reinforcement, `fields` are (key, JSON type) of what most of them hold beside messages.
    """

    path: str
    size: int
    kind: str
    bom: bool
    format: str | None
    fields: tuple[tuple[str, str], ...] = ()


def probe(source: Input, method: str | None = None) -> Probe:
    """Look at a file. `method` is the training method, where the user named one.

    Raises `OSError` when the file cannot be read.
    """
    with open(source.file, "rb") as stream:
        head = stream.read(HEAD)
        bom = head.startswith(BOM)
        stream.seek(max(source.size - 64, 0))
        tail = stream.read(64)
        kind = kind_of(stream, head, tail, source.size)
    text = head[len(BOM) if bom else 0 :]
    found = _majority(text) if kind == "lines" else None
    wanted = METHODS.get(method or "")
    if found in _MESSAGES and wanted in _MESSAGES:  # the same shape; the user knows which it is
        found = wanted
    fields = _fields(text) if found == "reinforcement" else ()
    return Probe(source.path, source.size, kind, bom, found, fields)


def _majority(text: bytes) -> str | None:
    """Return the format of most of the first lines that parse to an object; ties go to chat."""
    kinds: Counter[str | None] = Counter()
    prompts = 0
    for data in islice(_objects(text), _SAMPLE):
        kind = detect(data)
        kinds[kind] += 1
        prompts += kind == "chat" and is_prompt(data)
    if not kinds:
        return None
    best = max(kinds.values())
    if kinds["chat"] == best:
        return "reinforcement" if prompts == best else "chat"
    return kinds.most_common(1)[0][0]


def _fields(text: bytes) -> tuple[tuple[str, str], ...]:
    """Return (key, JSON type) of what more than half of the first rows hold beside messages."""
    kinds: Counter[tuple[str, str]] = Counter()
    rows = 0
    for data in islice(_objects(text), _SAMPLE):
        rows += 1
        kinds.update((key, json_kind(data[key])) for key in data.keys() - {"messages", "tools"})
    return tuple(sorted(field for field, count in kinds.items() if count * 2 > rows))


def _objects(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.split(b"\n"):
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(data, dict):
            yield data
