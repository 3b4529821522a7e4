"""Azurite, the emulator of Azure Blob Storage, as a process of its own on loopback.

`make test` installs it from `tests/support/package.json`; a test takes the fixture `azurite`.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Self

PROGRAM = (
    Path(__file__).parents[2]
    / ".cache"
    / "node"
    / "node_modules"
    / "azurite"
    / "dist"
    / "src"
    / "blob"
    / "main.js"
)
NODE = shutil.which("node")
MISSING = (
    None if NODE and PROGRAM.exists() else "Azurite is installed by `make test`, if npm is there"
)

_ACCOUNT = "ftlint"
_LISTENS = re.compile(r"listens on (https?://127\.0\.0\.1:\d+)")
_REQUEST = re.compile(r'"((?:GET|HEAD|PUT) [^ ]+)')
_PATIENCE = 60


class Azurite:
    """The running emulator; its data are in memory.

    `connection` is what AZURE_STORAGE_CONNECTION_STRING has to be, `address` the HTTP address of
    the account, `account` its name, `key` its key. With a `certificate` (files of it and of its
    key) it speaks HTTPS, takes tokens of Entra ID, whoever signed them, and is particular about
    the version of the API.
    """

    account = _ACCOUNT

    def __init__(self, certificate: tuple[str, str] | None = None) -> None:
        from azure.storage.blob import (  # noqa: PLC0415 - half a second, for these tests only
            BlobServiceClient,
        )

        self.key = base64.b64encode(secrets.token_bytes(64)).decode()
        self._log: list[str] = []
        self._told = threading.Condition()
        self._listens = threading.Event()
        options = ["--skipApiVersionCheck"]
        if certificate:
            options = ["--cert", certificate[0], "--key", certificate[1], "--oauth", "basic"]
        self._process = subprocess.Popen(
            [
                *(str(NODE), str(PROGRAM), "--blobHost", "127.0.0.1", "--blobPort", "0"),
                *("--inMemoryPersistence", "--disableTelemetry", *options),
            ],
            env={**os.environ, "AZURITE_ACCOUNTS": f"{_ACCOUNT}:{self.key}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        if not self._listens.wait(_PATIENCE) or self._process.poll() is not None:
            self.stop()
            raise AssertionError("".join(self._log))
        (place,) = [found[1] for line in self._log if (found := _LISTENS.search(line))]
        self.address = f"{place}/{_ACCOUNT}"
        self.connection = self.connection_with(self.key)
        self._client = BlobServiceClient.from_connection_string(
            self.connection,
            api_version="2025-11-05",
            connection_verify=certificate[0] if certificate else True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self.stop()

    def connection_with(self, key: str) -> str:
        """Return a connection string with a key, right or wrong."""
        scheme = self.address.partition(":")[0]
        account = f"DefaultEndpointsProtocol={scheme};AccountName={_ACCOUNT};AccountKey={key}"
        return f"{account};BlobEndpoint={self.address};"

    def container(self, name: str) -> str:
        """Make a container; return its URL."""
        self._client.create_container(name)
        return f"{self.address}/{name}"

    def blobs(self, container: str) -> list[str]:
        """Return the names of the blobs in a container."""
        return sorted(self._client.get_container_client(container).list_blob_names())

    def upload(self, name: str, data: bytes) -> str:
        """Store a blob under `container/path`; return its URL for ftlint."""
        container, _, path = name.partition("/")
        known = self._client.get_container_client(container)
        if not known.exists():
            known.create_container()
        known.upload_blob(path, data, overwrite=True)
        return f"az://{name}"

    def requests(self, name: str) -> list[str]:
        """Return what was asked of a blob (container/path) so far: "GET /account/name?..."."""
        mark = f"mark-{secrets.token_hex(8)}"
        self._client.get_container_client(mark).exists()
        with self._told:  # the log comes after the answers
            if not self._told.wait_for(lambda: any(mark in line for line in self._log), _PATIENCE):
                raise AssertionError("the log does not come")
        asked = [found[1] for line in self._log if (found := _REQUEST.search(line))]
        return [entry for entry in asked if f"/{name}" in entry]

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        if self._process.stdout is None:
            raise AssertionError("no pipe to read")
        with self._process.stdout as stream:
            for line in stream:
                with self._told:
                    self._log.append(line)
                    self._told.notify_all()
                if _LISTENS.search(line):
                    self._listens.set()
        self._listens.set()
