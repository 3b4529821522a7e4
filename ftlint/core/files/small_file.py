"""Reading of small files that a user names, which may be pipes, devices, or without end."""

from __future__ import annotations

import errno
import os
import select
import stat
import time

SECONDS = 10.0
"""Time in which a pipe is to be written and closed, by a command that prints a file."""

_BLOCK = 1 << 16
"""Bytes that are read at once: what a pipe holds."""

_KINDS = {
    stat.S_IFDIR: (errno.EISDIR, "it is a directory, not a file"),
    stat.S_IFCHR: (errno.ENOTSUP, "it is a device, not a file"),
    stat.S_IFBLK: (errno.ENOTSUP, "it is a device, not a file"),
    stat.S_IFIFO: (errno.ENOTSUP, "it is a pipe, not a file"),
}


def read_small_file(path: str | os.PathLike[str], maximum: int) -> bytes:
    """Return the bytes of a file, or of a pipe that is closed in time.

    Raises `OSError` with words for anything else, and for more than `maximum` bytes.
    """
    file = open_file(path, os.O_RDONLY, pipes=True)
    try:
        data = _read(file, maximum + 1)
    finally:
        os.close(file)
    if len(data) > maximum:
        raise OSError(errno.EFBIG, f"it is over {maximum:,} bytes", os.fspath(path))
    return data


def open_file(path: str | os.PathLike[str], flags: int, *, pipes: bool = False) -> int:
    """Open a regular file, or a pipe too, without waiting; return its descriptor.

    Raises `OSError` with words for any other kind of file, and for a name that no file can have.
    """
    name = os.fspath(path)
    try:
        file = os.open(name, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except ValueError:  # NUL, or half of a surrogate pair
        raise OSError(errno.EINVAL, "no file can have this name", name) from None
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "it is a socket or a device, not a file", name) from None
        if error.errno == errno.ELOOP and flags & os.O_NOFOLLOW:
            words = "it is a symbolic link, which is not followed"
            raise OSError(errno.ELOOP, words, name) from None
        raise
    kind = stat.S_IFMT(os.fstat(file).st_mode)
    if kind == stat.S_IFREG or (pipes and kind == stat.S_IFIFO):
        return file
    os.close(file)
    number, words = _KINDS.get(kind, (errno.ENOTSUP, "it is neither file nor pipe"))
    raise OSError(number, words, name)


def _read(file: int, size: int) -> bytes:
    """Read at most `size` bytes. Raises `OSError` for a pipe that is still open after `SECONDS`."""
    ends = time.monotonic() + SECONDS
    is_pipe = stat.S_ISFIFO(os.fstat(file).st_mode)
    ready = select.poll()
    ready.register(file, select.POLLIN)
    parts = []
    while size:
        if is_pipe and not ready.poll(max(ends - time.monotonic(), 0) * 1000):
            words = f"it is a pipe that was not closed in {SECONDS:g} s; save it to a file"
            raise OSError(errno.ETIMEDOUT, words)
        try:
            part = os.read(file, min(size, _BLOCK))
        except BlockingIOError:  # another reader was faster
            continue
        if not part:
            break
        parts.append(part)
        size -= len(part)
    if is_pipe and not parts:
        raise OSError(
            errno.ENODATA, "it is a pipe that is empty, or was read before; save it to a file"
        )
    return b"".join(parts)
