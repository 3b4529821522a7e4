"""Atomic file writes: a temporary file in the same folder, then a rename.

A reader, or a crash, finds the old file or the new one, never a part. The temporary file gets its
name last where the system can do that, so that a process that is killed leaves nothing; what is
left elsewhere is removed by the next write of the same file.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

_KEY = 16
"""Hexadecimal digits of the hash of a file's name, in the names of its temporary files."""


@contextmanager
def temporary_beside(file: str) -> Iterator[BinaryIO]:
    """Open a temporary file in the folder of `file`, private to its owner, for `replace_file`.

    What earlier writes of `file` left when they were killed is removed.
    """
    folder, prefix = _place(file)
    _remove_abandoned(folder, prefix)
    with tempfile.TemporaryFile(prefix=prefix, dir=folder) as out:
        _lock(out.fileno())
        yield cast("BinaryIO", out)


@contextmanager
def temporary() -> Iterator[tuple[BinaryIO, str]]:
    """Open a temporary file, and yield it with a path to open it again.

    On Linux it has no name, and does not outlive a process that is killed.
    """
    with tempfile.TemporaryFile() as out:
        path = _descriptor(out)
        if os.path.exists(path):
            yield cast("BinaryIO", out), path
            return
    with tempfile.NamedTemporaryFile(prefix="ftlint-") as named:
        yield cast("BinaryIO", named), named.name


def sync(out: BinaryIO) -> None:
    """Flush a file to disk, as is necessary before the rename."""
    out.flush()
    os.fsync(out.fileno())


def replace_file(out: BinaryIO, file: str, *, alike: bool = False) -> None:
    """Replace `file` by the temporary file, following links.

    If `alike`, the new file has the permissions, extended attributes and, where the system allows
    it, the owner of the old one.
    """
    target = os.path.realpath(file)
    with _named(out, target) as name:
        if alike:
            _copy_metadata(target, name)
        os.replace(name, target)


def overwrite_file(out: BinaryIO, file: str) -> None:
    """Write the temporary file into `file`, which keeps its hard links; this is not atomic."""
    size = out.seek(0, os.SEEK_END)
    out.seek(0)
    with open(file, "r+b") as target:
        if size and hasattr(os, "posix_fallocate"):  # a full disk fails before a byte is written
            os.posix_fallocate(target.fileno(), 0, size)
        shutil.copyfileobj(out, target)
        target.truncate()
        sync(target)


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


def _place(file: str) -> tuple[str, str]:
    """Return the folder of a file, and the start of the names of its temporary files."""
    folder, name = os.path.split(os.path.realpath(file))
    return folder, f".ftlint-{hashlib.sha256(os.fsencode(name)).hexdigest()[:_KEY]}-"


@contextmanager
def _named(out: BinaryIO, target: str) -> Iterator[str]:
    """Give a temporary file a name next to `target`; it is removed unless the file is renamed.

    A file that cannot be named, as where the system knows no file without a name, is copied.
    """
    folder, prefix = _place(target)
    name = os.path.join(folder, prefix + os.urandom(4).hex())
    try:
        _link(out, folder, name)
    except (OSError, NotImplementedError):
        with (
            tempfile.NamedTemporaryFile(prefix=prefix, dir=folder, delete=False) as copy,
            _removed(copy.name),
        ):
            _lock(copy.fileno())
            out.seek(0)
            shutil.copyfileobj(out, copy)
            sync(cast("BinaryIO", copy))
            yield copy.name
        return
    with _removed(name):
        yield name


def _link(out: BinaryIO, folder: str, name: str) -> None:
    """Name a file without a name. `src_dir_fd` makes Python follow the link in /proc."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.link(_descriptor(out), name, src_dir_fd=directory)
    finally:
        os.close(directory)


def _descriptor(out: BinaryIO) -> str:
    return f"/proc/self/fd/{out.fileno()}"


@contextmanager
def _removed(name: str) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _copy_metadata(target: str, name: str) -> None:
    status = os.stat(target)
    for owner in (-1, status.st_uid):  # who may not give the file away may still set its group
        with suppress(OSError):
            os.chown(name, owner, status.st_gid)
    shutil.copystat(target, name)
    os.utime(name)


def _lock(file: int) -> None:
    """Lock a temporary file for as long as its process lives; the next write leaves it alone."""
    with suppress(OSError, ImportError):  # without locks, nothing is taken for abandoned either
        _flock(file)


def _flock(file: int) -> None:
    import fcntl  # noqa: PLC0415 - not on every system

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_abandoned(folder: str, prefix: str) -> None:
    """Remove the temporary files whose names start with `prefix` and whose process is gone."""
    with suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.path for entry in entries if entry.name.startswith(prefix)]:
            # locked by a process that lives, or removed by another meanwhile
            with suppress(OSError, ImportError, AttributeError):
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                try:
                    _flock(file)
                    status = os.fstat(file)
                    if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
                        os.unlink(name)
                finally:
                    os.close(file)
