"""Documents of a job in files of their own: a grader, a response format.

Each is one JSON value that may span lines. It is read once, so that the checked bytes are the
hashed ones even from a pipe.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from ftlint.core.files.small_file import read_small_file
from ftlint.formats.grader import fields, references
from ftlint.inputs.filetype import BOM
from ftlint.inputs.paths import shown, unreadable

KINDS = ("grader", "response-format")
"""Kinds of documents in the order of reports."""

MAXIMUM = 4 << 20
"""Maximum bytes of a document; services refuse a grader's source at far less."""


class Document(NamedTuple):
    """One document.

    `kind` is one of `KINDS`, `path` the path in reports, `file` the path to open, `raw` its bytes
    with any byte-order mark, `data` the value, `sound` whether it is JSON. `refusal` is why it
    could not be read, else None.
    """

    kind: str
    path: str
    file: str
    raw: bytes = b""
    data: Any = None
    refusal: str | None = None
    sound: bool = False

    @property
    def start(self) -> int:
        """Offset of the text in bytes, after any byte-order mark."""
        return len(BOM) if self.raw.startswith(BOM) else 0

    @property
    def lines(self) -> int:
        """Number of lines, as for any input."""
        return self.raw.count(b"\n") + (self.raw[-1:] not in (b"", b"\n"))

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.raw).hexdigest()


def read(kind: str, file: str) -> Document:
    """Read a document; a failure becomes its `refusal`."""
    path = shown(file)
    try:
        raw = read_small_file(file, MAXIMUM)
    except OSError as error:
        return Document(kind, path, file, refusal=str(unreadable(file, error)))
    unmarked = raw.removeprefix(BOM)
    try:
        data = orjson.loads(unmarked)
    except orjson.JSONDecodeError:
        return Document(kind, path, file, raw)
    try:
        orjson.dumps(data)
    except orjson.JSONEncodeError:
        return Document(kind, path, file, refusal=f"{path}: nested too deeply to be checked")
    return Document(kind, path, file, raw, data, sound=True)


def given(grader: str | None, response_format: str | None) -> tuple[Document, ...]:
    """Read the documents with a path."""
    paths = zip(KINDS, (grader, response_format), strict=True)
    return tuple(read(kind, path) for kind, path in paths if path)


def described(read: Iterable[Document]) -> dict[str, Any]:
    """Return the facts on a job's documents for rules, as plain data.

    `documents` lists the given kinds; `grader` and `response_format` are their values, absent if
    not JSON; `grader_fields` and `grader_references` are as in `ftlint.formats.grader`.
    """
    job: dict[str, Any] = {}
    for document in read:
        job.setdefault("documents", []).append(document.kind)
        if document.sound:
            job[document.kind.replace("-", "_")] = document.data
    if "grader" in job:
        job["grader_fields"] = fields(job["grader"])
        job["grader_references"] = references(job["grader"])
    return job
