"""Upload of a file that passed, up to its processing by the service."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, NamedTuple, Protocol

from ftlint.core.errors import Refused, Rejected
from ftlint.core.redact import is_sealed, redact, same
from ftlint.training.ledger import Ledger
from ftlint.training.log import ProgressLog
from ftlint.training.providers.client import Api
from ftlint.training.providers.retry import with_retries
from ftlint.training.receipt import PassedFile
from ftlint.training.upload.idempotency import create_once
from ftlint.training.upload.remote_files import named, processed, usable
from ftlint.training.upload.resumable import Parts, abandon
from ftlint.training.upload.routes import BLOB, MULTIPART, UPLOADS, Route, choose
from ftlint.training.verified_file import SealedFile

_LONGEST_STEM = 60
"""Characters of a file's own name to keep; portals show little more."""

_EXISTING = Route("none", "it exists already")

_UNSUPPORTED = (404, 405, 501)
"""HTTP statuses of an API without Uploads; a project endpoint of Azure answers 404."""

Data = dict[str, Any]


class Container(Protocol):
    """Storage for blobs that the service imports."""

    def put(self, sealed: SealedFile, name: str, *, acknowledged: Callable[[int], object]) -> None:
        """Store a file that passed, atomically."""

    def link(self, name: str) -> str:
        """Return a short-lived URL to read it."""

    def close(self) -> None:
        """Close the connections."""


