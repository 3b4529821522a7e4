"""Parsers of request bodies, which stream: files of a form go to disk, hashed on the way."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value
from io import BufferedIOBase
from typing import Any

import orjson

from ftlint.emulator.service.services import Refusal

_BLOCK = 256 << 10
_LONGEST_JSON = 16 << 20
_LONGEST_FIELD = 64 << 10
"""Bytes of a block, a JSON body, and a form field that is no file."""
_LONGEST_BOUNDARY = 70
"""Bytes of the boundary of a form: RFC 2046, 5.1.1."""
_NO_FORM = "The request body must be multipart/form-data."


def natural(text: str) -> int | None:
    """Return the number that 1 to 18 digits denote, None for any other text."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


class IncompleteError(Exception):
    """The connection ended before the body did."""


@dataclass(slots=True)
class Stored:
    """A file on disk: `size` in bytes, digests in hexadecimal; `drop` spares it if `kept`."""

    path: str
    size: int
    sha256: str
    md5: str
    kept: bool = False

    def drop(self) -> None:
        """Remove the file unless it is kept."""
        if not self.kept and os.path.exists(self.path):
            os.remove(self.path)


class Sink:
    """A writer to a new file in `folder` that hashes on the way."""

    def __init__(self, folder: str) -> None:
        handle, self.path = tempfile.mkstemp(dir=folder)
        self._file = os.fdopen(handle, "wb")
        self._size, self._sha256 = 0, hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)

    def write(self, data: bytes) -> None:
        """Append a block."""
        self._file.write(data)
        self._sha256.update(data)
        self._md5.update(data)
        self._size += len(data)

    def close(self) -> Stored:
        """Return the finished file."""
        self._file.close()
        return Stored(self.path, self._size, self._sha256.hexdigest(), self._md5.hexdigest())


@dataclass(frozen=True, slots=True)
class Field:
    """One part of a form: a file (`stored`) or a plain value; `size` is in bytes."""

    name: str
    filename: str | None
    content_type: str
    size: int
    value: str
    stored: Stored | None = None


def blocks(stream: BufferedIOBase, headers: Message) -> Iterator[bytes]:
    """Yield the body of a request, framed by its length or in chunks.

    Raises `IncompleteError` where it ends early or its framing is invalid.
    """
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        yield from _chunks(stream)
        return
    length = natural(headers.get("Content-Length") or "0")
    if length is None:
        raise IncompleteError
    yield from _span(stream, length)


def _span(stream: BufferedIOBase, left: int) -> Iterator[bytes]:
    while left > 0:
        block = stream.read(min(left, _BLOCK))
        if not block:
            raise IncompleteError
        left -= len(block)
        yield block


def _chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    while True:
        try:
            size = int(stream.readline(1024).partition(b";")[0], 16)
        except ValueError:
            raise IncompleteError from None
        yield from _span(stream, size)
        if stream.readline(1024) not in {b"\r\n", b"\n"}:
            raise IncompleteError
        if size == 0:
            return


def read_json(body: Iterator[bytes], content_type: str) -> dict[str, Any]:
    """Return a JSON object. Raises `Refusal` for anything else."""
    text = b""
    for block in body:
        if len(text) <= _LONGEST_JSON:
            text += block
    if not content_type.partition(";")[0].strip().lower().endswith("json"):
        raise Refusal(400, f"The content type {content_type!r} is not supported; send JSON.")
    if len(text) > _LONGEST_JSON:
        raise Refusal(400, f"The request body is longer than {_LONGEST_JSON} bytes.")
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"The request body is not valid JSON: {error}.") from None
    if not isinstance(data, dict):
        raise Refusal(400, "The request body must be a JSON object.")
    return data


def read_form(body: Iterator[bytes], content_type: str, folder: str) -> list[Field]:
    """Return the parts of a form in order; stored files are removed on failure.

    Raises `Refusal` for a body that is no form, `IncompleteError` where it ends early.
    """
    import python_multipart as multipart  # noqa: PLC0415 - of the extra `upload`
    from python_multipart.exceptions import FormParserError  # noqa: PLC0415 - as above

    parts = _Parts(folder)
    parser = multipart.MultipartParser(
        _boundary(content_type),
        {
            "on_part_begin": parts.begin,
            "on_header_field": parts.header_name,
            "on_header_value": parts.header_value,
            "on_header_end": parts.header_end,
            "on_headers_finished": parts.headers_finished,
            "on_part_data": parts.data,
            "on_part_end": parts.end,
            "on_end": parts.finish,
        },
    )
    try:
        for block in body:
            parser.write(block)
    except FormParserError:
        parts.finished = False
    except BaseException:
        parts.drop()
        raise
    if not parts.finished:
        parts.drop()
        raise Refusal(400, _NO_FORM)
    return parts.fields


def _boundary(content_type: str) -> bytes:
    """Return the boundary of a form. Raises `Refusal` without a valid one."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise Refusal(400, _NO_FORM)
    text = boundary.encode("latin-1", "replace")
    if not 1 <= len(text) <= _LONGEST_BOUNDARY:
        raise Refusal(400, _NO_FORM)
    return text


class _Parts:
    """Callbacks of the form parser."""

    def __init__(self, folder: str) -> None:
        self.fields: list[Field] = []
        self.finished = False
        self._folder = folder
        self._headers = Message()
        self._name = self._value = b""
        self._sink: Sink | None = None
        self._text = b""

    def begin(self) -> None:
        self._headers, self._sink, self._text = Message(), None, b""

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.decode("latin-1")] = self._value.decode("utf-8", "replace")
        self._name = self._value = b""

    def headers_finished(self) -> None:
        if self._parameter("filename") is not None:
            self._sink = Sink(self._folder)

    def data(self, data: bytes, start: int, end: int) -> None:
        if self._sink:
            self._sink.write(data[start:end])
        elif len(self._text) <= _LONGEST_FIELD:
            self._text += data[start:end]

    def end(self) -> None:
        stored = self._sink.close() if self._sink else None
        self.fields.append(
            Field(
                name=self._parameter("name") or "",
                filename=self._parameter("filename"),
                content_type=self._headers.get("Content-Type", ""),
                size=stored.size if stored else len(self._text),
                value=self._text.decode(errors="replace"),
                stored=stored,
            )
        )
        self._sink = None

    def finish(self) -> None:
        self.finished = True

    def drop(self) -> None:
        """Remove the stored files."""
        if self._sink:
            self._sink.close().drop()
        for part in self.fields:
            if part.stored:
                part.stored.drop()

    def _parameter(self, name: str) -> str | None:
        value = self._headers.get_param(name, header="Content-Disposition")
        return None if value is None else collapse_rfc2231_value(value)
