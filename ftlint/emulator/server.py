"""Loopback server of the emulator, and its life cycle."""

from __future__ import annotations

import errno
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import ThreadingHTTPServer
from importlib.util import find_spec
from itertools import count
from typing import Any, Self

from ftlint.core.errors import FtlintError
from ftlint.emulator.exchange import Exchange
from ftlint.emulator.faults import Faults
from ftlint.emulator.handler import Handler
from ftlint.emulator.service.course import Job
from ftlint.emulator.service.records import File, Upload
from ftlint.emulator.service.store import Settings, Store

HOST = "127.0.0.1"
"""The only address to listen on: a fake service must not be reachable."""
_SHUTDOWN_POLL = 0.05
"""Seconds between two checks for shutdown."""


class Server(ThreadingHTTPServer):
    """A server that tracks its connections, so that it can end them."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, store: Store, record: Callable[[Exchange], None]) -> None:
        self.store, self.record = store, record
        self.faults = Faults(tuple(store.settings.faults))
        self.connections: set[socket.socket] = set()
        self.requests = count(1)
        super().__init__((HOST, store.settings.port), Handler)

    @property
    def address(self) -> str:
        """The address of the emulator, without a path."""
        return f"http://{HOST}:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a connection."""
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a connection that the client has cut."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end(self) -> None:
        """Stop listening and end open connections."""
        self.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Emulator:
    """An emulator of Azure OpenAI and OpenAI that runs while its `with` block does.

    `address` is Azure's endpoint (OpenAI's base URL is `address` + /v1), `exchanges` are the
    requests and answers so far; `observe`, if set, is called with each exchange before its answer
    is sent. Raises `FtlintError` where python-multipart is missing or the port is taken.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        if find_spec("python_multipart") is None:
            raise FtlintError(
                "the emulator needs python-multipart; install it with pip install 'ftlint[upload]'"
            )
        self.settings = settings or Settings()
        self.exchanges: list[Exchange] = []
        self.observe: Callable[[Exchange], None] | None = None
        self._store = Store(self.settings)
        try:
            self._server = Server(self._store, self._record)
        except OSError as error:
            self._store.close()
            raise FtlintError(_why(error, self.settings.port)) from None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_SHUTDOWN_POLL,))

    @property
    def address(self) -> str:
        """Address of the emulator: http://127.0.0.1:PORT."""
        return self._server.address

    @property
    def folder(self) -> str:
        """Folder with the content of files and parts, removed when the emulator ends."""
        return self._store.folder

    @property
    def files(self) -> dict[str, File]:
        """The files by id."""
        return self._store.files

    @property
    def uploads(self) -> dict[str, Upload]:
        """The uploads by id."""
        return self._store.uploads

    @property
    def jobs(self) -> dict[str, Job]:
        """The jobs by id."""
        return self._store.jobs

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._store.closing.set()
        self._server.end()
        self._thread.join()
        self._store.close()

    def _record(self, exchange: Exchange) -> None:
        if self.settings.record:
            self.exchanges.append(exchange)
        if self.settings.log:
            status = str(exchange.status or "cut")
            self.settings.log(f"{exchange.method} {exchange.path} {status}")
        if self.observe:
            self.observe(exchange)


def _why(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {HOST} is in use; choose another with --port (0: any that is free)"
    return f"port {port} of {HOST} cannot be listened on: {(error.strerror or str(error)).lower()}"
