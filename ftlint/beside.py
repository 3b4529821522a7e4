"""Files that are there whole or not at all: written beside their place, then moved there."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast


@contextmanager
def beside(file: str) -> Iterator[BinaryIO]:
    """Open a temporary file in the folder of `file`, removed at the end if still there.

    Nobody else may read or write it.
    """
    folder = os.path.dirname(os.path.realpath(file))
    with tempfile.NamedTemporaryFile(prefix=".ftlint-", dir=folder, delete=False) as out:
        try:
            yield cast("BinaryIO", out)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(out.name)


def sync(out: BinaryIO) -> None:
    """See to it that what was written is on the disk, before it is moved to its place."""
    out.flush()
    os.fsync(out.fileno())


def settle(out: BinaryIO, file: str) -> None:
    """Move what was written to its place."""
    os.replace(out.name, os.path.realpath(file))


def write_whole(file: str, data: bytes) -> None:
    """Put `data` in the place of a file, for its owner alone. Raises `OSError`.

    A pipe or a device is refused: it would be gone, and a file in its place.
    """
    if os.path.exists(file) and not os.path.isfile(file):
        kind = errno.EISDIR if os.path.isdir(file) else errno.ENOTSUP
        raise OSError(kind, "it is no file", file)
    with beside(file) as out:
        out.write(data)
        sync(out)
        settle(out, file)
