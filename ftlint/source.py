"""From what a user names (files, directories, globs, standard input) to ranges of whole lines.

Lines end at LF bytes and nowhere else. A range starts after an LF (or at the start of the file)
and ends after one (or at the end), so that ranges can be read apart from each other.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ftlint.model import FtlintError

RANGE_SIZE = 4 << 20
"""Bytes of one range; ranges of 1 to 16 MiB measured alike on a 512 MB file."""

_BLOCK = 1 << 20
_PATTERNS = ("*.jsonl", "*.ndjson")
STDIN = "-"


class InputError(FtlintError):
    """An input that cannot be read, or a name that matches nothing; `path` is that name."""

    def __init__(self, path: str, message: str) -> None:
        self.path = shown(path)
        super().__init__(f"{self.path}: {message}")


@dataclass(frozen=True, slots=True)
class Input:
    """One file to check: `path` as reports show it, `file` as it is opened, `size` in bytes.

    `modified` (nanoseconds since the epoch) tells whether the file changed during the check,
    `role` whether it is a file to train on or the one to validate with ("train", "validation").
    """

    path: str
    file: str
    size: int
    modified: int
    role: str = "train"


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes `start` (included) to `end` (excluded) of an input; whole lines.

    `format` is the data format found for the input, None where no line told one.
    `text` is False for an input that is not lines of text, of which lines are only counted.
    `fields` are (key, JSON type) of what most rows hold beside messages.
    """

    path: str
    file: str
    start: int
    end: int
    format: str | None
    text: bool
    fields: tuple[tuple[str, str], ...] = ()


@contextmanager
def expand(
    paths: Iterable[str], validation: str | None = None
) -> Iterator[tuple[list[Input], list[InputError]]]:
    """Find the inputs that `paths` name, each file once, and the names that lead nowhere.

    The last of them is the one file that `validation` names, where that is given.

    Standard input (`-`) and pipes are copied to temporary files, removed at the end.
    """
    inputs: dict[str, Input] = {}
    errors: list[InputError] = []
    named = [(path, "train") for path in paths]
    if validation is not None:
        named.append((validation, "validation"))
    with tempfile.TemporaryDirectory(prefix="ftlint-", ignore_cleanup_errors=True) as spool:
        taken: set[str] = set()
        for path, role in named:
            try:
                for key, name in _named(path, role, inputs):
                    entry = _unlike(_input(name, spool), taken)
                    inputs[key] = replace(entry, role=role)
                    taken.add(entry.path)
            except InputError as error:
                errors.append(error)
            except OSError as error:
                errors.append(unreadable(path, error))
        yield list(inputs.values()), errors


def _named(path: str, role: str, known: Container[str]) -> Iterator[tuple[str, str]]:
    """Yield (identity, name) of the files of a name that are not known yet."""
    found = files(path)
    if role == "validation" and len(found) > 1:
        raise InputError(path, f"{len(found)} files; name one to validate with")
    for name in found:
        key = name if name == STDIN else os.path.realpath(name)
        if key not in known:
            yield key, name
        elif role == "validation":
            raise InputError(path, "is the training file too; name another to validate with")


def unreadable(path: str, error: OSError) -> InputError:
    """Word the refusal of the operating system."""
    return InputError(path, f"cannot read: {(error.strerror or str(error)).lower()}")


def files(path: str) -> list[str]:
    """Return the names of the files that a name stands for; `-` stands for itself.

    Raises `InputError` where there are none.
    """
    if path == STDIN:
        return [STDIN]
    if os.path.isdir(path):
        return _tree(path)
    if os.path.exists(path):
        return [path]
    if glob.has_magic(path):
        found = sorted(file for file in glob.glob(path, recursive=True) if os.path.isfile(file))
        if not found:
            raise InputError(path, "nothing matches this pattern; check the path")
        return found
    raise InputError(path, "no such file or directory; check the path")


def _tree(folder: str) -> list[str]:
    """Return the data files below `folder`, hidden directories left out."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - 28 ms that single files need not pay

    spec = GitIgnoreSpec.from_lines([*_PATTERNS, "!**/.*/**"])
    found = sorted(os.path.join(folder, file) for file in spec.match_tree_files(folder))
    if not found:
        raise InputError(folder, f"no {' or '.join(_PATTERNS)} in this directory; name a file")
    return found


def _input(name: str, spool: str) -> Input:
    if name == STDIN:
        if sys.stdin is None:
            raise InputError(STDIN, "cannot read: standard input is closed")
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
    return replace(entry, path=path)


def _copy(stream: BinaryIO, folder: str) -> str:
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as out:
        shutil.copyfileobj(stream, out, _BLOCK)
        return out.name


def _stat(path: str, file: str) -> Input:
    with open(file, "rb") as stream:
        facts = os.fstat(stream.fileno())
    return Input(path, file, facts.st_size, facts.st_mtime_ns)


def shown(name: str) -> str:
    """Return `name` relative to the working directory: a report holds no absolute path."""
    if not name:
        return name
    if os.path.isabs(name):
        try:
            name = os.path.relpath(name)
        except ValueError:  # another drive
            name = os.path.basename(name)
    return (
        Path(name).as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    )


def changed(source: Input) -> bool:
    """Tell whether the file is no longer the one that `expand` saw."""
    try:
        facts = os.stat(source.file)
    except OSError:
        return True
    return (facts.st_size, facts.st_mtime_ns) != (source.size, source.modified)


def sha256(source: Input) -> str:
    """Return the SHA-256 of the file, in hexadecimal."""
    with open(source.file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def cut(source: Input, size: int = RANGE_SIZE) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of newline-aligned ranges of about `size` bytes, in order."""
    with open(source.file, "rb") as stream:
        start = 0
        while start < source.size:
            stream.seek(min(start + size, source.size) - 1)
            end = min(_next_line(stream), source.size)
            yield start, end
            start = end


def _next_line(stream: BinaryIO) -> int:
    """Return the position behind the next LF (or the end), read in bounded memory, and go there."""
    while block := stream.read(_BLOCK):
        at = block.find(b"\n")
        if at >= 0:
            return stream.seek(at + 1 - len(block), os.SEEK_CUR)
    return stream.tell()


def lines(part: Range, limit: int | None) -> Iterator[tuple[int, bytes, int]]:
    """Yield (offset, bytes, length) of each line of a range, its LF included.

    A line longer than `limit` bytes without its LF is not held: its bytes are then its first
    64, and only `length` tells how long it is. None is no limit.
    """
    with open(part.file, "rb", buffering=_BLOCK) as stream:
        stream.seek(part.start)
        offset, ask = part.start, -1 if limit is None else limit + 1
        while offset < part.end and (raw := stream.readline(ask)):
            length = len(raw)
            if length == ask and not raw.endswith(b"\n"):
                raw = raw[: min(64, length - 1)]
                length = _next_line(stream) - offset
            yield offset, raw, length
            offset += length


def count_lines(part: Range) -> int:
    """Return the number of LF bytes in a range, plus 1 if bytes follow the last."""
    count, left, last = 0, part.end - part.start, b"\n"
    with open(part.file, "rb") as stream:
        stream.seek(part.start)
        while left and (block := stream.read(min(left, _BLOCK))):
            count += block.count(b"\n")
            left -= len(block)
            last = block[-1:]
    return count + (last != b"\n")
