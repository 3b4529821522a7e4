"""Names of inputs (files, directories, patterns, `-`): their files, and their form in reports."""

from __future__ import annotations

import glob
import os
from pathlib import Path

from ftlint.core.errors import FtlintError
from ftlint.inputs import remote
from ftlint.inputs.streams import SUFFIXES, BrokenDataError

STDIN = "-"
ENDINGS = tuple(end + more for end in (".jsonl", ".ndjson") for more in ("", *SUFFIXES))
"""Extensions of the data files in a directory."""


class InputError(FtlintError):
    """An input that cannot be read, or a name without files; `path` is that name.

    `offset` is where decompressed data break off (0-based byte), None for other errors.
    """

    def __init__(self, path: str, message: str, offset: int | None = None) -> None:
        self.path, self.offset = shown(path), offset
        super().__init__(f"{self.path}: {message}")


def unreadable(path: str, error: OSError) -> InputError:
    """Return the input error for an error of the operating system, a server or a decompressor."""
    reason = error.strerror.lower() if error.strerror else str(error)
    offset = error.offset if isinstance(error, BrokenDataError) else None
    return InputError(path, f"cannot read: {reason}", offset)


def files(path: str) -> list[str]:
    """Return the local files of a file, directory or pattern; `-` is returned as it is.

    Raises `InputError` if there are none.
    """
    if path == STDIN:
        return [STDIN]
    if os.path.isdir(path):
        try:
            matches = _tree(path)
        except OSError as error:
            raise unreadable(error.filename or path, error) from error
        if not matches:
            raise nothing_in(path)
        return matches
    if os.path.exists(path):
        return [path]
    if glob.has_magic(path):
        matches = sorted(file for file in glob.glob(path, recursive=True) if os.path.isfile(file))
        if not matches:
            raise nothing_in(path)
        return matches
    raise InputError(path, "no such file or directory; check the path")


def identity(file: str) -> tuple[int, int] | str:
    """Return what names of one file have in common: device and inode, else the resolved path.

    So a hard link, or a second mount, is known for the same file.
    """
    try:
        status = os.stat(file)
    except OSError:
        return os.path.realpath(file)
    return status.st_dev, status.st_ino


def nothing_in(name: str) -> InputError:
    """Return the error for a directory without data, or a pattern without matches."""
    if glob.has_magic(name):
        return InputError(name, "nothing matches this pattern; check the path")
    message = "no *.jsonl or *.ndjson in this directory, nor one with .gz or .zst; name a file"
    return InputError(name, message)


def is_data(path: str) -> bool:
    """Return whether a file in a directory is data, by its relative path (with slashes)."""
    return path.endswith(ENDINGS) and not any(
        folder.startswith(".") for folder in path.split("/")[:-1]
    )


def _tree(folder: str) -> list[str]:
    """Return the data files below `folder`, following links; each directory is read once."""
    matches: list[str] = []
    pending, seen = [folder], set()
    while pending:
        current = pending.pop()
        status = os.stat(current)
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(current) as entries:
            children = sorted(entries, key=lambda entry: entry.name)
        folders = [each.path for each in children if each.name[0] != "." and each.is_dir()]
        pending += reversed(folders)
        matches += [
            each.path for each in children if each.name.endswith(ENDINGS) and each.is_file()
        ]
    return sorted(matches)


def shown(name: str) -> str:
    """Return `name` as in reports: relative, and without the secret parts of a URL."""
    if not name:
        return name
    if remote.is_url(name):
        return remote.shown(name)
    if os.path.isabs(name):
        try:
            name = os.path.relpath(name)
        except ValueError:  # another drive
            name = os.path.basename(name)
    posix = Path(name).as_posix()
    try:
        raw = posix.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a surrogate pair, which no file's name has
        raw = posix.encode("utf-8", "backslashreplace")
    return raw.decode("utf-8", "backslashreplace")
