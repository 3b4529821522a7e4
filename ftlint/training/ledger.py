"""Ledger of uploaded files, unfinished uploads and started jobs, kept between commands.

It is a folder in the working directory that only its owner can read. No key and no signed URL is
ever written there: a text that holds one, such as an id in which a service echoes the key, is
recorded as its digest, by which it is recognised (`ftlint.core.redact.same`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import orjson

from ftlint.core.atomic_write import write_whole
from ftlint.core.errors import FtlintError, Unreachable
from ftlint.core.redact import record_of

FOLDER = ".ftlint"

_UPLOADS, _JOBS = "uploads.jsonl", "jobs.jsonl"

Entry = dict[str, Any]


class Ledger:
    """The ledger in `folder`, which is created by the first write.

    Methods raise `FtlintError` where the folder cannot be read or written.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def sent(self, host: str, sha256: str) -> Iterator[Entry]:
        """Yield the recorded uploads of a file to a host, latest first; the service may differ."""
        for entry in reversed(self._read(_UPLOADS)):
            if entry.get("host") == host and entry.get("sha256") == sha256:
                yield entry

    def note_sent(self, entry: Mapping[str, Any]) -> None:
        """Record an uploaded file: host, sha256, file (its id), and more."""
        self._append(_UPLOADS, entry)

    def jobs(self) -> list[Entry]:
        """Return the latest record of each job, in the order of their intents.

        Where the first record is lost, `host` and `state` are empty.
        """
        latest: dict[str, Entry] = {}
        for entry in self._read(_JOBS):
            key = entry.get("intent")
            if isinstance(key, str):
                latest[key] = {**latest.get(key, {"host": "", "state": ""}), **entry}
        return list(latest.values())

    def note_job(self, entry: Mapping[str, Any]) -> None:
        """Record an intent to start a job (its id is `intent`), or an update of it."""
        self._append(_JOBS, entry)

    def journal(self, host: str, sha256: str) -> Journal:
        """Return the journal of a file's upload to a host."""
        name = hashlib.sha256(f"{host}\0{sha256}".encode()).hexdigest()[:24]
        return Journal(self, os.path.join(self.folder, f"upload-{name}.json"))

    @contextmanager
    def lock(self, name: str, busy: str) -> Iterator[None]:
        """Hold a lock between processes. Raises `Unreachable` with `busy` where another has it."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - for these commands only

        self.make()
        lock = FileLock(os.path.join(self.folder, f"{name}.lock"), timeout=0, mode=0o600)
        with self._as_ftlint_errors():
            try:
                lock.acquire()
            except Timeout:
                raise Unreachable(f"{busy}; wait for it, then run this again") from None
        try:
            yield
        finally:
            lock.release()

    def make(self) -> None:
        """Create the folder, and keep it out of version control."""
        with self._as_ftlint_errors():
            if not os.path.isdir(self.folder):  # a .gitignore would hide the user's own files
                os.makedirs(self.folder, mode=0o700, exist_ok=True)
                write_whole(os.path.join(self.folder, ".gitignore"), b"*\n")

    def _read(self, name: str) -> list[Entry]:
        """Read a file of entries, without one that a crash cut off."""
        path = os.path.join(self.folder, name)
        try:
            with self._as_ftlint_errors(), open(path, "rb") as stream:
                lines = stream.read().splitlines()
        except FileNotFoundError:
            return []
        return [entry for line in lines if (entry := _entry(line)) is not None]

    def _append(self, name: str, entry: Mapping[str, Any]) -> None:
        """Append an entry, flushed to disk before this returns."""
        self.make()
        stamped = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **entry}
        with self._as_ftlint_errors():
            path = os.path.join(self.folder, name)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with open(file, "r+b", buffering=0) as stream:
                size = stream.seek(0, os.SEEK_END)
                cut = b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""
                stream.write(cut + record_of(stamped) + b"\n")
                os.fsync(file)

    @contextmanager
    def _as_ftlint_errors(self) -> Iterator[None]:
        """Convert `OSError` to `FtlintError`, except for a file that does not exist."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            where = error.filename or self.folder
            raise FtlintError(f"{where}: {why}; name another folder with --state") from error


class Journal:
    """Progress of an upload, on disk after each write, so that another process can resume it."""

    def __init__(self, ledger: Ledger, path: str) -> None:
        self._ledger, self._path = ledger, path

    @property
    def name(self) -> str:
        """Name of its lock."""
        return os.path.basename(self._path).removesuffix(".json")

    def read(self) -> Entry | None:
        """Return the last entry, None for a missing or unreadable one."""
        try:
            with open(self._path, "rb") as stream:
                return _entry(stream.read())
        except OSError:
            return None

    def write(self, entry: Mapping[str, Any]) -> None:
        """Replace the last entry."""
        self._ledger.make()
        try:
            write_whole(self._path, record_of(entry))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise FtlintError(f"{self._path}: {why}; name another folder with --state") from error

    def remove(self) -> None:
        """Remove the journal; one that cannot be removed is checked before the next upload."""
        with suppress(OSError):
            os.unlink(self._path)


def _entry(line: bytes) -> Entry | None:
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return data if isinstance(data, dict) else None
