"""A stream that verifies a file while it is sent, so that no other bytes than checked ones are."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from typing import Self

from ftlint.core.errors import Refused
from ftlint.training.receipt import PassedFile


class SealedFile(io.RawIOBase):
    """A stream of a file that passed, opened once and hashed while it is read.

    If its bytes are not those that passed, reading the last ones raises `Refused`, so that no
    reader gets the whole file. Links are followed: only the bytes count. Raises `Refused` where
    the file cannot be read or has another size.
    """

    def __init__(self, passed: PassedFile) -> None:
        self.passed = passed
        self._file = -1
        try:
            self._file = os.open(passed.path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would block
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise Refused(f"{passed.path}: cannot read: {why}; check it again") from error
        status = os.fstat(self._file)
        if not stat.S_ISREG(status.st_mode):
            self.close()
            raise Refused(f"{passed.path}: no longer a file; check it again")
        if status.st_size != passed.bytes:
            self.close()
            words = f"it has {status.st_size:,} bytes, and had {passed.bytes:,} when it passed"
            raise Refused(f"{passed.path}: {words}; check it again")
        self._rewind()

    def _rewind(self) -> None:
        self._position = self._hashed = 0
        self._sha256, self._md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)

    @property
    def md5(self) -> str:
        """MD5 of the bytes read so far, in hexadecimal, for the Uploads API."""
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
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True: a retry reads it again."""
        return True

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set the offset; reading beyond the bytes hashed so far is an error."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.passed.bytes}[whence]
        self._position = base + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a narrower type
        """Read into a buffer. Raises `Refused` instead of returning the last bytes."""
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def parts(self, size: int) -> Iterator[bytes]:
        """Yield the file in parts of `size` bytes, the last one shorter."""
        self.seek(0)
        for _ in range(0, self.passed.bytes, size):
            yield self._whole(size)

    def verify(self) -> None:
        """Read the whole file. Raises `Refused` unless it is the one that passed."""
        for _ in self.parts(1 << 20):
            pass

    def _whole(self, size: int) -> bytes:
        """Read `size` bytes, fewer only at the end."""
        parts = []
        while size:
            data = self._next(size)
            if not data:
                break
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def _next(self, size: int) -> bytes:
        if self._position == 0:
            self._rewind()
        data = os.pread(self._file, min(size, self.passed.bytes - self._position), self._position)
        if self._position != self._hashed:
            raise io.UnsupportedOperation("bytes were skipped, so they cannot be compared")
        self._position += len(data)
        self._hashed = self._position
        self._sha256.update(data)
        self._md5.update(data)
        cut = size and not data and self._position < self.passed.bytes
        if cut or (data and self._position == self.passed.bytes and not self._unchanged()):
            words = "the file changed after it passed"
            raise Refused(f"{self.passed.path}: {words}; check it again")
        return data

    def _unchanged(self) -> bool:
        grown = os.fstat(self._file).st_size != self.passed.bytes
        return not grown and self._sha256.hexdigest() == self.passed.sha256
