"""The Uploads API: parts, with a journal that outlives the process.

No call of the API lists the parts that were taken, so the journal alone knows. A part that is sent
twice does no harm: the end names those that count.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ftlint.failures import Failure, Refused, Rejected
from ftlint.ledger import Entry, Journal
from ftlint.providers.api import Api
from ftlint.sealed import SealedFile
from ftlint.upload.interrupt import Interrupts
from ftlint.upload.once import create_once

_MARGIN = 60
"""Seconds before its end at which an upload is not gone on with."""

_GONE = (404, 410)
_ENDED = ("expired", "completed", "cancelled", "not pending")
"""HTTP statuses, and words of a refusal, that say that an upload is no more."""

Data = dict[str, Any]


class Parts:
    """The upload of one file; `part_size` is in bytes, `acknowledged` is called with bytes."""

    def __init__(
        self,
        api: Api,
        sealed: SealedFile,
        name: str,
        *,
        upload: Mapping[str, Any],
        journal: Journal,
        acknowledged: Callable[[int], object],
    ) -> None:
        self._api, self._sealed, self._name = api, sealed, name
        self._size: int = upload["part_size"]
        self._purpose: str = upload["purpose"]
        self._hours: float = upload["upload_hours"]
        self._journal = journal
        self._acknowledged = acknowledged
        self.reused = 0
        """Bytes that were sent before."""

    def send(self, *, resume: bool) -> Data:
        """Send what is missing; return the file.

        Without `resume`, what was begun is thrown away, and so it is when this one is interrupted.
        Raises `Refused`, with nothing left on the service, for bytes that did not pass.
        """
        begun = self._begun()
        if begun is not None and not resume:
            self._cancel(begun)
            begun = None
        entry = begun or self._begin()
        try:
            try:
                return self._rest(entry)
            except Rejected as refused:
                if not _gone(refused):
                    raise
                self._api.log.info(f"{refused}; beginning anew")
                self._abandon()
                return self._rest(self._begin())
        except (Refused, Rejected):
            self._abandon()
            raise
        except KeyboardInterrupt:
            if not resume:
                self._abandon()
            raise

    def _begun(self) -> Entry | None:
        """Return the upload to go on with."""
        entry = _read(self._journal)
        if entry is None:
            return None
        ours = {"name": self._name, "sha256": self._sealed.passed.sha256, "part_size": self._size}
        if any(entry.get(key) != value for key, value in ours.items()):
            self._api.log.info(
                "the upload that was begun has another name or part size; beginning anew"
            )
            self._cancel(entry)
            return None
        if entry["expires_at"] - _MARGIN <= time.time():
            self._api.log.info("the upload that was begun has expired; beginning anew")
            self._cancel(entry)
            return None
        return entry

    def _begin(self) -> Entry:
        passed = self._sealed.passed
        self.reused = 0
        with Interrupts(self._api.log.info) as interrupts, interrupts.held():
            upload = self._api.begin_upload(self._name, passed.bytes, self._purpose)
            ends = upload.get("expires_at")
            if not isinstance(ends, int | float) or ends <= 0:
                ends = time.time() + self._hours * 3600
            entry = {
                "version": 1,
                "host": self._api.host,
                "name": self._name,
                "sha256": passed.sha256,
                "bytes": passed.bytes,
                "part_size": self._size,
                "upload": upload["id"],
                "expires_at": ends,
                "parts": [],
            }
            self._journal.write(entry)
        return entry

    def _rest(self, entry: Entry) -> Data:
        """Send the parts that an upload lacks, and end it."""
        known, done = list(entry["parts"]), []
        with Interrupts(self._api.log.info) as interrupts:
            for part in self._sealed.parts(self._size):
                digest = hashlib.sha256(part).hexdigest()
                if known and known[0]["sha256"] == digest:
                    done.append(known.pop(0))
                    self.reused += len(part)
                else:
                    known = []
                    with interrupts.held():
                        sent = self._api.add_part(entry["upload"], part)
                        done.append({"id": sent["id"], "sha256": digest})
                        self._journal.write({**entry, "parts": done})
                self._acknowledged(len(part))
        names = [part["id"] for part in done]
        passed = self._sealed.passed

        def complete() -> Data:
            ended = self._api.complete_upload(entry["upload"], names, self._sealed.md5)
            file = ended.get("file")
            if not isinstance(file, dict):
                words = f"{self._api.host} ended upload {entry['upload']} without a file"
                raise Rejected(f"{words}; run this again")
            return file

        file = create_once(self._api, self._name, passed.bytes, complete)
        self._journal.remove()
        return file

    def _abandon(self) -> None:
        abandon(self._api, self._journal)

    def _cancel(self, entry: Entry) -> None:
        _cancel(self._api, self._journal, entry)


def abandon(api: Api, journal: Journal) -> None:
    """Throw away the upload that a journal names, if there is one."""
    entry = _read(journal)
    if entry is not None:
        _cancel(api, journal, entry)


def _read(journal: Journal) -> Entry | None:
    """Read a journal; None for one that is not of this version, or was changed."""
    entry = journal.read() or {}
    parts = entry.get("parts")
    whole = (
        entry.get("version") == 1
        and isinstance(entry.get("upload"), str)
        and isinstance(entry.get("expires_at"), int | float)
        and isinstance(parts, list)
        and all(isinstance(part, dict) and {"id", "sha256"} <= part.keys() for part in parts)
    )
    return entry if whole else None


def _cancel(api: Api, journal: Journal, entry: Entry) -> None:
    """Throw an upload away, on the service as far as it answers, and here."""
    with suppress(Failure):
        api.cancel_upload(entry["upload"])
    journal.remove()


def _gone(refused: Rejected) -> bool:
    """Tell whether a service refuses for an upload that has ended, or that it does not know."""
    return refused.status in _GONE or any(word in refused.said.lower() for word in _ENDED)
