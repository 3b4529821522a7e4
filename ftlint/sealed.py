"""A file opened once: the bytes that are sent are those that passed, or the end is not sent."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from typing import Self

from ftlint.failures import Refused
from ftlint.gate import PassedFile


class SealedFile(io.RawIOBase):
    """A stream of a file that passed, hashed as it is read from its first byte on.

    Where its bytes are not those that passed, reading its last ones raises `Refused`: whoever
    waits for them never has the whole. A link is followed: it is the bytes that count.
    """

    def __init__(self, passed: PassedFile) -> None:
        self.passed = passed
        self._file = -1
        try:
            self._file = os.open(passed.path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would wait
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise Refused(f"{passed.path}: cannot read: {why}; check it again") from error
        facts = os.fstat(self._file)
        if not stat.S_ISREG(facts.st_mode):
            self.close()
            raise Refused(f"{passed.path}: not a file any more; check it again")
        if facts.st_size != passed.bytes:
            self.close()
            words = f"it has {facts.st_size:,} bytes, and had {passed.bytes:,} when it passed"
            raise Refused(f"{passed.path}: {words}; check it again")
        self._rewind()

    def _rewind(self) -> None:
        self._at = self._hashed = 0
        self._sha256, self._md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)

    @property
    def md5(self) -> str:
        """MD5 of what was read, in hexadecimal; the Uploads API takes it."""
        return self._md5.hexdigest()

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        super().close()

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read anew."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; what comes before the bytes that are read next must have been read before."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.passed.bytes}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a narrower type
        """Read into a buffer. Raises `Refused` in the place of the last bytes."""
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def parts(self, size: int) -> Iterator[bytes]:
        """Yield the file from its first byte on, in parts of `size` bytes, the last one shorter."""
        self.seek(0)
        for _ in range(0, self.passed.bytes, size):
            yield self._whole(size)

    def verify(self) -> None:
        """Read all of it. Raises `Refused` for bytes that did not pass."""
        for _ in self.parts(1 << 20):
            pass

    def _whole(self, size: int) -> bytes:
        """Read `size` bytes, fewer at the end only."""
        parts = []
        while size:
            data = self._next(size)
            if not data:
                break
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def _next(self, size: int) -> bytes:
        if self._at == 0:
            self._rewind()
        data = os.pread(self._file, min(size, self.passed.bytes - self._at), self._at)
        if self._at != self._hashed:
            raise io.UnsupportedOperation("bytes were skipped, so they cannot be compared")
        self._at += len(data)
        self._hashed = self._at
        self._sha256.update(data)
        self._md5.update(data)
        cut = size and not data and self._at < self.passed.bytes
        if cut or (data and self._at == self.passed.bytes and not self._same()):
            words = "the file is no longer the one that passed; it changed meanwhile"
            raise Refused(f"{self.passed.path}: {words}; check it again")
        return data

    def _same(self) -> bool:
        grown = os.fstat(self._file).st_size != self.passed.bytes
        return not grown and self._sha256.hexdigest() == self.passed.sha256
