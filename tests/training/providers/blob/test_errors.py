"""The blob route where the service is unwell: what is sent again, and what is not."""

from __future__ import annotations

import hashlib
import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from ftlint.core.errors import Failure, Rejected, Unreachable
from ftlint.training.providers import retry
from ftlint.training.providers.blob.container import block_size
from ftlint.training.receipt import PassedFile
from tests.support.blobs import KEYS, NAME, connected, no_keys, passed_file, put

BLOCKS = 5
MIB = 1 << 20
TRIES = 6


class Fault(NamedTuple):
    """An answer that is not the usual one; `status` 0 cuts the connection.

    `done` tells that the work is done all the same.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    done: bool = False
    body: bytes = b""


class Storage(ThreadingHTTPServer):
    """A service with one blob; `faults` are taken in turn, by request, as in "PUT block"."""

    def __init__(self, faults: dict[str, list[Fault]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults = faults
        self.asked: list[str] = []
        self.size = 0
        self.stored: dict[str, str] | None = None

    @property
    def place(self) -> str:
        """The URL of the container."""
        return f"http://127.0.0.1:{self.server_port}/acc/con"

    def work(self, request: str, headers: dict[str, str], body: bytes) -> int:
        """Do what is asked for; return the HTTP status."""
        if request == "PUT block":
            digest = hashlib.md5(body, usedforsecurity=False).digest()
            assert headers["content-md5"] == b64encode(digest).decode()
            self.size += len(body)
        elif request == "PUT blocklist":
            if self.stored:
                return 409
            assert headers["if-none-match"] == "*"
            self.stored = {"x-ms-meta-ftlint_sha256": headers["x-ms-meta-ftlint_sha256"]}
        return 201 if request.startswith("PUT") else 200 if self.stored else 404


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Storage

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        kind = next((word for word in ("blocklist", "block") if f"comp={word}" in query), "")
        request = f"{self.command} {kind}".strip() if path == f"/acc/con/{NAME}" else self.path
        service = self.server
        service.asked.append(request)
        faults = service.faults.get(request)
        fault = faults.pop(0) if faults else None
        status = 0
        if fault is None or fault.done:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = service.work(request, headers, body)
        if fault and not fault.status:
            self.close_connection = True
            return
        self.send_response(fault.status if fault else status)
        for name, value in fault.headers if fault else (service.stored or {}).items():
            self.send_header(name, value)
        said = fault.body if fault else b""
        self.send_header("Content-Type", "application/xml")
        length = service.size if self.command == "HEAD" and service.stored else len(said)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(said)

    do_HEAD = do_GET = do_PUT = do_DELETE = _answer  # noqa: N815 - as http.server calls them

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base
        """Log nothing."""


@contextmanager
def serving(faults: dict[str, list[Fault]] | None = None) -> Iterator[Storage]:
    """Run the service."""
    with Storage(faults or {}) as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Put a key into the environment, and count seconds instead of waiting."""
    no_keys(monkeypatch)
    monkeypatch.setenv(KEYS[1], "cGxhbnRlZA==")
    seconds: list[float] = []
    monkeypatch.setattr(retry, "sleep", seconds.append)
    return seconds


@pytest.fixture
def passed(tmp_path: Path) -> PassedFile:
    return passed_file(tmp_path)


def failure(
    service: Storage, passed: PassedFile, log: Callable[[str], object] = lambda _: None
) -> Failure:
    """Store a file, which fails; return how."""
    with connected(service.place, log) as there, pytest.raises(Failure) as caught:
        put(there, passed)
    return caught.value


def test_a_block_is_sent_again_when_the_service_says(
    slept: list[float], passed: PassedFile
) -> None:
    faults = [Fault(503, (("Retry-After", "130"),)), Fault(429, (("Retry-After", "7"),)), Fault(0)]
    log: list[str] = []
    done: list[int] = []
    with serving({"PUT block": faults}) as service, connected(service.place, log.append) as there:
        put(there, passed, done.append)
    assert service.asked.count("PUT block") == BLOCKS + 3
    assert slept[:2] == [130, 7]
    assert len(slept) == 3
    assert sum(done) == service.size == passed.bytes
    assert "block 1: 127.0.0.1:" in log[1]
    assert "answers 503; trying again in 130.0 s" in log[1]
    assert "the connection was lost; trying again" in log[3]


