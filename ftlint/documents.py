"""The documents of a job that stand in files of their own: a grader, a response format.

Each is one JSON value that may span lines. It is read once, so that what is checked is what is
hashed, also where it comes through a pipe.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from ftlint import graders
from ftlint.kinds import BOM
from ftlint.paths import shown, unreadable

KINDS = ("grader", "response-format")
"""What documents are, in the order in which a report has them."""

MAXIMUM = 4 << 20
"""Bytes of a document that are read; the source of a grader is refused long before."""


class Document(NamedTuple):
    """One document.

    `kind` is one of `KINDS`, `path` as reports show it, `file` as it is opened, `raw` its bytes,
    byte-order mark included, `data` the value. `refusal` says why it could not be read.
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
        """The byte where the text begins, after a byte-order mark."""
        return len(BOM) if self.raw.startswith(BOM) else 0

    @property
    def lines(self) -> int:
        """The number of lines, as for any input."""
        return self.raw.count(b"\n") + (self.raw[-1:] not in (b"", b"\n"))

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.raw).hexdigest()


def read(kind: str, file: str) -> Document:
    """Read a document. What keeps it from being read is its `refusal`; it is `sound` if JSON."""
    path = shown(file)
    try:
        with open(file, "rb") as stream:
            raw = stream.read(MAXIMUM + 1)
    except OSError as error:
        return Document(kind, path, file, refusal=str(unreadable(file, error)))
    if len(raw) > MAXIMUM:
        words = f"{path}: over {MAXIMUM:,} bytes, which is no {kind.replace('-', ' ')}"
        return Document(kind, path, file, refusal=words)
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
    """Read the documents whose paths are given."""
    paths = zip(KINDS, (grader, response_format), strict=True)
    return tuple(read(kind, path) for kind, path in paths if path)


def described(read: Iterable[Document]) -> dict[str, Any]:
    """Return what rules are told of the documents of a job, as plain data.

    `documents` are the kinds that are given; `grader` and `response_format` what those hold, absent
    where that is not JSON; `grader_fields` and `grader_references` are as in `ftlint.graders`.
    """
    job: dict[str, Any] = {}
    for document in read:
        job.setdefault("documents", []).append(document.kind)
        if document.sound:
            job[document.kind.replace("-", "_")] = document.data
    if "grader" in job:
        job["grader_fields"] = graders.fields(job["grader"])
        job["grader_references"] = graders.references(job["grader"])
    return job