class UploadSettings(NamedTuple):
    """The user's choices.

    `route` is one of `ROUTES` or None for the profile's choice; `place` names the container for
    blobs, and `container` opens it. Without `resume`, unfinished uploads are discarded. With
    `verify`, the file is downloaded and compared. `poll` is the polling interval and `patience` the
    timeout of processing, both in seconds.
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

    `reused` tells whether it existed before, `resumed` how many bytes earlier commands had sent.
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
    """Uploads to one service according to the `upload` table of its profile.

    `acknowledged` is called with the number of bytes that the service has taken.
    """

    def __init__(
        self,
        api: Api,
        upload: Mapping[str, Any],
        ledger: Ledger,
        *,
        options: UploadSettings,
        log: ProgressLog,
        acknowledged: Callable[[int], object],
    ) -> None:
        self._api, self._upload, self._ledger = api, upload, ledger
        self._options, self._log, self._acknowledged = options, log, acknowledged

    def put(self, passed: PassedFile) -> UploadedFile:
        """Ensure that the service has a file and has processed it. Raises `Failure`."""
        name = remote_name(passed)
        route = self.route(passed)
        journal = self._ledger.journal(self._api.host, passed.sha256)
        busy = f"{passed.path}: another ftlint uploads it to {self._api.host}"
        with SealedFile(passed) as sealed, self._ledger.lock(journal.name, busy):
            if damaged := self._ledger.repair_uploads():
                self._log.info(f"{damaged}; what is missing is looked for by its name")
            existing = self._existing(passed, name)
            resumed = 0
            if existing is not None:
                sealed.verify()
                file, route = existing, _EXISTING
                self._log.info(f"{passed.path}: {self._api.host} has these bytes as {file['id']}")
            else:
                self._log.info(
                    f"{passed.path}: {passed.bytes:,} bytes by {route.name} ({route.reason})"
                )
                file, route, resumed = self._send(sealed, name, route)
            if UPLOADS in self._upload["versions"][self._api.version]:
                abandon(self._api, journal)  # an earlier command's unfinished upload
            uploaded = self._uploaded(
                passed, file, route, reused=existing is not None, resumed=resumed
            )
            if not self._is_recorded(uploaded):
                self._ledger.note_sent(uploaded._asdict())
        return self._ready(uploaded, file)

    def find(self, passed: PassedFile) -> UploadedFile:
        """Return a file uploaded earlier; nothing is sent. Raises `Refused` where there is none."""
        with SealedFile(passed) as sealed:
            sealed.verify()
        file = self._existing(passed, remote_name(passed))
        if file is None:
            words = f"{passed.path}: {self._api.host} does not have it"
            raise Refused(f"{words}; upload it first: ftlint upload, or all in one: ftlint run")
        return self._ready(self._uploaded(passed, file, _EXISTING, reused=True), file)

    def _uploaded(
        self, passed: PassedFile, file: Data, route: Route, *, reused: bool, resumed: int = 0
    ) -> UploadedFile:
        return UploadedFile(
            role=passed.role,
            path=passed.path,
            sha256=passed.sha256,
            bytes=passed.bytes,
            examples=passed.examples,
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
        """Return the route of a file. Raises `FtlintError` where there is none."""
        options = self._options
        return choose(passed.bytes, options.route, self._upload, self._api.version, options.place)

    def _ready(self, uploaded: UploadedFile, file: Data) -> UploadedFile:
        """Wait until a file is processed, and verify it if requested."""
        file = processed(
            self._api, file, poll=self._options.poll, patience=self._options.patience, log=self._log
        )
        if self._options.verify:
            self._compare(uploaded)
        return uploaded._replace(status=str(file["status"]))

    def _existing(self, passed: PassedFile, name: str) -> Data | None:
        """Return the service's file of these bytes, by the ledger or by its name."""
        for entry in self._ledger.sent(self._api.host, passed.sha256):
            if is_sealed(entry.get("file")):  # it is found by its name
                continue
            file = self._api.file(str(entry.get("file")))
            if usable(file, passed.bytes):
                return file
        return named(self._api, name, passed.bytes)

    def _is_recorded(self, uploaded: UploadedFile) -> bool:
        entries = self._ledger.sent(uploaded.host, uploaded.sha256)
        return any(same(entry.get("file"), uploaded.file) for entry in entries)

    def _send(self, sealed: SealedFile, name: str, route: Route) -> tuple[Data, Route, int]:
        """Send a file; return its data on the service, its route, and the bytes resumed."""
        if route.name == UPLOADS:
            try:
                return self._parts(sealed, name, route)
            except Rejected as refused:
                if (
                    refused.status not in _UNSUPPORTED
                    or self._options.route
                    or not self._options.container
                ):
                    raise self._advised(refused) from None
                route = Route(BLOB, f"{self._api.host} has no uploads in parts")
                self._log.info(f"{name}: by {route.name} ({route.reason})")
        do = self._import if route.name == BLOB else self._whole
        return do(sealed, name), route, 0

    def _whole(self, sealed: SealedFile, name: str) -> Data:
        """Send a file in one request, the last bytes only if all match."""
        fields = {"purpose": self._upload["purpose"]}
        sealed.verify()  # before any byte is sent; it is verified again on the way

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
            self._log.info(f"{name}: resumed after {parts.reused:,} bytes")
        return file, route, parts.reused

    def _import(self, sealed: SealedFile, name: str) -> Data:
        if self._options.container is None:
            raise Refused("no container for the blob; give --container URL")
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
        """Return a refusal with the alternatives where a service has no Uploads API."""
        if refused.status not in _UNSUPPORTED:
            return refused
        words = f"{refused}; this endpoint has no uploads in parts"
        return Rejected(f"{words}: try --route {BLOB} --container URL, or --route {MULTIPART}")

    def _compare(self, uploaded: UploadedFile) -> None:
        """Download a file and compare it. Raises `Refused` where it differs."""

        def digest() -> str:
            sha256 = hashlib.sha256()
            for block in self._api.stream(uploaded.file):
                sha256.update(block)
            return sha256.hexdigest()

        if with_retries(digest, self._api.log.info) != uploaded.sha256:
            words = f"file {uploaded.file} on {uploaded.host} differs from the one that passed"
            raise Refused(f"{words}; delete it there, then upload again")
        self._log.info(f"{uploaded.file}: downloaded and identical")


def remote_name(passed: PassedFile) -> str:
    """Return the name of a file on the service: its own, plus the start of its digest."""
    stem = os.path.basename(passed.path).partition(".")[0]
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:_LONGEST_STEM] or "data"
    return f"{plain}.{passed.sha256[:16]}.jsonl"
