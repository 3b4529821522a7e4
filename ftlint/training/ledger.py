"""Ledger of uploaded files, unfinished uploads and started jobs, kept between commands.

It is a folder in the working directory that only its owner can read. No key and no signed URL is
ever written there: a text that holds one, such as an id in which a service echoes the key, is
recorded as its digest, by which it is recognised (`ftlint.core.redact.same`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from ftlint.core.errors import FtlintError, Unreachable
from ftlint.core.files.atomic_write import write_whole
from ftlint.core.redact import record_of
from ftlint.training import state_file
from ftlint.training.state_file import Entry

FOLDER = ".ftlint"

_UPLOADS, _JOBS = "uploads.jsonl", "jobs.jsonl"


class Ledger:
    """The ledger in `folder`, which is created by the first write; `log` gets damage in words.

    Methods raise `FtlintError` where the folder cannot be read or written, or is a link.
    """

    def __init__(self, folder: str, log: Callable[[str], object] = lambda _: None) -> None:
        self.folder = folder
        self._log = log
        self._damaged: set[str] = set()

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
        with self.access():
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
        with self.access():
            if not os.path.isdir(self.folder):  # a .gitignore would hide the user's own files
                os.makedirs(self.folder, mode=0o700, exist_ok=True)
                write_whole(os.path.join(self.folder, ".gitignore"), b"*\n")

    def repair_uploads(self) -> str | None:
        """Set a damaged record of uploads aside; return what was done in words, None if sound."""
        return self._repair(_UPLOADS)

    def repair_jobs(self) -> str | None:
        """Set a damaged record of jobs aside; return what was done in words, None if sound.

        A job may then be missing from it. Call it with the lock of jobs held.
        """
        return self._repair(_JOBS)

    @contextmanager
    def access(self) -> Iterator[None]:
        """Convert `OSError` to `FtlintError`, and refuse a folder that is a link."""
        if not self.folder:
            raise FtlintError("the folder of --state has no name; name one")
        if os.path.islink(self.folder.rstrip("/")):
            words = f"{self.folder} is a symbolic link, which is not followed"
            raise FtlintError(f"{words}; remove it, or name its target with --state")
        try:
            yield
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            where = error.filename or self.folder
            raise FtlintError(f"{where}: {why}; name another folder with --state") from error

    def _repair(self, name: str) -> str | None:
        with self.access():
            return state_file.repair(os.path.join(self.folder, name))

    def _read(self, name: str) -> list[Entry]:
        """Read the sound entries of a file; the first damage is logged, once."""
        path = os.path.join(self.folder, name)
        with self.access():
            try:
                entries, _, damage = state_file.read_lines(path)
            except FileNotFoundError:
                return []
        if damage is not None and name not in self._damaged:
            self._damaged.add(name)
            self._log(f"{path} is damaged: {damage}; the next upload or launch sets it aside")
        return entries

    def _append(self, name: str, entry: Mapping[str, Any]) -> None:
        """Append an entry, flushed to disk before this returns."""
        self.make()
        stamped = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **entry}
        with self.access():
            state_file.append(os.path.join(self.folder, name), stamped)


class Journal:
    """Progress of an upload, on disk after each write, so that another process can resume it."""

    def __init__(self, ledger: Ledger, path: str) -> None:
        self._ledger, self._path = ledger, path

    @property
    def name(self) -> str:
        """Name of its lock."""
        return os.path.basename(self._path).removesuffix(".json")

    def read(self) -> Entry | None:
        """Return the last entry, None for a missing or damaged one."""
        with self._ledger.access(), suppress(FileNotFoundError):
            return state_file.read_entry(self._path)
        return None

    def write(self, entry: Mapping[str, Any]) -> None:
        """Replace the last entry."""
        self._ledger.make()
        with self._ledger.access():
            write_whole(self._path, record_of(entry))

    def set_aside(self) -> str | None:
        """Give a journal that is of no use another name; return that, None if there is none."""
        with self._ledger.access(), suppress(FileNotFoundError):
            return state_file.set_aside(self._path)
        return None

    def remove(self) -> None:
        """Remove the journal; one that cannot be removed is checked before the next upload."""
        with suppress(OSError):
            os.unlink(self._path)
