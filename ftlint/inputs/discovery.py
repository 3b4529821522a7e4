"""From what a user names (files, directories, URLs, standard input) to inputs."""

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
from ftlint.inputs.prefetch import ahead

RANGE_SIZE = 4 << 20
"""Bytes of one range; ranges of 1 to 16 MiB measured alike on a 512 MB file."""

_BLOCK = 1 << 20
"""Bytes held at once of what is only counted or copied."""


class Input(NamedTuple):
    """One file to check: `path` as reports show it, `file` (a path or a URL) as it is opened.

    `size` is in bytes, of the file as it is stored. `modified` tells whether the file changed
    during the check: nanoseconds since the epoch, or the entity tag that a server gives. `role`
    says whether it is a file to train on or the one to validate with ("train", "validation").
    """

    path: str
    file: str
    size: int
    modified: int | str
    role: str = "train"


class Range(NamedTuple):
    """Bytes `start` (included) to `end` (excluded) of an input; whole lines.

    `format` is the data format found for the input, None where no line told one.
    `text` is False for an input that is not lines of text, of which lines are only counted.
    `fields` are (key, JSON type) of what most rows hold beside messages. Data with a `compression`
    ("gzip", "zstandard") are one range; its bytes are those of the file as it is stored.
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
    """Find the inputs that `paths` name, each file once, and the names that lead nowhere.

    The last of them is the one file that `validation` names, where that is given.

    Standard input (`-`), pipes and what an HTTP server gives only as a whole are copied to
    temporary files, removed at the end.
    """
    inputs: dict[str, Input] = {}
    errors: list[InputError] = []
    named = [_Name(path, "train") for path in paths]
    if validation is not None:
        named.append(_Name(validation, "validation"))
    remote.forget()
    with ExitStack() as spool:
        taken: set[str] = set()
        for name, found in zip(named, ahead(_find, named), strict=True):
            try:
                new = _new(name, found, inputs)
            except InputError as error:
                errors.append(error)
                continue
            for key, (file, facts) in new.items():
                try:
                    entry = _unlike(_input(file, facts, spool), taken)
                except OSError as error:
                    errors.append(unreadable(file, error))
                    continue
                inputs[key] = entry._replace(role=name.role)
                taken.add(entry.path)
        yield list(inputs.values()), errors
    remote.forget()


class _Name(NamedTuple):
    """What the user names, and what for; nothing of it is held to find out what it stands for."""

    file: str
    role: str
    size: int = 0


_Found = dict[str, tuple[str, remote.Facts | None]]
"""What a name stands for: names of files by identity, with what a server says of them."""


def _find(name: _Name) -> _Found | InputError:
    try:
        return _remote(name.file) if remote.is_url(name.file) else _local(name.file)
    except OSError as error:
        return unreadable(name.file, error)
    except InputError as error:
        return error


def _new(name: _Name, found: _Found | InputError, known: Container[str]) -> _Found:
    """Return the files of a name that are not known yet. Raises `InputError`."""
    if isinstance(found, InputError):
        raise found
    if name.role == "validation":
        if len(found) > 1:
            raise InputError(name.file, f"{len(found)} files; name one to validate with")
        if any(key in known for key in found):
            raise InputError(name.file, "is the training file too; name another to validate with")
    return {key: file for key, file in found.items() if key not in known}


def _local(path: str) -> _Found:
    found: _Found = {}
    for name in files(path):
        found.setdefault(name if name == STDIN else os.path.realpath(name), (name, None))
    return found


def _remote(url: str) -> _Found:
    found = remote.find(url, is_data)
    if not found:
        raise nothing_in(url)
    return {name: (name, facts) for name, facts in found}


def _input(name: str, facts: remote.Facts | None, spool: ExitStack) -> Input:
    if facts is not None:
        if facts.size is not None and facts.ranged:
            return Input(shown(name), name, facts.size, facts.version)
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


def _unlike(entry: Input, taken: set[str]) -> Input:
    """Give an input a name of its own, where two files are shown by the same one."""
    number = 2
    path = entry.path
    while path in taken:
        path = f"{entry.path} ({number})"
        number += 1
    return entry._replace(path=path)


def _copy(stream: BinaryIO, spool: ExitStack) -> str:
    """Copy a stream to a temporary file that is removed when `spool` is closed."""
    import shutil  # noqa: PLC0415 - slow to import; for what is no file on disk
    import tempfile  # noqa: PLC0415 - as above

    folder = tempfile.TemporaryDirectory(prefix="ftlint-", ignore_cleanup_errors=True)
    with tempfile.NamedTemporaryFile(dir=spool.enter_context(folder), delete=False) as out:
        shutil.copyfileobj(stream, out, _BLOCK)
        return out.name


def _stat(path: str, file: str) -> Input:
    with open(file, "rb") as stream:
        facts = os.fstat(stream.fileno())
    return Input(path, file, facts.st_size, facts.st_mtime_ns)


def changed(source: Input) -> bool:
    """Tell whether the file is no longer the one that `expand` saw."""
    try:
        if remote.is_url(source.file):
            seen = remote.look(source.file)
            return (seen.size, seen.version) != (source.size, source.modified)
        facts = os.stat(source.file)
    except OSError:
        return True
    return (facts.st_size, facts.st_mtime_ns) != (source.size, source.modified)


def sha256(source: Input) -> str:
    """Return the SHA-256 of the file as it is stored, in hexadecimal."""
    with streams.opened(source.file, source.size, through=True) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
