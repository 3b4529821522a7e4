"""From the name of a file to its bytes: on disk or behind a URL, plain or compressed.

Compressed data are decompressed while they are read, a block at a time: what is held in memory
does not depend on how much they unpack to.
"""

from __future__ import annotations

import io
import os
import re
import sys
import zlib
from typing import BinaryIO, Protocol

from ftlint import remote

BLOCK = 1 << 20
"""Bytes read at once."""

GZIP = "gzip"
ZSTANDARD = "zstandard"

SUFFIXES = {".gz": GZIP, ".zst": ZSTANDARD}
"""How the names of compressed files end; what a file is, its first bytes tell."""

_TAKEN, _MADE = 1 << 14, 1 << 16
"""Bytes of compressed data taken at once, and of decompressed data made at once."""

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


class _Decoder(Protocol):
    """What decompresses one gzip member or Zstandard frame."""

    @property
    def needs_input(self) -> bool: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gunzip:
    """One gzip member (RFC 1952); its checksum is held against the data."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    @property
    def needs_input(self) -> bool:
        return not self._decoder.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)


def _decoder(compression: str) -> tuple[_Decoder, type[Exception]]:
    """Return a decoder, and what it raises."""
    if compression == GZIP:
        return _Gunzip(), zlib.error
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - for such files only
    else:
        from backports import zstd  # noqa: PLC0415 - as above
    return zstd.ZstdDecompressor(), zstd.ZstdError


class _Decompressed(io.RawIOBase):
    """The decompressed bytes of a stream, member after member. Going back begins anew."""

    def __init__(self, stream: BinaryIO, compression: str) -> None:
        self._stream, self._compression = stream, compression
        self._begin()

    def _begin(self) -> None:
        self._stream.seek(0)
        self._decoder, self._refusal = _decoder(self._compression)
        self._at = self._begun = 0
        self._taken = b""
        self._fault: BrokenDataError | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            raise io.UnsupportedOperation("where decompressed data end is known at their end")
        target = offset + (self._at if whence == os.SEEK_CUR else 0)
        if target < self._at:
            self._begin()
        while self._at < target and self._next(target - self._at):
            pass
        return self._at

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _next(self, size: int) -> bytes:
        """Return the next bytes, `size` at most, none at the end."""
        if self._fault:
            raise self._fault
        while not self._decoder.eof or self._next_member():
            wanted = self._decoder.needs_input and not self._taken
            taken = self._stream.read(_TAKEN) if wanted else self._taken
            self._taken = b""
            try:
                data = self._decoder.decompress(taken, min(size, _MADE))
            except self._refusal as error:
                raise self._broken(str(error)) from None
            if data:
                self._at += len(data)
                return data
            if wanted and not taken and not self._decoder.eof:
                raise self._broken("the end")
        return b""

    def _next_member(self) -> bool:
        """Go to the next gzip member or Zstandard frame, if there is one."""
        rest = self._decoder.unused_data or self._stream.read(_TAKEN)
        while self._compression == GZIP and rest and not (rest := rest.lstrip(b"\0")):
            rest = self._stream.read(_TAKEN)  # tapes and block devices pad with NUL
        if rest:
            self._decoder, _ = _decoder(self._compression)
            self._taken, self._begun = rest, self._at
            if self._compression == GZIP and not _GZIP.startswith(rest[:2]):
                raise self._broken("")
        return bool(rest)

    def _broken(self, said: str) -> BrokenDataError:
        """Word what is refused, of which the decoder has `said` something; there it stays."""
        name, place = self._compression, f"{self._at:,} bytes of decompressed data"
        if said == "the end":
            message = f"the {name} data end too early, after {place}; fetch them again"
        elif "too much memory" in said:  # Zstandard's own limit, 128 MiB
            message = f"the {name} data take more than 128 MiB to read; compress without --long"
        elif self._begun == self._at > 0:
            message = f"what follows after {place} is not {name}; fetch them again"
        else:
            message = f"the {name} data are broken after {place}; fetch them again"
        self._fault = BrokenDataError(message, self._at)
        return self._fault
