"""Files of state, which other hands may have changed: no link is followed, nothing is lost.

A damaged file is kept under another name, and what can be read of it goes on under its own.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from typing import Any, NamedTuple

import orjson

from ftlint.core.files.atomic_write import write_whole
from ftlint.core.files.small_file import open_file
from ftlint.core.redact import is_sealed, record_of
from ftlint.training.service_ids import is_id

MAXIMUM = 64 << 20
"""Maximum bytes of a file of state: entries of more jobs than an account may have."""

Entry = dict[str, Any]

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("host", "sha256", "file", "intent", "state", "job", "fine_tuned_model"), str),
    "since": (int, float),
    "body": dict,
}
"""Types of the keys of an entry that are used, where they are there."""

_IDS = ("file", "job", "upload")
"""Keys whose values become parts of URL paths."""


class Content(NamedTuple):
    """The entries of a file; `sound` are their lines, `damage` the first other line, in words."""

    entries: list[Entry]
    sound: bytes = b""
    damage: str | None = None


def read_lines(path: str) -> Content:
    """Read a file of one entry a line. Raises `OSError`."""
    file = open_file(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(file, fcntl.LOCK_SH)  # no line is read while it is written
        return _content(file)
    finally:
        os.close(file)


def read_entry(path: str) -> Entry | None:
    """Read a file of one entry, None for a damaged one. Raises `OSError`."""
    entries, _, damage = read_lines(path)
    return entries[0] if len(entries) == 1 and damage is None else None


def append(path: str, entry: Mapping[str, Any]) -> None:
    """Append an entry, private to its owner, flushed to disk before this returns.

    Raises `OSError`.
    """
    line = record_of(entry) + b"\n"
    file = _locked(path, os.O_CREAT | os.O_APPEND)
    try:
        with suppress(PermissionError):  # a file system without modes
            os.fchmod(file, 0o600)
        size = os.fstat(file).st_size
        cut = b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""
        if os.write(file, cut + line) < len(cut + line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        os.fsync(file)
    finally:
        os.close(file)


def repair(path: str) -> str | None:
    """Set a file with damaged lines aside, and keep the others; return what was done in words.

    Returns None for a file that is sound, or not there. Raises `OSError`.
    """
    try:
        file = _locked(path, 0)
    except FileNotFoundError:
        return None
    try:
        content = _content(file)
        if content.damage is None:
            return None
        kept = set_aside(path, content.sound)
    finally:
        os.close(file)
    entries = "1 entry" if len(content.entries) == 1 else f"{len(content.entries):,} entries"
    return f"{path} is damaged: {content.damage}; it is kept as {kept}, and {entries} of it went on"


def set_aside(path: str, replacement: bytes | None = None) -> str:
    """Give a file a free name, and its own to a replacement; return that name.

    Raises `OSError`.
    """
    for number in count(1):
        kept = f"{path}.damaged-{number}"
        with suppress(FileExistsError):
            os.link(path, kept, follow_symlinks=False)
            break
    if replacement is None:
        os.unlink(path)
    else:
        write_whole(path, replacement)
    return kept


def _locked(path: str, flags: int) -> int:
    """Open a file and wait for its lock, which ends with its descriptor; return that."""
    while True:
        file = open_file(path, os.O_RDWR | os.O_NOFOLLOW | flags)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file), os.lstat(path)):
                    return file
        except OSError:
            os.close(file)
            raise
        os.close(file)  # another process has replaced it meanwhile


def _content(file: int) -> Content:
    size = os.fstat(file).st_size
    if size > MAXIMUM:
        return Content([], damage=f"it is over {MAXIMUM:,} bytes")
    data = b"".join(iter(lambda: os.read(file, 1 << 20), b""))
    entries, sound, damage = [], [], None
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        entry = _entry(line)
        if entry is None:
            damage = damage or f"line {number:,} is no entry"
        else:
            entries.append(entry)
            sound.append(line + b"\n")
    return Content(entries, b"".join(sound), damage)


def _entry(line: bytes) -> Entry | None:
    """Return the entry of a line, None for what ftlint would not have written."""
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(data, dict):
        return None
    typed = all(isinstance(data[key], kind) for key, kind in _TYPES.items() if key in data)
    sound = (
        typed
        and all(is_id(data[key]) or is_sealed(data[key]) for key in _IDS if key in data)
        and isinstance(data.get("body", {}).get("model", ""), str)
    )
    return data if sound else None
