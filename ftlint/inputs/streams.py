"""Byte streams of local and remote files, plain or compressed.

Data are decompressed in blocks as they are read, so that memory does not depend on the decompressed
size.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from ftlint.inputs import remote

BLOCK = 1 << 20
"""Block size in bytes."""

GZIP = "gzip"
ZSTANDARD = "zstandard"

SUFFIXES = {".gz": GZIP, ".zst": ZSTANDARD}
"""Compression by file extension, for names; files are detected by their first bytes."""

_GZIP = b"\x1f\x8b"
_ZSTANDARD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
"""Magic number of a frame or a skippable frame (RFC 8878, section 3.1)."""


class BrokenDataError(OSError):
    """Invalid compressed data; `offset` is the number of bytes decompressed before the fault."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def opened(
    file: str,
    end: int,
    compression: str | None = None,
    *,
    start: int = 0,
    block: int = BLOCK,
    sequential: bool = False,
) -> io.BufferedReader:
    """Open a local or remote file at byte `start`; a remote one is read up to byte `end`.

    `block` is the buffer size in bytes. A URL is read with growing requests, with `sequential` with
    large ones from the start. With a `compression` (as from `compression_of`), the stream is
    decompressed. Raises `OSError`.
    """
    is_remote = remote.is_url(file)
    raw = remote.RemoteFile(file, end, sequential=sequential) if is_remote else io.FileIO(file)
    stream: io.BufferedReader = io.BufferedReader(raw, block)
    if start:
        stream.seek(start)
    return decompressed(stream, compression)


def compression_of(stream: io.BufferedReader) -> str | None:
    """Return the compression of the data at the position: "gzip", "zstandard" or None."""
    magic = stream.peek(4)
    if magic.startswith(_GZIP):
        return GZIP
    return ZSTANDARD if _ZSTANDARD.match(magic) else None


def decompressed(stream: io.BufferedReader, compression: str | None) -> io.BufferedReader:
    """Return a decompressing stream, which closes `stream` with it; `stream` itself for None."""
    if compression is None:
        return stream
    return io.BufferedReader(_Decompressed(stream, compression), BLOCK)


def _file_of(stream: BinaryIO, compression: str) -> tuple[Any, tuple[type[Exception], ...]]:
    """Return a decompressing file object, and the exceptions that it raises for invalid data."""
    if compression == GZIP:
        import gzip  # noqa: PLC0415 - for gzip only
        import zlib  # noqa: PLC0415 - as above

        return gzip.GzipFile(fileobj=stream), (EOFError, gzip.BadGzipFile, zlib.error)
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - as above
    else:
        from backports import zstd  # noqa: PLC0415 - as above
    return zstd.ZstdFile(stream), (EOFError, zstd.ZstdError)


class _Decompressed(io.RawIOBase):
    """Stream that decompresses all members of another stream, up to the first fault."""

    def __init__(self, stream: BinaryIO, compression: str) -> None:
        self._stream, self._compression = stream, compression
        self._begin()

    def _begin(self) -> None:
        self._stream.seek(0)
        self._file, self._errors = _file_of(self._stream, self._compression)
        self._fault: BrokenDataError | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            raise io.UnsupportedOperation("where decompressed data end is known at their end")
        if self._fault and whence == os.SEEK_SET:  # a decompressor cannot seek after an error
            self._begin()
        with self._faults_recorded():
            return cast("int", self._file.seek(offset, whence))

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._fault:
            raise self._fault
        with self._faults_recorded():
            return cast("int", self._file.readinto1(buffer))  # returns all data before a fault

    @contextmanager
    def _faults_recorded(self) -> Iterator[None]:
        """Convert exceptions for invalid data to `BrokenDataError`, raised again by later reads."""
        try:
            yield
        except self._errors as error:
            self._fault = self._broken(error, self._file.tell())
            raise self._fault from None

    def _broken(self, error: Exception, offset: int) -> BrokenDataError:
        name, position = self._compression, f"{offset:,} bytes of decompressed data"
        reason = str(error)
        message = f"the {name} data are broken after {position}; fetch them again"
        if isinstance(error, EOFError):
            message = f"the {name} data end too early, after {position}; fetch them again"
        elif "too much memory" in reason:  # Zstandard's own limit, 128 MiB
            message = f"the {name} data take more than 128 MiB to read; compress without --long"
        elif offset and re.search("Not a gzipped|Unknown frame", reason):
            message = f"what follows after {position} is not {name}; fetch them again"
        return BrokenDataError(message, offset)
