"""A service on loopback that answers whatever a test wants, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ftlint.training.providers import connect, find
from ftlint.training.providers.client import Api

KEY = "k-Planted/0123456789+abcdef=="
"""It holds what is written otherwise in URLs."""

DATED = "2024-10-21"

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Asked:
    """A request: names of `headers` are in lower case, `size` is the bytes of its body."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    size: int

    @property
    def path(self) -> str:
        """The path, without the query."""
        return urlsplit(self.target).path


@dataclass(frozen=True)
class Said:
    """An answer: `data` as JSON, or `body` as it stands; `cut` ends the connection instead."""

    data: Any = None
    status: int = 200
    body: bytes | None = None
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class Stub:
    """Answers with what `answer` returns; bodies are kept up to `keep` bytes."""

    answer: Callable[[Asked], Said]
    keep: int = 1 << 20
    address: str = ""
    asked: list[Asked] = field(default_factory=list)

    def paths(self, method: str) -> list[str]:
        """Return the paths that were asked for by a method."""
        return [request.path for request in self.asked if request.method == method]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body, size = _body(handler, self.keep)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Asked(handler.command, handler.path, headers, body, size)
        self.asked.append(request)
        said = self.answer(request)
        if said.cut:
            handler.close_connection = True
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return
        text = json.dumps(said.data).encode() if said.body is None else said.body
        handler.send_response(said.status)
        for name, value in {"Content-Type": said.kind, **said.headers}.items():
            handler.send_header(name, value)
        if said.status != 204:
            handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        if said.status != 204:
            with suppress(ConnectionError):  # whoever asked may have gone
                handler.wfile.write(text)


class Log(NamedTuple):
    """A `ProgressLog` of two functions."""

    info: Callable[[str], None]
    debug: Callable[[str], None]


@contextmanager
def reach(
    address: str,
    version: str | None = None,
    client: str = "azure",
    log: Callable[[str], None] = lambda _: None,
) -> Iterator[Api]:
    """Open the client for an address, as the commands do; the key comes from the environment."""
    upload = {"client": client, "default_version": DATED, "versions": [DATED, "v1"]}
    api = connect(find(upload, address, version), Log(log, log))
    try:
        yield api
    finally:
        api.close()


def _body(handler: BaseHTTPRequestHandler, keep: int) -> tuple[bytes, int]:
    """Read a body, however it is sent; return what is kept of it, and its size."""
    kept, size = b"", 0
    for block in _blocks(handler):
        kept += block[: keep - len(kept)]
        size += len(block)
    return kept, size


def _blocks(handler: BaseHTTPRequestHandler) -> Iterator[bytes]:
    if handler.headers.get("Transfer-Encoding") == "chunked":
        while length := int(handler.rfile.readline() or b"0", 16):
            yield handler.rfile.read(length)
            handler.rfile.readline()
        handler.rfile.readline()
        return
    left = int(handler.headers.get("Content-Length", 0))
    while left and (block := handler.rfile.read(min(left, _BLOCK))):
        yield block
        left -= len(block)


@contextmanager
def stub(answer: Callable[[Asked], Said], host: str = "127.0.0.1") -> Iterator[Stub]:
    """Serve while the block runs."""
    serving = Stub(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return lambda: serving.serve(self)
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def handle_error(self, *_: object) -> None:
            """Say nothing of connections that end early."""

    with Server((host, 0), Handler) as server:
        name = f"[{host}]" if ":" in host else host
        serving.address = f"http://{name}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield serving
        finally:
            server.shutdown()
            thread.join()
