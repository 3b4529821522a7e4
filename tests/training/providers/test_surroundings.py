"""Odd proxies in the environment, and odd ids of a service, are reported in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftlint.cli import run
from ftlint.training.providers import retry
from tests.support.helpers import one_line, write
from tests.support.service import GOOD, MODEL
from tests.support.stub import Asked, Said, stub

KEY = "planted-key-0123456789abcdef"
ODD = ["a\r\nX: y", "../../admin", "a/b", "\x1b[2J", "a b", "", "x" * 300, "a?b", "\u202e"]


@pytest.fixture(autouse=True)
def _signed(monkeypatch: pytest.MonkeyPatch, in_tmp: Path) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.setattr(retry, "sleep", lambda _: None)
    write("train.jsonl", GOOD)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    "value",
    ["ftp://x", "://", "[", "http://[::1", "http://[bad]:1", "http://a:b@[bad]:1", "http://x:abc",
     "http://\x01", "http://\u202e:1", "\udcff", "socks4://127.0.0.1:9"],
)  # fmt: skip
def test_an_odd_proxy_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    code = run(["jobs", "list", "-q", "--endpoint", "https://127.0.0.1:9"])
    words = one_line(capsys.readouterr().err)
    assert (code, f"{variable} is not usable: " in words) == (2, True) or (
        code == 5 and f"check the proxy in {variable} too" in words
    )
    assert "bug" not in words


@pytest.mark.parametrize("value", ["nonsense", "http://[::1", "[", "*,", "\udcff", "://", "\x01"])
def test_no_proxy_may_hold_anything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    monkeypatch.setenv("NO_PROXY", value)
    assert run(["jobs", "list", "-q", "--endpoint", "https://127.0.0.1:9"]) in (2, 5)
    assert "bug" not in one_line(capsys.readouterr().err)


def of_service(name: str, **made: Any) -> Said:
    """Return an answer in which every id is `name`."""
    thing = {"id": name, "object": "file", "filename": name, "status": "succeeded", **made}
    return Said({**thing, "data": [thing], "training_file": name, "result_files": [name]})


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(
    "arguments",
    [
        ["upload", "train.jsonl"],
        ["run", "train.jsonl", "--model", MODEL, "--yes", "--reconcile-for", "0"],
        ["jobs", "list"],
        ["jobs", "show", "ftjob-1"],
        ["jobs", "results", "ftjob-1"],
        ["jobs", "checkpoints", "ftjob-1"],
        ["jobs", "reconcile"],
    ],
    ids=" ".join,
)
def test_an_odd_id_is_no_part_of_a_request(
    capsys: pytest.CaptureFixture[str], arguments: list[str], name: str
) -> None:
    with stub(lambda _: of_service(name, created_at=0, bytes=0)) as service:
        run([*arguments, "--endpoint", service.address])
        paths = [request.path for request in service.asked]
    out, err = capsys.readouterr()
    assert "bug" not in err
    assert "\x1b" not in out + err
    assert not any(name in path for path in paths if len(name) > 1)


def test_a_file_whose_id_cannot_be_used_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(asked: Asked) -> Said:
        return of_service("a\r\nb") if asked.method == "POST" else Said({"data": []})

    with stub(answer) as service:
        assert run(["upload", "train.jsonl", "-q", "--endpoint", service.address]) == 7
    assert 'gives the id "a\\x0d\\x0ab"' in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("data", [None, b"no certificate"])
def test_certificates_that_cannot_be_used_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: bytes | None
) -> None:
    if data is not None:
        write("ca.pem", data)
    monkeypatch.setenv("SSL_CERT_FILE", "ca.pem")
    assert run(["jobs", "list", "-q", "--endpoint", "https://127.0.0.1:9"]) == 2
    assert "SSL_CERT_FILE or SSL_CERT_DIR is not usable" in one_line(capsys.readouterr().err)
