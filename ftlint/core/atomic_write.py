"""Atomic file writes: to a temporary file in the same folder, then a rename."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast


@contextmanager
def beside(file: str) -> Iterator[BinaryIO]:
    """Open a temporary file in the folder of `file`, private to its owner.

    It is removed at the end unless `settle` has renamed it.
    """
    folder = os.path.dirname(os.path.realpath(file))
    with tempfile.NamedTemporaryFile(prefix=".ftlint-", dir=folder, delete=False) as out:
        try:
            yield cast("BinaryIO", out)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(out.name)


def sync(out: BinaryIO) -> None:
    """Flush a file to disk, which must come before the rename."""
    out.flush()
    os.fsync(out.fileno())


def settle(out: BinaryIO, file: str) -> None:
    """Rename the temporary file to `file`, following links."""
    os.replace(out.name, os.path.realpath(file))


def write_whole(file: str, data: bytes) -> None:
    """Replace a file by `data`, private to its owner. Raises `OSError`.

    A pipe or a device is refused, since the rename would destroy it.
    """
    if os.path.exists(file) and not os.path.isfile(file):
        kind = errno.EISDIR if os.path.isdir(file) else errno.ENOTSUP
        raise OSError(kind, "it is not a file", file)
    with beside(file) as out:
        out.write(data)
        sync(out)
        settle(out, file)
