"""HTTP handler of a connection: parsing, authentication, dispatch and faults."""

from __future__ import annotations

import hmac
import re
import socket
import struct
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl

import orjson

from ftlint.emulator import routes
from ftlint.emulator.exchange import Exchange, FormField, redacted
from ftlint.emulator.faults import Fault, Faults
from ftlint.emulator.service import services
from ftlint.emulator.service.bodies import Field, IncompleteError, blocks, read_form, read_json
from ftlint.emulator.service.services import Refusal, Service
from ftlint.emulator.service.store import Answer, Call, Store

_VERSION = r"\d{4}-\d{2}-\d{2}(-preview)?"
_BLOCK = 256 << 10
_PIECES = 20
"""Number of pieces of a slow answer's body."""
_NO_SERVICE = Service("", "", "azure", 200, dated=False)


class Host(Protocol):
    """The server of a handler."""

    store: Store
    faults: Faults

    @property
    def address(self) -> str:
        """The address without a path."""

    @property
    def requests(self) -> Iterator[int]:
        """The numbers of the answers to come."""

    def record(self, exchange: Exchange, /) -> None:
        """Record an exchange before its answer is sent."""


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version = "ftlint-emulator"
    sys_version = ""

    def __getattr__(self, name: str) -> Any:
        """Return the handler of any HTTP method, `do_METHOD`."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Log nothing: the emulator has its own log."""

    def _serve(self) -> None:
        """Answer one request, with its fault before, during or after the work."""
        self._path, _, query = self.path.partition("?")
        self._query = dict(parse_qsl(query, keep_blank_values=True))
        match = services.find(self._path)
        self._service, self._below = match or (_NO_SERVICE, self._path)
        self._json: Any = None
        self._form: list[Field] = []
        self._body = blocks(self.rfile, self.headers)
        fault = self._host.faults.due(self.command, self._below)
        try:
            answer = self._answer(fault)
        except IncompleteError:
            self.close_connection = True
            self._record(0, None)
            return
        finally:
            for part in self._form:
                if part.stored:
                    part.stored.drop()
        if answer is None or (fault.cut and fault.when == "after"):
            self._record(0, None)
            self._cut()
            return
        self._record(answer.status, answer)
        self._send(answer, fault)

    def _answer(self, fault: Fault) -> Answer | None:
        """Return the answer, None where the connection is cut before the work."""
        if fault.cut and fault.when == "before":
            next(self._body, b"")  # so that the client has begun to send
            return None
        try:
            work = self._read(fault)
            if fault.status and fault.when == "before":
                raise _refusal(fault)
            answer = work()
            if fault.status:
                raise _refusal(fault)
        except Refusal as refusal:
            for _ in self._body:  # so that the connection can be used again
                pass
            return Answer(refusal.status, self._service.error(refusal))
        return answer

    def _read(self, fault: Fault) -> Callable[[], Answer]:
        """Parse the request; return the work of its route. Raises `Refusal`."""
        service = self._service
        match = routes.find(service, self.command, self._below)
        if match is None:
            raise Refusal(404, "Resource not found")
        route, ids = match
        kind = self.headers.get("Content-Type", "")
        if route.body == "json":
            self._json = read_json(self._body, kind)
        elif route.body == "form":
            self._form = read_form(self._body, kind, self._host.store.folder)
        self._authenticate()
        base = f"{self._host.address}{service.prefix}"
        call = Call(service, ids, self._query, self._json or {}, self._form, fault, base)
        return lambda: self._work(route, call)

    def _work(self, route: routes.Route, call: Call) -> Answer:
        with self._host.store.lock:
            return route.work(self._host.store, call)

    def _authenticate(self) -> None:
        """Check key and API version. Raises `Refusal`."""
        service, version = self._service, self._query.get("api-version")
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        key = token.strip() if scheme.lower() == "bearer" else ""
        if service.azure:
            key = self.headers.get("api-key", "") or key
        wanted = self._host.store.settings.key
        if not key or (wanted and not hmac.compare_digest(key.encode(), wanted.encode())):
            raise Refusal(401, "The key is missing or is not the right one.")
        if service.dated and not (version and re.fullmatch(_VERSION, version)):
            raise Refusal(404, "Resource not found")
        if service.azure and not service.dated and version is not None:
            raise Refusal(400, "api-version query parameter is not allowed when using /v1 path")

    def _send(self, answer: Answer, fault: Fault) -> None:
        """Send an answer: whole, slowly, or only its first half."""
        pieces, size = self._pieces(answer)
        self.send_response(answer.status)
        self.send_header("x-request-id", f"emulator-{next(self._host.requests)}")
        if answer.status != 204:
            kind = "application/octet-stream" if answer.path else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(size))
        if answer.location:
            self.send_header("Location", answer.location)
        if fault.retry_after and answer.status == fault.status:
            self.send_header("Retry-After", fault.retry_after)
        self.end_headers()
        if self.command == "HEAD":
            return
        left = size // 2 if fault.cut else size
        for block in pieces:
            self.wfile.write(block[:left])
            left -= len(block)
            if left <= 0 and fault.cut:
                break
            if fault.slow:
                share = len(block) / max(1, size)
                self._host.store.closing.wait(fault.slow * share)
        if fault.cut:
            self._cut()

    def _pieces(self, answer: Answer) -> tuple[Iterator[bytes], int]:
        """Return the body in pieces, and its size in bytes."""
        if answer.path:
            with open(answer.path, "rb") as file:
                size = file.seek(0, 2)
            block = min(_BLOCK, max(1, size // _PIECES))
            return _read(answer.path, block), size
        text = b"" if answer.data is None else orjson.dumps(answer.data)
        step = max(1, len(text) // _PIECES)
        return (text[start : start + step] for start in range(0, len(text), step)), len(text)

    def _cut(self) -> None:
        """Reset the connection."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _record(self, status: int, answer: Answer | None) -> None:
        fields = (
            FormField(part.name, part.filename, part.content_type, part.size, part.value)
            for part in self._form
        )
        self._host.record(
            Exchange(
                method=self.command,
                path=self._path,
                service=self._service.name,
                below=self._below,
                query=self._query,
                headers=redacted(self.headers),
                content_type=self.headers.get("Content-Type", ""),
                body=self._json,
                form=tuple(fields),
                status=status,
                answer=answer.data if answer else None,
                location=answer.location if answer else "",
            )
        )

    @property
    def _host(self) -> Host:
        return cast("Host", self.server)


def _refusal(fault: Fault) -> Refusal:
    message = fault.message or f"The service answers {fault.status}: a fault of the emulator."
    return Refusal(fault.status, message, code=fault.code)


def _read(path: str, size: int) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while block := file.read(size):
            yield block
