"""Atomic file writes: a temporary file in the same folder, then a rename.

A reader, or a crash, finds the old file or the new one, never a part.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast


@contextmanager
def temporary_beside(file: str) -> Iterator[BinaryIO]:
    """Open a temporary file in the folder of `file`, private to its owner.

    It is removed at the end unless `replace_file` has renamed it.
    """
    folder = os.path.dirname(os.path.realpath(file))
    with tempfile.NamedTemporaryFile(prefix=".ftlint-", dir=folder, delete=False) as out:
        try:
            yield cast("BinaryIO", out)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(out.name)


def sync(out: BinaryIO) -> None:
    """Flush a file to disk, as is necessary before the rename."""
    out.flush()
    os.fsync(out.fileno())


def replace_file(out: BinaryIO, file: str) -> None:
    """Replace `file` by the temporary file, following links."""
    os.replace(out.name, os.path.realpath(file))


def write_whole(file: str, data: bytes) -> None:
    """Replace a file by `data`, private to its owner. Raises `OSError`.

    A pipe or device is refused, since the rename would destroy it.
    """
    if os.path.exists(file) and not os.path.isfile(file):
        kind = errno.EISDIR if os.path.isdir(file) else errno.ENOTSUP
        raise OSError(kind, "it is not a file", file)
    with temporary_beside(file) as out:
        out.write(data)
        sync(out)
        replace_file(out, file)
