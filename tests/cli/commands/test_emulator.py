"""`ftlint emulator` as a process: how it begins and ends, what it says, what it costs."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from ftlint.cli import run
from ftlint.core.errors import FtlintError
from ftlint.emulator import KEY, Emulator
from tests.support.helpers import COMMAND, environment, one_line

SIZE = 100_000_000
BLOCK = b"x" * 100_000


@contextmanager
def started(
    *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run the emulator as a process; yield it, and what it says is to be exported."""
    with subprocess.Popen(
        [*COMMAND, "emulator", "--port", "0", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(env),
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        try:
            words = [line.removeprefix("export ").strip().partition("=") for line in lines]
            yield process, {name: value for name, _, value in words}
        finally:
            with suppress(ProcessLookupError):
                process.kill()


def get(address: str, path: str, key: str) -> tuple[int, Any]:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    data = orjson.loads(answer.read())
    connection.close()
    return answer.status, data


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_begins_and_ends(number: signal.Signals) -> None:
    with started() as (process, exported):
        assert list(exported) == [
            "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_KEY"
        ]  # fmt: skip
        address = exported["AZURE_OPENAI_ENDPOINT"]
        assert address.startswith("http://127.0.0.1:")
        assert exported["OPENAI_BASE_URL"] == f"{address}/v1"
        key = exported["AZURE_OPENAI_API_KEY"]
        query = "?api-version=2024-10-21&sig=planted"
        assert get(address, f"/openai/files{query}", key) == (200, {"object": "list", "data": []})
        assert get(address, "/v1/files/file-1", "planted")[0] == 404
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    assert err == "GET /openai/files 200\nGET /v1/files/file-1 404\n"


def test_it_can_be_quiet_and_keeps_the_key_of_the_user_to_itself() -> None:
    with started("-q", "--paging", "--fault", "GET /files/* status=418",
                 env={KEY: "planted"}) as (process, exported):  # fmt: skip
        address = exported["AZURE_OPENAI_ENDPOINT"]
        assert exported["OPENAI_API_KEY"] == f'"${KEY}"'
        path = "/openai/files?api-version=2024-10-21"
        assert get(address, path, "planted")[1]["has_more"] is False
        assert get(address, "/v1/files", "another")[0] == 401
        assert get(address, "/v1/files/file-1", "planted")[0] == 418
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_port_in_use_is_a_clear_message(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["emulator", "--port", str(port)]) == 2
    message = one_line(capsys.readouterr().err)
    assert message.startswith(f"port {port} of 127.0.0.1 is in use; choose another with --port")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fault", "POST /files"], "--fault 'POST /files': nothing goes wrong; expected METHOD"),
        (["--fault", "POST /files status=x"], "status=x is no number from 400"),
        (["--port", "70000"], "--port"),
        (["--delay", "-1"], "--delay"),
        (["--delay", "nan"], "--delay"),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["emulator", *arguments]) == 2
    assert message in one_line(capsys.readouterr().err)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftlint.emulator.server.find_spec", lambda _: None)
    with pytest.raises(FtlintError, match=r"pip install 'ftlint\[upload\]'"):
        Emulator()


def test_the_log_goes_where_it_can() -> None:
    with started() as (process, exported):
        assert process.stderr is not None
        process.stderr.close()
        for _ in range(3):
            assert get(exported["AZURE_OPENAI_ENDPOINT"], "/v1/files", "k")[0] == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def peak(process: subprocess.Popen[str]) -> int:
    """Return the most memory that a process had so far, in bytes."""
    text = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if "VmHWM" in line) * 1024


def form_of(name: str) -> tuple[Iterator[bytes], dict[str, str]]:
    """Return the body of a form with one large file, in blocks, and its headers."""
    head = f'--m\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n'.encode()
    head += b"Content-Type: a/b\r\n\r\n"
    purpose = b'\r\n--m\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch'
    tail = (purpose if name == "file" else b"") + b"\r\n--m--\r\n"

    def blocks() -> Iterator[bytes]:
        yield head
        for _ in range(SIZE // len(BLOCK)):
            yield BLOCK
        yield tail

    length = len(head) + SIZE + len(tail)
    return blocks(), {
        "Authorization": "Bearer k",
        "Content-Type": "multipart/form-data; boundary=m",
        "Content-Length": str(length),
    }


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_large_file_is_not_held_in_memory() -> None:
    with started("-q") as (process, exported):
        connection = HTTPConnection(urlsplit(exported["OPENAI_BASE_URL"]).netloc, timeout=60)

        def post(path: str, body: Any, headers: Mapping[str, str]) -> Any:
            connection.request("POST", f"/openai{path}?api-version=2024-10-21", body, headers)
            return orjson.loads(connection.getresponse().read())

        before = peak(process)
        body, headers = form_of("file")
        assert post("/files", body, headers)["bytes"] == SIZE
        json = {"Authorization": "Bearer k", "Content-Type": "application/json"}
        begun = {"purpose": "batch", "filename": "a", "bytes": SIZE, "mime_type": "a/b"}
        upload = post("/uploads", orjson.dumps(begun), json)["id"]
        body, headers = form_of("data")
        part = post(f"/uploads/{upload}/parts", body, headers)["id"]
        parts = orjson.dumps({"part_ids": [part]})
        assert post(f"/uploads/{upload}/complete", parts, json)["status"] == "completed"
        connection.close()
        assert peak(process) - before < 30_000_000
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