@pytest.mark.parametrize("fault", [Fault(500, done=True), Fault(0, done=True)])
def test_a_file_is_stored_once_when_the_answer_is_lost(fault: Fault, passed: PassedFile) -> None:
    with serving({"PUT blocklist": [fault]}) as service, connected(service.place) as there:
        put(there, passed)
    assert service.asked[-3:] == ["PUT blocklist", "PUT blocklist", "HEAD"]
    assert service.stored == {"x-ms-meta-ftlint_sha256": passed.sha256}


def test_a_service_that_stays_unwell(slept: list[float], passed: PassedFile) -> None:
    with serving({"PUT block": [Fault(503)] * TRIES}) as service:
        failed = failure(service, passed)
    assert isinstance(failed, Unreachable)
    assert failed.code == 5
    assert str(failed).endswith(f"block 1: 127.0.0.1:{service.server_port} answers 503")
    assert service.asked.count("PUT block") == TRIES == len(slept) + 1


def test_nobody_answers(slept: list[float], passed: PassedFile) -> None:
    with Storage({}) as service:
        pass
    failed = failure(service, passed)
    assert isinstance(failed, Unreachable)
    assert f"no connection to 127.0.0.1:{service.server_port}" in str(failed)
    assert len(slept) == TRIES - 1


def test_no_answer_in_time(passed: PassedFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftlint.training.providers.blob.container.ANSWER", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with (
            connected(f"http://127.0.0.1:{port}/acc/con") as there,
            pytest.raises(Unreachable, match=f"127.0.0.1:{port}: no answer in time"),
        ):
            put(there, passed)


def test_a_redirect_is_not_followed(passed: PassedFile) -> None:
    away = Fault(307, (("Location", "/elsewhere"),))
    with serving({"HEAD": [away]}) as service:
        failed = failure(service, passed)
    assert isinstance(failed, Rejected)
    assert service.asked == ["HEAD"]


def test_blocks_that_are_gone(passed: PassedFile) -> None:
    fault = Fault(400, (("x-ms-error-code", "InvalidBlockList"),))
    with serving({"PUT blocklist": [fault]}) as service:
        failed = failure(service, passed)
    assert isinstance(failed, Rejected)
    assert "answers 400 (InvalidBlockList): " in str(failed)
    assert service.asked[-2:] == ["PUT blocklist", "HEAD"]


@pytest.mark.parametrize("status", [401, 403])
def test_access_is_refused(status: int, passed: PassedFile) -> None:
    fault = Fault(status, (("x-ms-error-code", "AuthenticationFailed"),))
    with serving({"PUT block": [fault]}) as service:
        failed = failure(service, passed)
    assert failed.code == 4
    words = f"answers {status} (AuthenticationFailed); check the key, and the firewall of the"
    assert words in str(failed)
    assert service.asked[-1] == "PUT block"


def test_a_refusal_is_told_in_one_line(passed: PassedFile) -> None:
    said = (
        b"<Error><Code>BlobImmutableDueToPolicy</Code><Message>Not\x1b[2J here.\nTime: 1</Message>"
    )
    fault = Fault(409, (("x-ms-error-code", "BlobImmutableDueToPolicy"),), body=said + b"</Error>")
    with serving({"PUT block": [fault]}) as service:
        failed = failure(service, passed)
    assert isinstance(failed, Rejected)
    assert failed.code == 7
    assert failed.status == 409
    assert "answers 409 (BlobImmutableDueToPolicy): " in str(failed)
    assert str(failed).isprintable()
    assert service.asked.count("PUT block") == 1


def test_blocks_are_as_many_as_a_blob_may_have() -> None:
    assert block_size(0) == block_size(50_000 * 4 * MIB) == 4 * MIB
    assert block_size(50_000 * 4 * MIB + 1) == 5 * MIB
    assert -(-(10**13) // block_size(10**13)) <= 50_000
