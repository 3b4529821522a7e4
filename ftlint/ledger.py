"""What ftlint remembers between two commands: files that were sent, uploads begun, jobs meant.

It lies in a folder of the working directory that its owner alone can read. No key and no signed
URL is ever written there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import orjson

from ftlint.beside import write_whole
from ftlint.failures import Unreachable
from ftlint.model import FtlintError

FOLDER = ".ftlint"

_UPLOADS, _JOBS = "uploads.jsonl", "jobs.jsonl"

Entry = dict[str, Any]


class Ledger:
    """The folder, and the files in it; it is made when something is written first.

    Methods raise `FtlintError` where the folder cannot be read or written.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def sent(self, host: str, sha256: str) -> Iterator[Entry]:
        """Yield what is remembered of a file on a host, the latest first: a hint, to confirm."""
        for entry in reversed(self._read(_UPLOADS)):
            if entry.get("host") == host and entry.get("sha256") == sha256:
                yield entry

    def note_sent(self, entry: Mapping[str, Any]) -> None:
        """Remember a file that the service has: host, sha256, file (its id), and more."""
        self._append(_UPLOADS, entry)

    def jobs(self) -> list[Entry]:
        """Return what is remembered of jobs, each as it was noted last, in the order of intents.

        Of those whose beginning is lost, `host` and `state` are empty.
        """
        latest: dict[str, Entry] = {}
        for entry in self._read(_JOBS):
            key = entry.get("intent")
            if isinstance(key, str):
                latest[key] = {**latest.get(key, {"host": "", "state": ""}), **entry}
        return list(latest.values())

    def note_job(self, entry: Mapping[str, Any]) -> None:
        """Remember an intent (its id is `intent`), or what became of it."""
        self._append(_JOBS, entry)

    def journal(self, host: str, sha256: str) -> Journal:
        """Return the journal of the upload of a file to a host."""
        name = hashlib.sha256(f"{host}\0{sha256}".encode()).hexdigest()[:24]
        return Journal(self, os.path.join(self.folder, f"upload-{name}.json"))

    @contextmanager
    def lock(self, name: str, words: str) -> Iterator[None]:
        """Keep other processes from doing the same. Raises `Unreachable` where one does."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - for these commands only

        self.make()
        lock = FileLock(os.path.join(self.folder, f"{name}.lock"), timeout=0, mode=0o600)
        with self._told():
            try:
                lock.acquire()
            except Timeout:
                raise Unreachable(f"{words}; wait for it, then run this again") from None
        try:
            yield
        finally:
            lock.release()

    def make(self) -> None:
        """Make the folder, and keep it out of version control."""
        with self._told():
            if not os.path.isdir(self.folder):  # in one of the user's, it would hide what is theirs
                os.makedirs(self.folder, mode=0o700, exist_ok=True)
                write_whole(os.path.join(self.folder, ".gitignore"), b"*\n")

    def _read(self, name: str) -> list[Entry]:
        """Read a file of entries; one that a crash cut off is left out."""
        path = os.path.join(self.folder, name)
        try:
            with self._told(), open(path, "rb") as stream:
                lines = stream.read().splitlines()
        except FileNotFoundError:
            return []
        return [entry for line in lines if (entry := _entry(line)) is not None]

    def _append(self, name: str, entry: Mapping[str, Any]) -> None:
        """Add an entry, on the disk before this returns."""
        self.make()
        noted = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **entry}
        with self._told():
            path = os.path.join(self.folder, name)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with open(file, "r+b", buffering=0) as stream:
                size = stream.seek(0, os.SEEK_END)
                cut = b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""
                stream.write(cut + orjson.dumps(noted) + b"\n")
                os.fsync(file)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Word what the operating system refuses; a file that is not there is not a failure."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            where = error.filename or self.folder
            raise FtlintError(f"{where}: {why}; name another folder with --state") from error


class Journal:
    """How far an upload is; it outlives the process, and each write is on the disk."""

    def __init__(self, ledger: Ledger, path: str) -> None:
        self._ledger, self._path = ledger, path

    @property
    def name(self) -> str:
        """The name of its lock."""
        return os.path.basename(self._path).removesuffix(".json")

    def read(self) -> Entry | None:
        """Return what was written last, None for nothing, or nothing that can be read."""
        try:
            with open(self._path, "rb") as stream:
                return _entry(stream.read())
        except OSError:
            return None

    def write(self, entry: Mapping[str, Any]) -> None:
        """Put an entry in the place of the last one."""
        self._ledger.make()
        try:
            write_whole(self._path, orjson.dumps(entry))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise FtlintError(f"{self._path}: {why}; name another folder with --state") from error

    def remove(self) -> None:
        """Forget the upload; what cannot be removed is held against the next one."""
        with suppress(OSError):
            os.unlink(self._path)


def _entry(line: bytes) -> Entry | None:
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return data if isinstance(data, dict) else None
