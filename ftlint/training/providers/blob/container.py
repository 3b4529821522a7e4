"""Resumable block uploads to Azure Blob Storage, and signed links to the blobs.

The SDK sends and signs the requests. Its retries and redirects are off, and its messages are
replaced, since they may contain a signature.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import parse_qs

from ftlint.core.errors import Failure, Rejected, Unauthorized
from ftlint.core.redact import secret
from ftlint.training.providers.blob.account import KEYS, Account, read_account
from ftlint.training.providers.blob.errors import NO_CONTAINER, failure_of_blob
from ftlint.training.providers.endpoint import ANSWER, CONNECT
from ftlint.training.providers.entra import Entra
from ftlint.training.providers.retry import with_retries
from ftlint.training.providers.sdk import guard_logs
from ftlint.version import __version__

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient, BlobServiceClient

SHA256 = "ftlint_sha256"
"""Metadata key of a blob for the digest of the file that passed, in hexadecimal."""

_ROUND = 1 << 20
"""Granularity of block sizes in bytes."""

_SKEW = timedelta(minutes=5)
"""Backdating of a link's start, for services whose clock is behind."""

T = TypeVar("T")


class Passed(Protocol):
    """The facts on a file that passed; see `ftlint.training.receipt.PassedFile`."""

    @property
    def sha256(self) -> str:
        """SHA-256 in hexadecimal."""

    @property
    def bytes(self) -> int:
        """Size in bytes."""


class Sealed(Protocol):
    """A file that passed; see `ftlint.training.verified_file.SealedFile`."""

    @property
    def passed(self) -> Passed:
        """The facts on the file."""

    @property
    def md5(self) -> str:
        """MD5 of the bytes read, in hexadecimal."""

    def parts(self, size: int) -> Iterator[bytes]:
        """Yield the file in parts of `size` bytes."""

    def verify(self) -> None:
        """Read the whole file. Raises `ftlint.core.errors.Refused` for bytes that did not pass."""


def connect(container: str, log: Callable[[str], None]) -> Container:
    """Return a client for a container, given as a URL or, with a connection string, as a name.

    Credentials come from the environment: AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY, or
    Entra ID. `log` is called with progress messages. No request is sent. Raises
    `ftlint.core.errors.FtlintError` for an invalid container, `ftlint.core.errors.Unauthorized`
    without credentials.
    """
    account = read_account(container)
    try:
        from azure.storage.blob import (  # noqa: PLC0415 - an extra, and slow to import
            BlobServiceClient,
        )
    except ImportError:
        words = "Azure Blob Storage needs packages that are not installed"
        raise Failure(f"{words}: pip install 'ftlint[blob]'") from None
    guard_logs()
    entra = None if account.key else _entra(account)
    credential: Any = entra or {"account_name": account.name, "account_key": account.key}
    service = BlobServiceClient(
        account.base,
        credential=credential,
        api_version=_limits()["api"]["version"],
        retry_total=0,
        permit_redirects=False,
        connection_timeout=CONNECT,
        read_timeout=ANSWER,
        user_agent=f"ftlint/{__version__}",
    )
    credential_name = "Entra ID" if entra else "a key"
    log(f"{account.host}: container {account.container}, signing in with {credential_name}")
    return Container(service, account, entra, log)


def _entra(account: Account) -> Entra:
    if account.base.startswith("http:"):
        words = f"{account.host}: Entra ID is for https only"
        raise Unauthorized(f"{words}; use https, or set {KEYS[0]}")
    return Entra(KEYS[0])


