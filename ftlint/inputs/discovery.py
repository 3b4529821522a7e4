"""Discovery of inputs from files, directories, patterns, URLs and standard input.

Each file is one input with a stable size and version, so that a change during a check is detected.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Container, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, NamedTuple

from ftlint.inputs import remote, streams
from ftlint.inputs.paths import STDIN, InputError, files, is_data, nothing_in, shown, unreadable
from ftlint.inputs.prefetch import prefetch

RANGE_SIZE = 4 << 20
"""Size of a range in bytes; 1 to 16 MiB are equally fast on a 512 MB file."""

_BLOCK = 1 << 20
"""Block size in bytes for copying."""


Version = tuple[int, int, int, int]


class Input(NamedTuple):
    """A file to check: `path` as in reports, `file` (a path or a URL) as it is opened.

    `size` is that of the stored file in bytes. `version` detects changes during the check: see
    `version_of`, or the version from `RemoteStat`. `role` is "train" or "validation".
    """

    path: str
    file: str
    size: int
    version: Version | str
    role: str = "train"


class Range(NamedTuple):
    """Bytes `start` (inclusive) to `end` (exclusive) of an input; whole lines.

    `format` is the data format detected for the input, None if unknown. If `text` is False, the
    input is not lines of text, and its lines are only counted. `fields` are the (key, JSON type) of
    the fields that most rows have besides messages. Data with a `compression` ("gzip",
    "zstandard") are a single range, whose offsets are those of the stored file.
    """

    path: str
    file: str
    start: int
    end: int
    format: str | None
    text: bool
    fields: tuple[tuple[str, str], ...] = ()
    compression: str | None = None


@contextmanager
def expand(
    paths: Iterable[str], validation: str | None = None
) -> Iterator[tuple[list[Input], list[InputError]]]:
    """Resolve `paths` to inputs, each file once, and to errors for those that cannot be resolved.

    The file at `validation`, if given, is the last input.

    Standard input (`-`), pipes and files from HTTP servers without range requests are copied to
    temporary files, which are removed on exit.
    """
    inputs: dict[str, Input] = {}
    errors: list[InputError] = []
    names = [_Name(path, "train") for path in paths]
    if validation is not None:
        names.append(_Name(validation, "validation"))
    remote.clear_cache()
    with ExitStack() as spool:
        used_paths: set[str] = set()
        for name, resolved in zip(names, prefetch(_resolve, names), strict=True):
            try:
                new = _new(name, resolved, inputs)
            except InputError as error:
                errors.append(error)
                continue
            for key, (file, remote_stat) in new.items():
                try:
                    entry = _with_unique_path(_input(file, remote_stat, spool), used_paths)
                except OSError as error:
                    errors.append(unreadable(file, error))
                    continue
                inputs[key] = entry._replace(role=name.role)
                used_paths.add(entry.path)
        yield list(inputs.values()), errors
    remote.clear_cache()


class _Name(NamedTuple):
    """A name that the user gives, and its role; resolving it holds no data, hence the size of 0."""

    file: str
    role: str
    size: int = 0


_Resolved = dict[str, tuple[str, remote.RemoteStat | None]]
"""The files of a name by identity (real path or URL), with their metadata if they are remote."""


def _resolve(name: _Name) -> _Resolved | InputError:
    try:
        return _remote(name.file) if remote.is_url(name.file) else _local(name.file)
    except OSError as error:
        return unreadable(name.file, error)
    except InputError as error:
        return error


def _new(name: _Name, resolved: _Resolved | InputError, existing: Container[str]) -> _Resolved:
    """Return the files of a name that are not inputs yet. Raises `InputError`."""
    if isinstance(resolved, InputError):
        raise resolved
    if name.role == "validation":
        if len(resolved) > 1:
            raise InputError(name.file, f"{len(resolved)} files; name one to validate with")
        if any(key in existing for key in resolved):
            raise InputError(name.file, "is the training file too; name another to validate with")
    return {key: file for key, file in resolved.items() if key not in existing}


def _local(path: str) -> _Resolved:
    resolved: _Resolved = {}
    for name in files(path):
        resolved.setdefault(name if name == STDIN else os.path.realpath(name), (name, None))
    return resolved


def _remote(url: str) -> _Resolved:
    matches = remote.find(url, is_data)
    if not matches:
        raise nothing_in(url)
    return {name: (name, remote_stat) for name, remote_stat in matches}


def _input(name: str, remote_stat: remote.RemoteStat | None, spool: ExitStack) -> Input:
    if remote_stat is not None:
        if remote_stat.size is not None and remote_stat.ranged:
            return Input(shown(name), name, remote_stat.size, remote_stat.version)
        with remote.stream(name) as stream:
            return _stat(shown(name), _copy(stream, spool))
    if name == STDIN:
        if sys.stdin is None:
            raise OSError("standard input is closed")
        return _stat(name, _copy(sys.stdin.buffer, spool))
    if stat.S_ISREG(os.stat(name).st_mode):
        return _stat(shown(name), name)
    with open(name, "rb") as stream:
        return _stat(shown(name), _copy(stream, spool))


def _with_unique_path(entry: Input, used_paths: set[str]) -> Input:
    """Return the input with a numbered path if another input has the same path in reports."""
    number = 2
    path = entry.path
    while path in used_paths:
        path = f"{entry.path} ({number})"
        number += 1
    return entry._replace(path=path)


def _copy(stream: BinaryIO, spool: ExitStack) -> str:
    """Copy a stream to a temporary file that is removed when `spool` is closed."""
    import shutil  # noqa: PLC0415 - slow to import, and needed only for streams
    import tempfile  # noqa: PLC0415 - as above

    folder = tempfile.TemporaryDirectory(prefix="ftlint-", ignore_cleanup_errors=True)
    with tempfile.NamedTemporaryFile(dir=spool.enter_context(folder), delete=False) as out:
        shutil.copyfileobj(stream, out, _BLOCK)
        return out.name


def _stat(path: str, file: str) -> Input:
    with open(file, "rb") as stream:
        status = os.fstat(stream.fileno())
    return Input(path, file, status.st_size, version_of(status))


def version_of(status: os.stat_result) -> Version:
    """Return device, inode, and times of the last change of the data and of the inode (ns).

    Unlike the former time the latter cannot be set back.
    """
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def changed(source: Input) -> bool:
    """Return whether the file has changed or disappeared since `expand`."""
    try:
        if remote.is_url(source.file):
            current = remote.stat(source.file)
            return (current.size, current.version) != (source.size, source.version)
        status = os.stat(source.file)
    except OSError:
        return True
    return (status.st_size, version_of(status)) != (source.size, source.version)


def sha256(source: Input) -> str:
    """Return the SHA-256 of the stored file, in hexadecimal. Raises `OSError`."""
    with streams.opened(source.file, source.size, sequential=True) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
