"""Trying the URLs of images: against a server of this machine, and nothing else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import orjson
import pytest

import ftlint
from ftlint.cli import run
from ftlint.formats import image_urls

RULE = "url-not-publicly-reachable"
LIMITS: Mapping[str, Any] = {"seconds": 5, "at_once": 4, "deadline": 30}
ANSWERS: Mapping[str, tuple[int, Mapping[str, str]]] = {
    "/ok.png": (200, {"Content-Type": "image/png"}),
    "/page": (200, {"Content-Type": "text/html; charset=utf-8"}),
    "/moved": (302, {"Location": "/ok.png"}),
    "/loop": (301, {"Location": "/loop"}),
    "/away": (302, {"Location": "file:///etc/passwd"}),
    "/inside": (302, {"Location": "http://10.0.0.1/1.png"}),
    "/gone": (410, {}),
    "/mapped": (302, {"Location": "http://[::ffff:192.168.0.1]/1.png"}),
}


class Handler(BaseHTTPRequestHandler):
    """Answers from the table; `/signed.png` takes GET alone, as a signed URL does."""

    asked: list[tuple[str, str]]
    hold: threading.Event

    def do_HEAD(self) -> None:
        """Answer, in the time that the path takes."""
        self.asked.append(("HEAD", self.path))
        if self.path == "/slow":
            self.hold.wait(30)
        self.tell(403 if self.path == "/signed.png" else 404)

    def do_GET(self) -> None:
        """Answer without a body."""
        self.asked.append(("GET", self.path))
        self.tell(200)

    def tell(self, other: int) -> None:
        """Send the answer of the table, or the status `other`."""
        status, headers = ANSWERS.get(self.path, (other, {}))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, type[Handler]]]:
    """Serve the table on a free port of this machine; give the base URL and what was asked."""
    hold = threading.Event()
    handler = type("_Handler", (Handler,), {"asked": [], "hold": hold})
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    httpd.daemon_threads = False
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}", handler
    hold.set()
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def words(found: Mapping[str, image_urls.Failure | None], base: str) -> dict[str, str]:
    return {url.removeprefix(base): failure.words for url, failure in found.items() if failure}


def test_what_answers_and_what_does_not(server: tuple[str, type[Handler]]) -> None:
    base, handler = server
    paths = [*ANSWERS, "/missing.png", "/signed.png", "/a b?c=d e"]
    found = image_urls.attempt([base + path for path in paths], **LIMITS, loopback=True)
    assert [url.removeprefix(base) for url in found] == paths
    assert words(found, base) == {
        "/page": "a page answers (text/html), not an image",
        "/loop": "it redirects more than 5 times",
        "/away": "it redirects to what is no URL of the web",
        "/inside": "it leads to an address that is not public",
        "/gone": "HTTP 410",
        "/mapped": "it leads to an address that is not public",
        "/missing.png": "HTTP 404",
        "/a b?c=d e": "HTTP 404",
    }
    assert ("GET", "/signed.png") in handler.asked
    assert ("GET", "/missing.png") not in handler.asked
    assert ("HEAD", "/a%20b?c=d%20e") in handler.asked


def test_this_machine_is_not_called_unless_a_test_says_so(
    server: tuple[str, type[Handler]],
) -> None:
    base, handler = server
    for host in ("127.0.0.1", "localhost"):
        url = base.replace("127.0.0.1", host) + "/ok.png"
        assert words(image_urls.attempt([url], **LIMITS), "") == {
            url: "it leads to an address that is not public"
        }
    assert handler.asked == []


def test_nothing_waits_for_a_server_that_does_not_answer(
    server: tuple[str, type[Handler]],
) -> None:
    base, _ = server
    limits = {**LIMITS, "seconds": 0.05}
    found = image_urls.attempt([f"{base}/slow"], **limits, loopback=True)
    assert found == {f"{base}/slow": image_urls.Failure("no answer in 0.05 s", silent=True)}


def test_the_deadline_leaves_the_rest_out(server: tuple[str, type[Handler]]) -> None:
    base, _ = server
    limits = {**LIMITS, "seconds": 20, "at_once": 1, "deadline": 1}
    known = [f"{base}/ok.png", f"{base}/slow", f"{base}/moved"]
    found = image_urls.attempt(known, **limits, loopback=True)
    assert found == {f"{base}/ok.png": None}


def test_a_closed_port_and_an_unknown_host_are_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/1.png"
    assert image_urls.attempt([url], **LIMITS, loopback=True) == {
        url: image_urls.Failure("connection refused", silent=True)
    }

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    url = "https://images.contoso.com/1.png"
    failure = image_urls.attempt([url], **LIMITS)[url]
    assert failure == image_urls.Failure("its host is not known", silent=True)


def test_a_server_without_tls_or_http_is_told(server: tuple[str, type[Handler]]) -> None:
    base, _ = server
    url = base.replace("http:", "https:") + "/ok.png"
    found = image_urls.attempt([url], **LIMITS, loopback=True)
    assert words(found, "") == {url: "no secure connection can be made to it"}


def test_what_does_not_speak_http_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"220 mail.contoso.com ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/1.png"
        found = image_urls.attempt([url], **LIMITS, loopback=True)
        thread.join()
    assert words(found, "") == {url: "the answer is not HTTP"}


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("::ffff:8.8.8.8", True),
        ("::ffff:10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse
        ("224.0.0.1", False),
        ("::1", False),
        ("fd00::1", False),
        ("fe80::1", False),
        ("192.0.0.8", False),
        ("192.88.99.1", False),
        ("240.0.0.1", False),
        ("64:ff9b::8.8.8.8", True),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::169.254.169.254", False),
        ("64:ff9b::127.0.0.1", False),
        ("64:ff9b:1::8.8.8.8", False),
        ("64:ff9b:1:ffff::10.0.0.1", False),
        ("2002:808:808::1", True),
        ("2002:7f00:1::1", False),
        ("2002:a9fe:a9fe::1", False),
        ("2001::1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("2001:db8::1", False),
        ("3fff::1", False),
        ("fec0::1", False),
        ("feff::1", False),
        ("::10.0.0.1", False),
        ("::8.8.8.8", False),
        ("::ffff:0:8.8.8.8", False),
        ("100::1", False),
        ("5f00::1", False),
        ("4000::1", False),
        ("ff0e::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_which_addresses_are_public(address: str, *, public: bool) -> None:
    assert image_urls.is_public(ip_address(address)) == public


INSIDE = ["64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "fec0::1", "::7f00:1"]


@pytest.mark.parametrize("address", INSIDE)
def test_no_request_goes_inside_by_name_or_by_redirect(
    server: tuple[str, type[Handler]], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    base, handler = server
    monkeypatch.setitem(
        ANSWERS,
        "/embedded",
        (302, {"Location": f"http://[{address}]/1.png"}),
    )
    refused = "it leads to an address that is not public"
    found = image_urls.attempt([f"{base}/embedded"], **LIMITS, loopback=True)
    assert words(found, base) == {"/embedded": refused}

    def resolve(*_: object, **__: object) -> list[Any]:
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80))
        return [public, (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, 80, 0, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    url = "http://images.contoso.com/1.png"
    assert words(image_urls.attempt([url], **LIMITS), "") == {url: refused}
    assert handler.asked == [("HEAD", "/embedded")]


@pytest.mark.parametrize("address", INSIDE)
def test_a_check_tells_an_address_inside_without_a_request(
    in_tmp: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    part = {"type": "image_url", "image_url": {"url": f"https://[{address}]/1.png"}}
    question = {"role": "user", "content": [part]}
    row = {"messages": [question, {"role": "assistant", "content": "a"}]}
    Path("a.jsonl").write_bytes(orjson.dumps(row))
    assert run(["check", "--select", RULE, "a.jsonl"]) == 1
    assert "which only a private network knows" in capsys.readouterr().out


def test_an_answer_is_not_read_beyond_its_headers_nor_unpacked() -> None:
    sent: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            for _ in ("HEAD", "GET"):
                connection, _address = listening.accept()
                with connection:
                    sent.append(connection.recv(1 << 16))
                    status = b"405 No" if sent[-1].startswith(b"HEAD") else b"200 OK"
                    head = b"HTTP/1.1 %s\r\nContent-Encoding: gzip\r\n\r\n" % status
                    connection.sendall(head)
                    with suppress(OSError):  # the client has gone
                        while True:
                            connection.sendall(bytes(1 << 16))

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/1.png"
        assert image_urls.attempt([url], **LIMITS, loopback=True) == {url: None}
        thread.join(60)
    assert not thread.is_alive()
    assert all(b"Accept-Encoding: identity" in request for request in sent)


@pytest.fixture
def host(server: tuple[str, type[Handler]], monkeypatch: pytest.MonkeyPatch) -> str:
    """Let a public name lead to the server; give the base URL."""
    base, _ = server
    real = socket.getaddrinfo

    def found(name: str, port: int, *args: Any, **more: Any) -> Any:
        return real("127.0.0.1" if name == "images.contoso.com" else name, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(image_urls, "attempt", partial(image_urls.attempt, loopback=True))
    return base.replace("127.0.0.1", "images.contoso.com")


def line(*images: str) -> bytes:
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in images]
    messages = [{"role": "user", "content": parts}, {"role": "assistant", "content": "Red."}]
    return orjson.dumps({"messages": messages}) + b"\n"


def profile(limit: int) -> str:
    """Write a profile that tries this many URLs; return its path."""
    Path("mine.toml").write_text(
        f'title = "mine"\nextends = "azure"\n[rules.{RULE}]\nurls = {limit}\nsource = "test"\n',
        encoding="utf-8",
    )
    return "mine.toml"


def test_urls_are_tried_once_when_asked_for(
    host: str, server: tuple[str, type[Handler]], in_tmp: Path
) -> None:
    first = line(f"{host}/ok.png", f"{host}/missing.png", "http://localhost/1.png")
    path = in_tmp / "train.jsonl"
    path.write_bytes(first + line(f"{host}/gone", f"{host}/missing.png"))
    report = ftlint.check(path, select=[RULE])
    assert report.statistics == {}
    assert server[1].asked == []

    report = ftlint.check(path, select=[RULE], check_urls=True)
    shown = [(f.severity, f.location.line, f.message, f.help) for f in report.findings]
    where = "it stands first in the line at byte "
    assert shown == [
        ("warning", 1, f"{host}/missing.png cannot be fetched: HTTP 404", f"{where}0"),
        ("warning", 1, f"{host}/gone cannot be fetched: HTTP 410", f"{where}{len(first)}"),
        (
            "error",
            1,
            "the URL of the image leads to localhost, which only a private network knows",
            None,
        ),
    ]
    assert report.statistics == {"train.jsonl": {RULE: {"urls": 3, "tried": 3, "failed": 2}}}
    assert sorted(server[1].asked) == [
        ("HEAD", "/gone"),
        ("HEAD", "/missing.png"),
        ("HEAD", "/ok.png"),
    ]


@pytest.mark.parametrize("range_size", [1, 200, 1 << 20])
def test_the_first_urls_are_tried_however_the_file_is_cut(
    host: str, server: tuple[str, type[Handler]], in_tmp: Path, range_size: int
) -> None:
    path = in_tmp / "train.jsonl"
    lines = [line(f"{host}/z{n}.png", f"{host}/a{n}.png", f"{host}/ok.png") for n in range(6)]
    path.write_bytes(b"".join(lines))
    report = ftlint.check(
        path, profile=profile(5), select=[RULE], check_urls=True, range_size=range_size
    )
    asked = sorted(path for _, path in server[1].asked)
    assert asked == ["/a0.png", "/a1.png", "/ok.png", "/z0.png", "/z1.png"]
    shown = report.statistics["train.jsonl"][RULE]
    assert shown == {"urls": 13, "tried": 5, "failed": 4}


def test_a_machine_without_the_internet_gets_one_warning(
    monkeypatch: pytest.MonkeyPatch, in_tmp: Path
) -> None:
    def silent(known: Mapping[str, int], **_: object) -> dict[str, image_urls.Failure]:
        return dict.fromkeys(known, image_urls.Failure("no answer in 5 s", silent=True))

    monkeypatch.setattr(image_urls, "attempt", silent)
    path = in_tmp / "train.jsonl"
    path.write_bytes(line("https://images.contoso.com/1.png", "https://images.contoso.com/2.png"))
    report = ftlint.check(path, select=[RULE], check_urls=True)
    messages = [finding.message for finding in report.findings]
    assert messages == ["no answer from any of 2 image URLs: no answer in 5 s"]


def test_the_command_line_says_what_was_tried(
    host: str, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = in_tmp / "train.jsonl"
    path.write_bytes(line(f"{host}/ok.png", f"{host}/moved", f"{host}/gone"))
    choices = ["--select", RULE, "--no-progress", "--check-urls"]
    assert run(["check", path.name, *choices]) == 0
    assert capsys.readouterr().err == (
        "train.jsonl: 3 of 3 image URLs tried, 1 cannot be fetched\n"
    )
    assert run(["check", path.name, *choices, "--profile", profile(2), "--strict"]) == 0
    assert capsys.readouterr().err == (
        "train.jsonl: 2 of 3 image URLs tried, all answer; the rest was not tried\n"
    )
    assert run(["check", path.name, *choices, "--strict", "-qq"]) == 1
    assert capsys.readouterr().err == ""
