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

from ftlint.kinds import BOM, HEAD, kind_of
from ftlint.source import Input

_SAMPLE = 100
"""Lines looked at to find the format (design, section 7)."""


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
        head = stream.read(HEAD)
        bom = head.startswith(BOM)
        stream.seek(max(source.size - 64, 0))
        tail = stream.read(64)
        kind = kind_of(stream, head, tail, source.size)
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
