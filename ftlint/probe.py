"""What can be said of a file before its lines are read: size, encoding, kind, data format.

A probe reads the first MiB and the last bytes; only a file without a line end in its first MiB,
or with nothing but white space there, is read further, in bounded memory.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

import orjson

from ftlint.locate import value_end
from ftlint.source import Input

BOM = b"\xef\xbb\xbf"
_HEAD = 1 << 20
_SAMPLE = 100
"""Lines looked at to find the format (design, section 7)."""

_UNICODE_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"%PDF-", "pdf"),
    (b"\x28\xb5\x2f\xfd", "zstandard"),
)
_XML = re.compile(rb"\s*<[?!a-zA-Z]")
_YAML = re.compile(rb"(?:%YAML|---\s|- ?[\w\"']|[A-Za-z_]\w*:(?:\s|$))")


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file is, before its lines are read.

    `kind` is "lines" for what will be read as lines of JSON; "empty"; an encoding ("utf-16-le");
    a kind of file ("gzip", "csv"); "cr-only"; "json-array"; "pretty-printed". `bom` says whether
    the file starts with a UTF-8 byte-order mark, `format` the data format of the majority of the
    first lines ("chat", "reinforcement", "preference", "completion", "sharegpt", "alpaca"), None
    where no line tells.
    """

    path: str
    size: int
    kind: str
    bom: bool
    format: str | None


def probe(source: Input, method: str | None = None) -> Probe:
    """Look at a file. `method` is the training method, where the user named one.

    Raises `OSError` when the file cannot be read.
    """
    with open(source.file, "rb") as stream:
        head = stream.read(_HEAD)
        bom = head.startswith(BOM)
        stream.seek(max(source.size - 64, 0))
        tail = stream.read(64)
        kind = _kind(stream, head, tail, source.size)
    found = _majority(head[3 if bom else 0 :]) if kind == "lines" else None
    if found == "reinforcement" and method == "sft":
        found = "chat"
    return Probe(source.path, source.size, kind, bom, found)


def detect(data: dict[str, Any]) -> str | None:
    """Name the data format of one object by its keys; None when they tell nothing."""
    if _OUTPUTS & data.keys() or ("messages" not in data and isinstance(data.get("input"), dict)):
        return "preference"
    if "prompt" in data and "completion" in data:
        return "completion"
    if "messages" in data:
        return "chat"
    if "conversations" in data:
        return "sharegpt"
    if "instruction" in data and "output" in data:
        return "alpaca"
    return None


_CHAT_KEYS = {"messages", "tools", "functions", "parallel_tool_calls"}
_OUTPUTS = {
    "preferred_output",
    "non_preferred_output",
    "preferred_completion",
    "non_preferred_completion",
}


def _kind(stream: BinaryIO, head: bytes, tail: bytes, size: int) -> str:
    text = head.removeprefix(BOM)
    named = (
        _unicode(head)
        or next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
        or _blank(stream, text, size)
        or _cr_only(stream, head)
    )
    return named or _document(text, tail, complete=size <= _HEAD) or "lines"


def _unicode(head: bytes) -> str | None:
    """Recognise UTF-16 and UTF-32 by their mark, else by NUL bytes at every second place."""
    for mark, encoding in _UNICODE_MARKS:
        if head.startswith(mark):
            return encoding
    block = head[:4096]
    if len(block) < 4 or block.count(0) < 0.3 * len(block):
        return None
    quarters = [block[i::4].count(0) / (len(block[i::4]) or 1) for i in range(4)]
    if min(quarters[1:]) > 0.9:
        return "utf-32-le"
    if min(quarters[:3]) > 0.9:
        return "utf-32-be"
    if min(quarters[1], quarters[3]) > 0.6 > max(quarters[0], quarters[2]):
        return "utf-16-le"
    if min(quarters[0], quarters[2]) > 0.6 > max(quarters[1], quarters[3]):
        return "utf-16-be"
    return None


def _blank(stream: BinaryIO, text: bytes, size: int) -> str | None:
    if text.strip():
        return None
    stream.seek(min(_HEAD, size))
    while block := stream.read(_HEAD):
        if block.strip():
            return None
    return "empty"


def _cr_only(stream: BinaryIO, head: bytes) -> str | None:
    """Recognise lines that end in CR; one CR at the very end, or inside a value, is none."""
    if b"\n" in head or len([part for part in head.split(b"\r", 2) if part.strip()]) < 2:
        return None
    stream.seek(len(head))
    while block := stream.read(_HEAD):
        if b"\n" in block:
            return None
    return None if parses(head) else "cr-only"


def _document(text: bytes, tail: bytes, *, complete: bool) -> str | None:
    """Recognise one JSON document spread over the file, and text that is no JSON at all."""
    start = text.lstrip()
    first = start.partition(b"\n")[0]
    if start.startswith(b"["):
        closed = tail.rstrip().endswith(b"]")
        return "json-array" if closed and _is_array(start, first, complete=complete) else None
    if parses(first):
        return None
    if start.startswith(b"{"):
        return "pretty-printed" if _is_pretty(start, complete=complete) else None
    if any(line.lstrip()[:1] in (b"{", b"[", b'"') for line in start.split(b"\n", _SAMPLE)):
        return None
    if _XML.match(start):
        return "xml"
    if _YAML.match(start):
        return "yaml"
    return "csv" if b"," in first or b"\t" in first else None


def parses(line: bytes) -> bool:
    """Tell whether orjson takes `line`."""
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _is_array(start: bytes, first: bytes, *, complete: bool) -> bool:
    """Tell a file that is one array of objects from lines that happen to be arrays."""
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
    """Tell objects that span lines, one after the other, from broken lines."""
    spans = False
    for _ in range(_SAMPLE):
        end = value_end(start)
        if end < 0:
            return spans and not complete
        if not start.startswith(b"{") or not parses(start[:end]):
            return False
        spans = spans or b"\n" in start[:end]
        start = start[end:].lstrip()
        if not start:
            return spans
    return spans


def _majority(text: bytes) -> str | None:
    """Return the format of most of the first lines that parse to an object; ties go to chat."""
    kinds: Counter[str | None] = Counter()
    prompts = 0
    for data in islice(_objects(text), _SAMPLE):
        kind = detect(data)
        kinds[kind] += 1
        prompts += kind == "chat" and _is_prompt(data)
    if not kinds:
        return None
    best = max(kinds.values())
    if kinds["chat"] == best:
        return "reinforcement" if prompts == best else "chat"
    return kinds.most_common(1)[0][0]


def _objects(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.split(b"\n"):
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(data, dict):
            yield data


def _is_prompt(data: dict[str, Any]) -> bool:
    """Tell whether messages hold no answer, and fields for a grader stand beside them."""
    messages = data["messages"]
    if not isinstance(messages, list) or data.keys() <= _CHAT_KEYS:
        return False
    return not any(isinstance(m, dict) and m.get("role") == "assistant" for m in messages)
