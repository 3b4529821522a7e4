"""The bytes of a file on disk or behind a URL, plain or compressed, as a stream.

Data are decompressed while they are read, a block at a time, so that memory does not depend on how
much they unpack to.
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
"""Bytes read at once."""

GZIP = "gzip"
ZSTANDARD = "zstandard"

SUFFIXES = {".gz": GZIP, ".zst": ZSTANDARD}
"""How the names of compressed files end; what a file is, its first bytes tell."""

_GZIP = b"\x1f\x8b"
_ZSTANDARD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
"""A frame, or a frame to skip (RFC 8878, section 3.1)."""


class BrokenDataError(OSError):
    """Compressed data that cannot be decompressed; `offset` is the byte reached (0-based)."""

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
    through: bool = False,
) -> io.BufferedReader:
    """Open a file or URL at byte `start`, to read up to byte `end` at most.

    `block` bytes are read at once; from a URL more and more, or much from the start on where it
    will be read `through`. With a `compression` (as `compression_of` names it), the bytes are the
    decompressed ones. Raises `OSError`.
    """
    distant = remote.is_url(file)
    raw = remote.RemoteFile(file, end, through=through) if distant else io.FileIO(file)
    stream: io.BufferedReader = io.BufferedReader(raw, block)
    if start:
        stream.seek(start)
    return decompressed(stream, compression)


def compression_of(stream: io.BufferedReader) -> str | None:
    """Name the compression that the next bytes tell of: "gzip", "zstandard" or None."""
    magic = stream.peek(4)
    if magic.startswith(_GZIP):
        return GZIP
    return ZSTANDARD if _ZSTANDARD.match(magic) else None


def decompressed(stream: io.BufferedReader, compression: str | None) -> io.BufferedReader:
    """Return the decompressed bytes of a stream, which is closed with it; itself for None."""
    if compression is None:
        return stream
    return io.BufferedReader(_Decompressed(stream, compression), BLOCK)


def _file_of(stream: BinaryIO, compression: str) -> tuple[Any, tuple[type[Exception], ...]]:
    """Return a file object that decompresses a stream, and what it raises for broken data."""
    if compression == GZIP:
        import gzip  # noqa: PLC0415 - for such files only
        import zlib  # noqa: PLC0415 - as above

        return gzip.GzipFile(fileobj=stream), (EOFError, gzip.BadGzipFile, zlib.error)
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - as above
    else:
        from backports import zstd  # noqa: PLC0415 - as above
    return zstd.ZstdFile(stream), (EOFError, zstd.ZstdError)


class _Decompressed(io.RawIOBase):
    """The decompressed bytes of a stream, member after member, up to a fault if there is one."""

    def __init__(self, stream: BinaryIO, compression: str) -> None:
        self._stream, self._compression = stream, compression
        self._begin()

    def _begin(self) -> None:
        self._stream.seek(0)
        self._file, self._refusals = _file_of(self._stream, self._compression)
        self._fault: BrokenDataError | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            raise io.UnsupportedOperation("where decompressed data end is known at their end")
        if self._fault and whence == os.SEEK_SET:  # what has failed cannot go back by itself
            self._begin()
        with self._worded():
            return cast("int", self._file.seek(offset, whence))

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._fault:
            raise self._fault
        with self._worded():
            return cast("int", self._file.readinto1(buffer))  # to lose nothing before a fault

    @contextmanager
    def _worded(self) -> Iterator[None]:
        """Turn what is raised for broken data into a `BrokenDataError`, which is kept."""
        try:
            yield
        except self._refusals as error:
            self._fault = self._broken(error, self._file.tell())
            raise self._fault from None

    def _broken(self, error: Exception, offset: int) -> BrokenDataError:
        name, place, said = self._compression, f"{offset:,} bytes of decompressed data", str(error)
        message = f"the {name} data are broken after {place}; fetch them again"
        if isinstance(error, EOFError):
            message = f"the {name} data end too early, after {place}; fetch them again"
        elif "too much memory" in said:  # Zstandard's own limit, 128 MiB
            message = f"the {name} data take more than 128 MiB to read; compress without --long"
        elif offset and re.search("Not a gzipped|Unknown frame", said):
            message = f"what follows after {place} is not {name}; fetch them again"
        return BrokenDataError(message, offset)
