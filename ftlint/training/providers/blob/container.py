"""Azure Blob Storage: a file in blocks, resumed from those that the service has, and a link to it.

The SDK makes the requests and signs them; its retries are off, redirects are not followed, and
what it says is put into words here, since it may hold a signature.
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
"""Key of a blob's metadata: the digest of the file that passed, in hexadecimal."""

_ROUND = 1 << 20
"""Bytes that the size of a block is a multiple of."""

_SKEW = timedelta(minutes=5)
"""How long a link has been valid when it is made, for services whose clock is behind."""

T = TypeVar("T")


class Passed(Protocol):
    """What is known of a file that passed; see `ftlint.training.receipt.PassedFile`."""

    @property
    def sha256(self) -> str:
        """The digest, in hexadecimal."""

    @property
    def bytes(self) -> int:
        """The size."""


class Sealed(Protocol):
    """A file that passed; see `ftlint.training.verified_file.SealedFile`."""

    @property
    def passed(self) -> Passed:
        """What passed."""

    @property
    def md5(self) -> str:
        """MD5 of what was read, in hexadecimal."""

    def parts(self, size: int) -> Iterator[bytes]:
        """Yield the file in parts of `size` bytes."""

    def verify(self) -> None:
        """Read all of it. Raises `ftlint.core.errors.Refused` for bytes that did not pass."""


def connect(container: str, told: Callable[[str], None]) -> Container:
    """Make a client for a container, given as a URL or, with a connection string, as a name.

    Credentials come from the environment: AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY, or
    Entra ID. `told` is called with what happens, in words. No request is sent. Raises
    `ftlint.core.errors.FtlintError` for what is no container, `ftlint.core.errors.Unauthorized`
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
        api_version=_facts()["api"]["version"],
        retry_total=0,
        permit_redirects=False,
        connection_timeout=CONNECT,
        read_timeout=ANSWER,
        user_agent=f"ftlint/{__version__}",
    )
    how = "Entra ID" if entra else "a key"
    told(f"{account.host}: container {account.container}, signing in with {how}")
    return Container(service, account, entra, told)


def _entra(account: Account) -> Entra:
    if account.base.startswith("http:"):
        words = f"{account.host}: Entra ID is for https only"
        raise Unauthorized(f"{words}; use https, or set {KEYS[0]}")
    return Entra(KEYS[0])


def block_size(total: int) -> int:
    """Return the bytes of a block for a file of `total` bytes: as few as the service allows."""
    facts = _facts()["blocks"]
    size, most = int(facts["size"]), int(facts["most"])
    return max(size, -(-total // (most * _ROUND)) * _ROUND)


@cache
def _facts() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


class Container:
    """A container that files are put into, at `host`, called `name`. Made by `connect`.

    Methods raise `ftlint.core.errors.Failure`; what may pass is tried again.
    """

    def __init__(
        self,
        service: BlobServiceClient,
        account: Account,
        entra: Entra | None,
        told: Callable[[str], None],
    ) -> None:
        self._service, self._account, self._entra = service, account, entra
        self.host = account.host
        self.name = account.container
        self.told = told

    def close(self) -> None:
        """Close the connections."""
        self._service.close()
        if self._entra:
            self._entra.close()

    def put(self, sealed: Sealed, name: str, *, acknowledged: Callable[[int], object]) -> None:
        """Send a file as a blob called `name`; there is none until all of it has arrived.

        Blocks that an earlier try has sent are not sent again, nor is a file that is there.
        `acknowledged` is called with the bytes that the service has, as they come, those of before
        included. Raises `ftlint.core.errors.Refused` for a file that is not the one that passed.
        """
        if self._has(name, sealed.passed):
            sealed.verify()
            self.told(f"{self.name}/{name}: is there already, with the same bytes; used again")
            acknowledged(sealed.passed.bytes)
            return
        blob, kept = self._blob(name), self._kept(name)
        blocks: list[str] = []
        for index, data in enumerate(sealed.parts(block_size(sealed.passed.bytes))):
            block = f"{index:05d}-{hashlib.sha256(data).hexdigest()[:32]}"
            if kept.get(block) != len(data):
                send = partial(blob.stage_block, block, data, len(data), validate_content=True)
                self._ask(f"PUT {self.name}/{name}, block {index + 1:,}", send)
            blocks.append(block)
            acknowledged(len(data))
        self._commit(name, blocks, sealed)

    def link(self, name: str, minutes: int = 60) -> str:
        """Return a URL, a secret, that reads this one blob and does nothing else, for `minutes`.

        With a key it is signed with that, with Entra ID with a key that the service gives for this
        time.
        """
        from azure.storage.blob import (  # noqa: PLC0415 - an extra, and slow to import
            BlobSasPermissions,
            generate_blob_sas,
        )

        now = datetime.now(UTC)
        start, expiry = now - _SKEW, now + timedelta(minutes=minutes)
        signer: dict[str, Any] = {"account_key": self._account.key}
        if self._account.key is None:
            ask = partial(self._service.get_user_delegation_key, start, expiry)
            given = self._ask(f"POST {self.host}, user delegation key", ask)
            secret(str(given.value))
            signer = {"user_delegation_key": given}
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
        """Delete a blob; one that is not there is no failure."""
        self._find(f"DELETE {self.name}/{name}", self._blob(name).delete_blob)

    def _blob(self, name: str) -> BlobClient:
        return self._service.get_blob_client(self.name, name)

    def _has(self, name: str, passed: Passed) -> bool:
        """Tell whether the blob is there. Raises `Rejected` where it is another file."""
        known = self._find(f"HEAD {self.name}/{name}", self._blob(name).get_blob_properties)
        if known is None:
            return False
        metadata = {key.lower(): value for key, value in (known.metadata or {}).items()}
        digest = metadata.get(SHA256)
        if (digest, known.size) == (passed.sha256, passed.bytes):
            return True
        words = f"{self.name}/{name}: a blob of this name is there, and is another file"
        facts = f"{known.size:,} bytes, {SHA256} {digest[:16] if digest else 'not given'}"
        raise Rejected(f"{words} ({facts}); delete it, or use another container", status=409)

    def _kept(self, name: str) -> dict[str, int]:
        """Return the sizes of the blocks that the service has of an earlier try, by their id."""
        ask = partial(self._blob(name).get_block_list, "uncommitted")
        _, blocks = self._find(f"GET {self.name}/{name}, blocks", ask) or ([], [])
        if blocks:
            self.told(f"{self.name}/{name}: {len(blocks):,} blocks of an earlier try are there")
        return {block.id: block.size for block in blocks}

    def _commit(self, name: str, ids: list[str], sealed: Sealed) -> None:
        """Make the blob of its blocks. One of the same bytes that came first is as good."""
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
            self._ask(f"PUT {self.name}/{name}", commit)
        except Rejected:  # an answer that was lost, or somebody else with the same file
            if not self._has(name, sealed.passed):
                raise

    def _find(self, asked: str, do: Callable[[], T]) -> T | None:
        """Ask for something of a blob, None where there is no such blob."""
        try:
            return self._ask(asked, do)
        except Rejected as refused:
            if refused.status != 404 or refused.service_code == NO_CONTAINER:
                raise
            return None

    def _ask(self, asked: str, do: Callable[[], T]) -> T:
        def once() -> T:
            with failure_of_blob(asked, self._account):
                return do()

        return with_retries(once, self.told)
