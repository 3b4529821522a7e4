"""An HTTP server on loopback, as able or unable as a test wants it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


@dataclass
class Web:
    """What is served (`files` by path), how, and what was asked for.

    `ranges` says whether parts are given, `length` whether a Content-Length is sent, `head`
    whether HEAD is known, `status` what every answer is where it is not 0. After `fails_after`
    requests the connection is cut in the middle of the answer.
    """

    files: dict[str, bytes]
    ranges: bool = True
    length: bool = True
    head: bool = True
    status: int = 0
    fails_after: int | None = None
    tag: str = '"1"'
    address: str = ""
    asked: list[str] = field(default_factory=list)

    def answer(self, handler: BaseHTTPRequestHandler, *, body: bool) -> None:
        """Answer one request."""
        span = _RANGE.fullmatch(handler.headers.get("Range", ""))
        self.asked.append(f"{handler.command} {span[1]}-{span[2]}" if span else handler.command)
        data = self.files.get(handler.path.partition("?")[0])
        if data is None or self.status or not (body or self.head):
            handler.send_error(self.status or (404 if data is None else 405))
            return
        part = data
        if span and self.ranges:
            part = data[int(span[1]) : int(span[2]) + 1]
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {span[1]}-{span[2]}/{len(data)}")
        else:
            handler.send_response(200)
        if self.length:
            handler.send_header("Content-Length", str(len(part)))
        handler.send_header("ETag", self.tag)
        handler.end_headers()
        if body:
            cut = self.fails_after is not None and len(self.asked) > self.fails_after
            with suppress(ConnectionError):  # who asks may have seen enough
                handler.wfile.write(part[: len(part) // 2] if cut else part)


@contextmanager
def serve(web: Web) -> Iterator[Web]:
    """Serve while the block runs; the address is known from then on."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.answer(self, body=True)

        def do_HEAD(self) -> None:
            web.answer(self, body=False)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        web.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield web
        finally:
            server.shutdown()
