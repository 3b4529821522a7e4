"""The stage of uploading: a file that passed goes in, a file that is processed comes out."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, NamedTuple, Protocol

from ftlint.failures import Refused, Rejected
from ftlint.gate import PassedFile
from ftlint.ledger import Ledger
from ftlint.providers.api import Api
from ftlint.providers.log import ProgressLog
from ftlint.redact import redact
from ftlint.retry import with_retries
from ftlint.sealed import SealedFile
from ftlint.upload.once import create_once
from ftlint.upload.parts import Parts, abandon
from ftlint.upload.ready import named, processed, usable
from ftlint.upload.route import BLOB, MULTIPART, UPLOADS, Route, choose

_LONGEST_STEM = 60
"""Characters of a name that are kept; portals show little more."""

_THERE = Route("none", "it is there already")

_UNKNOWN = (404, 405, 501)
"""HTTP statuses of an API that has no Uploads; a project endpoint of Azure answers 404."""

Data = dict[str, Any]


class Container(Protocol):
    """Where blobs are put, for the service to import."""

    def put(self, sealed: SealedFile, name: str, *, acknowledged: Callable[[int], object]) -> None:
        """Store a file that passed; only a whole one is there."""

    def link(self, name: str) -> str:
        """Return a URL with which to read it, for a short time."""

    def close(self) -> None:
        """Close the connections."""


class UploadOptions(NamedTuple):
    """How a user wants it.

    `route` is one of `ROUTES`, None for what the profile says; `place` is where blobs go, and
    `container` opens it, None without one. Without `resume`, what was begun is thrown away. With
    `verify`, the file is downloaded and compared. `poll` and `patience` are seconds.
    """

    route: str | None = None
    place: str | None = None
    container: Callable[[], Container] | None = None
    resume: bool = True
    verify: bool = False
    poll: float = 5.0
    patience: float = 1800.0


class UploadedFile(NamedTuple):
    """A file on the service: `file` is its id there, `name` its name.

    `reused` tells that it was there before, `resumed` how many bytes of it were.
    """

    role: str
    path: str
    sha256: str
    bytes: int
    examples: int
    host: str
    file: str
    name: str
    status: str
    route: str
    reason: str
    reused: bool
    resumed: int = 0


class Uploader:
    """Sends files to one service, as the `upload` table of its profile says.

    `acknowledged` is called with the bytes that the service has taken.
    """

    def __init__(
        self,
        api: Api,
        upload: Mapping[str, Any],
        ledger: Ledger,
        *,
        options: UploadOptions,
        log: ProgressLog,
        acknowledged: Callable[[int], object],
    ) -> None:
        self._api, self._upload, self._ledger = api, upload, ledger
        self._options, self._log, self._acknowledged = options, log, acknowledged

    def put(self, passed: PassedFile) -> UploadedFile:
        """See to it that the service has a file, and has processed it. Raises `Failure`."""
        name = remote_name(passed)
        route = self.route(passed)
        journal = self._ledger.journal(self._api.host, passed.sha256)
        busy = f"{passed.path}: another ftlint uploads it to {self._api.host}"
        with SealedFile(passed) as sealed, self._ledger.lock(journal.name, busy):
            known = self._known(passed, name)
            resumed = 0
            if known is not None:
                sealed.verify()
                file, route = known, _THERE
                self._log.info(f"{passed.path}: {self._api.host} has these bytes as {file['id']}")
            else:
                self._log.info(
                    f"{passed.path}: {passed.bytes:,} bytes by {route.name} ({route.reason})"
                )
                file, route, resumed = self._send(sealed, name, route)
            if UPLOADS in self._upload["versions"][self._api.version]:
                abandon(self._api, journal)  # what an earlier command has begun
            sent = self._sent(passed, file, route, reused=known is not None, resumed=resumed)
            if not self._remembers(sent):
                self._ledger.note_sent(sent._asdict())
        return self._ready(sent, file)

    def find(self, passed: PassedFile) -> UploadedFile:
        """Return a file that was uploaded before; nothing is sent. Raises `Refused` for none."""
        with SealedFile(passed) as sealed:
            sealed.verify()
        file = self._known(passed, remote_name(passed))
        if file is None:
            words = f"{passed.path}: {self._api.host} does not have it"
            raise Refused(f"{words}; upload it first: ftlint upload, or all in one: ftlint run")
        return self._ready(self._sent(passed, file, _THERE, reused=True), file)

    def _sent(
        self, passed: PassedFile, file: Data, route: Route, *, reused: bool, resumed: int = 0
    ) -> UploadedFile:
        return UploadedFile(
            **passed._asdict(),
            host=self._api.host,
            file=str(file["id"]),
            name=redact(str(file.get("filename") or remote_name(passed))),
            status=redact(str(file.get("status") or "")),
            route=route.name,
            reason=route.reason,
            reused=reused,
            resumed=resumed,
        )

    def route(self, passed: PassedFile) -> Route:
        """Return the way that a file takes. Raises `FtlintError` where there is none."""
        options = self._options
        return choose(passed.bytes, options.route, self._upload, self._api.version, options.place)

    def _ready(self, sent: UploadedFile, file: Data) -> UploadedFile:
        """Wait until a file is processed, and compare it where that is wanted."""
        file = processed(
            self._api, file, poll=self._options.poll, patience=self._options.patience, log=self._log
        )
        if self._options.verify:
            self._compare(sent)
        return sent._replace(status=str(file["status"]))

    def _known(self, passed: PassedFile, name: str) -> Data | None:
        """Return the file that the service has of these bytes: remembered, or by its name."""
        for entry in self._ledger.sent(self._api.host, passed.sha256):
            file = self._api.file(str(entry.get("file")))
            if usable(file, passed.bytes):
                return file
        return named(self._api, name, passed.bytes)

    def _remembers(self, sent: UploadedFile) -> bool:
        known = self._ledger.sent(sent.host, sent.sha256)
        return any(entry.get("file") == sent.file for entry in known)

    def _send(self, sealed: SealedFile, name: str, route: Route) -> tuple[Data, Route, int]:
        """Send a file; return what the service says of it, the way it took, and bytes reused."""
        if route.name == UPLOADS:
            try:
                return self._parts(sealed, name, route)
            except Rejected as refused:
                if (
                    refused.status not in _UNKNOWN
                    or self._options.route
                    or not self._options.container
                ):
                    raise self._advised(refused) from None
                route = Route(BLOB, f"{self._api.host} takes no uploads in parts")
                self._log.info(f"{name}: by {route.name} ({route.reason})")
        do = self._import if route.name == BLOB else self._whole
        return do(sealed, name), route, 0

    def _whole(self, sealed: SealedFile, name: str) -> Data:
        """Send a file in one request; its last bytes are held back unless all are right."""
        fields = {"purpose": self._upload["purpose"]}
        sealed.verify()  # before any byte is sent, and again while they are

        def create() -> Data:
            sealed.seek(0)
            return self._api.create_file(sealed, name, fields)

        file = create_once(self._api, name, sealed.passed.bytes, create)
        self._acknowledged(sealed.passed.bytes)
        return file

    def _parts(self, sealed: SealedFile, name: str, route: Route) -> tuple[Data, Route, int]:
        journal = self._ledger.journal(self._api.host, sealed.passed.sha256)
        parts = Parts(
            self._api,
            sealed,
            name,
            upload=self._upload,
            journal=journal,
            acknowledged=self._acknowledged,
        )
        file = parts.send(resume=self._options.resume)
        if parts.reused:
            self._log.info(f"{name}: {parts.reused:,} bytes were there from before")
        return file, route, parts.reused

    def _import(self, sealed: SealedFile, name: str) -> Data:
        if self._options.container is None:
            raise Refused("no place for the blob; give --container URL")
        with closing(self._options.container()) as container:
            container.put(sealed, name, acknowledged=self._acknowledged)
            purpose = self._upload["purpose"]
            return create_once(
                self._api,
                name,
                sealed.passed.bytes,
                lambda: self._api.import_file(container.link(name), name, purpose),
            )

    def _advised(self, refused: Rejected) -> Rejected:
        """Say what else there is where a service has no Uploads API."""
        if refused.status not in _UNKNOWN:
            return refused
        words = f"{refused}; this endpoint takes no uploads in parts"
        return Rejected(f"{words}: try --route {BLOB} --container URL, or --route {MULTIPART}")

    def _compare(self, sent: UploadedFile) -> None:
        """Download a file, and compare. Raises `Refused` where it is another."""

        def digest() -> str:
            found = hashlib.sha256()
            for block in self._api.stream(sent.file):
                found.update(block)
            return found.hexdigest()

        if with_retries(digest, self._api.log.info) != sent.sha256:
            words = f"file {sent.file} on {sent.host} holds other bytes than those that passed"
            raise Refused(f"{words}; delete it there, then upload again")
        self._log.info(f"{sent.file}: downloaded, and the same")


def remote_name(passed: PassedFile) -> str:
    """Return the name of a file on the service: its own, and what tells its bytes from others."""
    stem = os.path.basename(passed.path).partition(".")[0]
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:_LONGEST_STEM] or "data"
    return f"{plain}.{passed.sha256[:16]}.jsonl"