def block_size(total: int) -> int:
    """Return the block size in bytes for a file of `total` bytes, the smallest that is allowed."""
    limits = _limits()["blocks"]
    size, most = int(limits["size"]), int(limits["most"])
    return max(size, -(-total // (most * _ROUND)) * _ROUND)


@cache
def _limits() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


class Container:
    """A client for the container `name` at `host`, created by `connect`.

    Methods retry transient errors, and raise `ftlint.core.errors.Failure`.
    """

    def __init__(
        self,
        service: BlobServiceClient,
        account: Account,
        entra: Entra | None,
        log: Callable[[str], None],
    ) -> None:
        self._service, self._account, self._entra = service, account, entra
        self.host = account.host
        self.name = account.container
        self.log = log

    def close(self) -> None:
        """Close the connections."""
        self._service.close()
        if self._entra:
            self._entra.close()

    def put(self, sealed: Sealed, name: str, *, acknowledged: Callable[[int], object]) -> None:
        """Upload a file as the blob `name`, which exists only once the upload is complete.

        Blocks of an earlier attempt are not sent again, nor is a file that already exists.
        `acknowledged` is called with the bytes of each block that the service has, including those
        of earlier attempts. Raises `ftlint.core.errors.Refused` if the file is not the one that
        passed.
        """
        if self._has(name, sealed.passed):
            sealed.verify()
            self.log(f"{self.name}/{name}: is there already, with the same bytes; used again")
            acknowledged(sealed.passed.bytes)
            return
        blob, uploaded = self._blob(name), self._uncommitted(name)
        blocks: list[str] = []
        for index, data in enumerate(sealed.parts(block_size(sealed.passed.bytes))):
            block = f"{index:05d}-{hashlib.sha256(data).hexdigest()[:32]}"
            if uploaded.get(block) != len(data):
                send = partial(blob.stage_block, block, data, len(data), validate_content=True)
                self._request(f"PUT {self.name}/{name}, block {index + 1:,}", send)
            blocks.append(block)
            acknowledged(len(data))
        self._commit(name, blocks, sealed)

    def link(self, name: str, minutes: int = 60) -> str:
        """Return a secret URL that grants read access to this blob for `minutes`.

        It is signed with the account key or, with Entra ID, with a user delegation key.
        """
        from azure.storage.blob import (  # noqa: PLC0415 - an extra, and slow to import
            BlobSasPermissions,
            generate_blob_sas,
        )

        now = datetime.now(UTC)
        start, expiry = now - _SKEW, now + timedelta(minutes=minutes)
        signer: dict[str, Any] = {"account_key": self._account.key}
        if self._account.key is None:
            send = partial(self._service.get_user_delegation_key, start, expiry)
            delegation_key = self._request(f"POST {self.host}, user delegation key", send)
            secret(str(delegation_key.value))
            signer = {"user_delegation_key": delegation_key}
        signed = generate_blob_sas(
            self._account.name,
            self.name,
            name,
            permission=BlobSasPermissions(read=True),
            start=start,
            expiry=expiry,
            protocol="https" if self._account.base.startswith("https:") else "https,http",
            **signer,
        )
        secret(parse_qs(signed)["sig"][0])
        return f"{self._blob(name).url}?{signed}"

    def remove(self, name: str) -> None:
        """Delete a blob, if it exists."""
        self._find(f"DELETE {self.name}/{name}", self._blob(name).delete_blob)

    def _blob(self, name: str) -> BlobClient:
        return self._service.get_blob_client(self.name, name)

    def _has(self, name: str, passed: Passed) -> bool:
        """Return whether the blob exists. Raises `Rejected` if it is another file."""
        properties = self._find(f"HEAD {self.name}/{name}", self._blob(name).get_blob_properties)
        if properties is None:
            return False
        metadata = {key.lower(): value for key, value in (properties.metadata or {}).items()}
        digest = metadata.get(SHA256)
        if (digest, properties.size) == (passed.sha256, passed.bytes):
            return True
        words = f"{self.name}/{name}: a blob of this name is there, and is another file"
        details = f"{properties.size:,} bytes, {SHA256} {digest[:16] if digest else 'not given'}"
        raise Rejected(f"{words} ({details}); delete it, or use another container", status=409)

    def _uncommitted(self, name: str) -> dict[str, int]:
        """Return the sizes in bytes of the blocks of an earlier attempt, by block id."""
        send = partial(self._blob(name).get_block_list, "uncommitted")
        _, blocks = self._find(f"GET {self.name}/{name}, blocks", send) or ([], [])
        if blocks:
            self.log(f"{self.name}/{name}: {len(blocks):,} blocks of an earlier try are there")
        return {block.id: block.size for block in blocks}

    def _commit(self, name: str, ids: list[str], sealed: Sealed) -> None:
        """Commit the blocks to a blob, unless one with the same bytes exists."""
        from azure.core import MatchConditions  # noqa: PLC0415 - comes with the SDK, an extra
        from azure.storage.blob import BlobBlock, ContentSettings  # noqa: PLC0415 - as above

        commit = partial(
            self._blob(name).commit_block_list,
            [BlobBlock(block) for block in ids],
            content_settings=ContentSettings(content_md5=bytearray.fromhex(sealed.md5)),
            metadata={SHA256: sealed.passed.sha256},
            match_condition=MatchConditions.IfMissing,
            validate_content=True,
        )
        try:
            self._request(f"PUT {self.name}/{name}", commit)
        except Rejected:  # a lost response, or a concurrent upload
            if not self._has(name, sealed.passed):
                raise

    def _find(self, request: str, send: Callable[[], T]) -> T | None:
        """Send a request for a blob; return None if the blob does not exist."""
        try:
            return self._request(request, send)
        except Rejected as refused:
            if refused.status != 404 or refused.service_code == NO_CONTAINER:
                raise
            return None

    def _request(self, request: str, send: Callable[[], T]) -> T:
        def once() -> T:
            with failure_of_blob(request, self._account):
                return send()

        return with_retries(once, self.log)
