"""What a user names: files, directories, patterns, URLs, and `-` for standard input."""

from __future__ import annotations

import glob
import os
from pathlib import Path

from ftlint.core.errors import FtlintError
from ftlint.inputs import remote
from ftlint.inputs.streams import SUFFIXES, BrokenDataError

STDIN = "-"
ENDINGS = tuple(end + more for end in (".jsonl", ".ndjson") for more in ("", *SUFFIXES))
"""How the names of the files end for which a directory stands."""


class InputError(FtlintError):
    """An input that cannot be read, or a name that matches nothing; `path` is that name.

    `offset` is the byte of decompressed data after which they are broken, None for other reasons.
    """

    def __init__(self, path: str, message: str, offset: int | None = None) -> None:
        self.path, self.offset = shown(path), offset
        super().__init__(f"{self.path}: {message}")


def unreadable(path: str, error: OSError) -> InputError:
    """Word the refusal of the operating system, of a server, or of what decompresses."""
    reason = error.strerror.lower() if error.strerror else str(error)
    offset = error.offset if isinstance(error, BrokenDataError) else None
    return InputError(path, f"cannot read: {reason}", offset)


def files(path: str) -> list[str]:
    """Return the names of the files on disk that a name stands for; `-` stands for itself.

    Raises `InputError` where there are none.
    """
    if path == STDIN:
        return [STDIN]
    if os.path.isdir(path):
        try:
            found = _tree(path)
        except OSError as error:
            raise unreadable(error.filename or path, error) from error
        if not found:
            raise nothing_in(path)
        return found
    if os.path.exists(path):
        return [path]
    if glob.has_magic(path):
        found = sorted(file for file in glob.glob(path, recursive=True) if os.path.isfile(file))
        if not found:
            raise nothing_in(path)
        return found
    raise InputError(path, "no such file or directory; check the path")


def nothing_in(name: str) -> InputError:
    """Word that a directory has no data, or that a pattern matches nothing."""
    if glob.has_magic(name):
        return InputError(name, "nothing matches this pattern; check the path")
    message = "no *.jsonl or *.ndjson in this directory, nor one with .gz or .zst; name a file"
    return InputError(name, message)


def is_data(path: str) -> bool:
    """Tell whether a directory stands for a file, by its path below it (with slashes)."""
    return path.endswith(ENDINGS) and not any(
        folder.startswith(".") for folder in path.split("/")[:-1]
    )


def _tree(folder: str) -> list[str]:
    """Return the data files below `folder`; a directory that links lead to again is read once."""
    found: list[str] = []
    left, seen = [folder], set()
    while left:
        here = left.pop()
        facts = os.stat(here)
        if (facts.st_dev, facts.st_ino) in seen:
            continue
        seen.add((facts.st_dev, facts.st_ino))
        with os.scandir(here) as entries:
            held = sorted(entries, key=lambda entry: entry.name)
        folders = [each.path for each in held if each.name[0] != "." and each.is_dir()]
        left += reversed(folders)
        found += [each.path for each in held if each.name.endswith(ENDINGS) and each.is_file()]
    return sorted(found)


def shown(name: str) -> str:
    """Return `name` as reports show it: no absolute path, and nothing of a URL that is secret."""
    if not name:
        return name
    if remote.is_url(name):
        return remote.shown(name)
    if os.path.isabs(name):
        try:
            name = os.path.relpath(name)
        except ValueError:  # another drive
            name = os.path.basename(name)
    return (
        Path(name).as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    )
