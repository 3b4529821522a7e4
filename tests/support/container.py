"""A container of Azure Blob Storage for tests: in memory, on loopback, without the SDK."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ftlint.training.providers.blob import container
from ftlint.training.verified_file import SealedFile


class Store:
    """Stands for a container of Azure Blob Storage: what is put there can be fetched."""

    def __init__(self, address: str, blobs: dict[str, bytes]) -> None:
        self._address, self._blobs = address, blobs

    def put(self, sealed: SealedFile, name: str, *, acknowledged: Any) -> None:
        """Store a file that passed, whole or not at all."""
        data = b"".join(sealed.parts(1000))
        self._blobs[name] = data
        acknowledged(len(data))

    def link(self, name: str) -> str:
        """Return where it is."""
        return f"{self._address}/{name}"

    def close(self) -> None:
        """Do nothing: no connection is open."""


@contextlib.contextmanager
def blobs() -> Iterator[str]:
    """Serve what a `Store` holds; yield what to give as its URL."""
    held: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = held[self.path[1:]]
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(container, "connect", lambda *_: Store(address, held))
                yield f"{address}/account/container"
        finally:
            server.shutdown()
            thread.join()
