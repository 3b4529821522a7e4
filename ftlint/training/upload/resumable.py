"""Resumable upload in parts by the Uploads API, with a journal on disk.

The API cannot list the parts it has, so only the journal knows them. A part sent twice does no
harm: the completion names the parts that count.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ftlint.core.errors import Failure, Refused, Rejected
from ftlint.core.redact import is_sealed, same
from ftlint.training.ledger import Journal
from ftlint.training.providers.client import Api
from ftlint.training.service_ids import is_id
from ftlint.training.state_file import Entry
from ftlint.training.upload.idempotency import create_once
from ftlint.training.upload.interrupt import Interrupts
from ftlint.training.verified_file import SealedFile

_MARGIN = 60
"""Seconds before its expiry from which an upload is not resumed."""

_GONE = (404, 410)
_ENDED = ("expired", "completed", "cancelled", "not pending")
"""HTTP statuses and words of a refusal that mean that an upload no longer exists."""

Data = dict[str, Any]


class Parts:
    """The upload of one file; `acknowledged` is called with the bytes of each part taken."""

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
        """Bytes sent by earlier commands."""

    def send(self, *, resume: bool) -> Data:
        """Send the missing parts; return the file.

        Without `resume`, an unfinished upload is discarded, both before and after an interrupt.
        Raises `Refused`, with nothing left on the service, for bytes that did not pass.
        """
        unfinished = self._unfinished()
        if unfinished is not None and not resume:
            self._cancel(unfinished)
            unfinished = None
        entry = unfinished or self._begin()
        try:
            try:
                return self._send_rest(entry)
            except Rejected as refused:
                if not _gone(refused):
                    raise
                self._api.log.info(f"{refused}; starting over")
                self._abandon()
                return self._send_rest(self._begin())
        except (Refused, Rejected):
            self._abandon()
            raise
        except KeyboardInterrupt:
            if not resume:
                self._abandon()
            raise

    def _unfinished(self) -> Entry | None:
        """Return the journal entry of the upload to resume, None without one."""
        entry = _read(self._journal)
        if entry is None:
            if kept := self._journal.set_aside():
                self._api.log.info(f"the journal is damaged, and kept as {kept}; starting over")
            return None
        ours = {"name": self._name, "sha256": self._sealed.passed.sha256, "part_size": self._size}
        if not all(same(entry.get(key), value) for key, value in ours.items()):
            self._api.log.info("the unfinished upload has another name or part size; starting over")
            self._cancel(entry)
            return None
        if entry["expires_at"] - _MARGIN <= time.time():
            self._api.log.info("the unfinished upload has expired; starting over")
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

    def _send_rest(self, entry: Entry) -> Data:
        """Send the remaining parts of an upload and complete it."""
        earlier, done = list(entry["parts"]), []
        with Interrupts(self._api.log.info) as interrupts:
            for part in self._sealed.parts(self._size):
                digest = hashlib.sha256(part).hexdigest()
                if earlier and earlier[0]["sha256"] == digest:
                    done.append(earlier.pop(0))
                    self.reused += len(part)
                else:
                    earlier = []
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
                words = f"{self._api.host} completed upload {entry['upload']} without a file"
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
    """Discard the upload of a journal, if there is one."""
    entry = _read(journal)
    if entry is not None:
        _cancel(api, journal, entry)


def _read(journal: Journal) -> Entry | None:
    """Read a journal, None for one of another version or with invalid content."""
    entry = journal.read() or {}
    parts = entry.get("parts")
    whole = (
        entry.get("version") == 1
        and is_id(entry.get("upload"))
        and not is_sealed(entry["upload"])
        and isinstance(entry.get("expires_at"), int | float)
        and isinstance(parts, list)
        and all(isinstance(part, dict) and {"id", "sha256"} <= part.keys() for part in parts)
        and not any(is_sealed(part["id"]) for part in parts)
    )
    return entry if whole else None


def _cancel(api: Api, journal: Journal, entry: Entry) -> None:
    """Discard an upload, here and, as far as it answers, on the service."""
    with suppress(Failure):
        api.cancel_upload(entry["upload"])
    journal.remove()


def _gone(refused: Rejected) -> bool:
    """Return whether the reason of a refusal is that the upload has ended or is unknown."""
    return refused.status in _GONE or any(
        word in refused.service_message.lower() for word in _ENDED
    )
