"""A planted key appears nowhere: every remote command, every fault, at the highest verbosity."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import secrets
import subprocess
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from ftlint.cli import run
from ftlint.emulator import Emulator, Fault, Settings
from ftlint.training.providers import retry
from tests.support.helpers import COMMAND, environment, write
from tests.support.service import GOOD, MODEL
from tests.support.stub import Asked, Said, stub

KEY = f"k-{secrets.token_urlsafe(24)}/+{secrets.token_hex(8)}=="
ID_KEY = re.sub(r"[^\w-]", "", KEY)
"""A key as it may stand in an id."""
JOB = "ftjob-0123456789abcdef"
PLACE = ["--subscription", "s", "--resource-group", "g", "--account", "a", "--name", "n"]
QUICK = ["--poll", "0"]
LAUNCH = ["--model", MODEL, *QUICK, "--reconcile-for", "0", "--patience", "0"]

COMMANDS: dict[str, list[str]] = {
    "upload": ["upload", "train.jsonl", *QUICK, "--patience", "0"],
    "upload in parts": ["upload", "train.jsonl", *QUICK, "--patience", "0", "--route", "uploads"],
    "launch, dry": ["launch", "train.jsonl", *LAUNCH],
    "launch": ["launch", "train.jsonl", *LAUNCH, "--yes"],
    "run, dry": ["run", "train.jsonl", *LAUNCH],
    "run": ["run", "train.jsonl", *LAUNCH, "--yes", "--timeout", "0"],
    "jobs list": ["jobs", "list"],
    "jobs show": ["jobs", "show", JOB],
    "jobs watch": ["jobs", "watch", JOB, *QUICK, "--timeout", "0"],
    "jobs checkpoints": ["jobs", "checkpoints", JOB],
    "jobs results": ["jobs", "results", JOB],
    "jobs cancel": ["jobs", "cancel", JOB, "--yes"],
    "jobs pause": ["jobs", "pause", JOB, "--yes", "--api-version", "v1"],
    "jobs resume": ["jobs", "resume", JOB, "--yes", "--api-version", "v1"],
    "jobs reconcile": ["jobs", "reconcile"],
    "jobs deploy": ["jobs", "deploy", f"gpt-4.1.ft-{JOB}", "--dry-run", *PLACE],
    "jobs delete": ["jobs", "delete", JOB, "--dry-run"],
}
"""Every command that may speak with a service."""

NOISELESS = {"jobs deploy", "jobs delete"}
"""Those that take no -v: they send nothing."""


def forms(key: str) -> set[str]:
    """Return the key as it may be written: plainly, in URLs, JSON, Python, and Base64."""
    found = {key, quote(key, safe=""), quote(key), quote_plus(key), quote(key, safe="").lower()}
    found |= {json.dumps(key)[1:-1], repr(key)[1:-1], f"Bearer {key}"}
    found |= {key.upper(), key.lower(), key[::-1], key.encode().hex(), key.encode().hex().upper()}
    for before in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            found.add(encode(bytes(before) + key.encode()).decode()[4:-4])
    return found


def leaks(*texts: str | bytes) -> list[str]:
    """Return the forms of the key that stand in texts, or in files of the working directory."""
    found = [text if isinstance(text, str) else text.decode("utf-8", "replace") for text in texts]
    written = (path for path in Path().rglob("*") if path.is_file() and path.name != "train.jsonl")
    found += [path.read_bytes().decode("utf-8", "replace") for path in written]
    return [form for form in forms(KEY) for text in found if form in text]


@pytest.fixture(autouse=True)
def _planted(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant the key, and have everything told that can be."""
    for name in ("AZURE_OPENAI_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, KEY)
    for name in ("AZURE_OPENAI_AD_TOKEN", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FTLINT_DEBUG", "1")
    monkeypatch.setenv("OPENAI_LOG", "debug")
    monkeypatch.setattr(retry, "sleep", lambda _: None)
    write("train.jsonl", GOOD)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what the libraries log, at the lowest level, as OPENAI_LOG=debug has it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def run_all(
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *more: str,
    forms: Sequence[str] = ("text", "json"),
) -> tuple[set[int], str]:
    """Run every command, in some forms of output; return their exit codes and all they wrote."""
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", address)
    codes, texts = set(), []
    for name, arguments in COMMANDS.items():
        loud = [] if name in NOISELESS else ["-vv"]
        for form in forms:
            codes.add(
                run(
                    [
                        *arguments,
                        *loud,
                        *(more if "--patience" in arguments else ()),
                        "--output-format",
                        form,
                    ]
                )
            )
            out, err = capsys.readouterr()
            assert leaks(out, err) == [], name
            assert "a bug in ftlint" not in err, (name, err)
            texts += [out, err]
    return codes, "".join(texts)


FAULTS = {
    "none": [],
    "401": [f"* * status=401 code={KEY} message='Access denied for Bearer {KEY}'"],
    "403": [f"* * status=403 message='api-key: {KEY}'"],
    "404": [f"* * status=404 message='{KEY} not found'"],
    "429": [f"* * status=429 retry-after=1 message='slow down, {KEY}'"],
    "500": [f"* * status=500 message='{'x' * 590}{KEY}'"],
    "upper case, reversed, hex": [
        f"* * status=400 code={KEY[::-1]} message='{KEY.upper()} {KEY.encode().hex().upper()}'"
    ],
    "500 after": [f"* * status=500 when=after message='{quote(KEY, safe='')}'"],
    "cut": ["* * cut"],
    "cut after": ["* * cut when=after"],
    "cut during": ["* * cut when=during"],
    "status_details": [f"POST /files file-error='example 1: {KEY} is no JSON'"],
    "error of a job": [f"POST /fine_tuning/jobs job-error='the key {KEY} has expired'"],
}


FORMS = {fault: (("text", "json")[place % 2],) for place, fault in enumerate(FAULTS)}
"""Half of the faults as text, half as JSON; both for all that a service may echo, below."""


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_of_the_emulator_brings_it_out(
    fault: str,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    faults = [Fault.parse(text) for text in FAULTS[fault]]
    with Emulator(Settings(delay=0, faults=faults, key=KEY)) as emulator:
        more = ("--patience", "9")
        codes, text = run_all(emulator.address, monkeypatch, capsys, *more, forms=FORMS[fault])
    assert leaks(log.getvalue()) == []
    assert len(codes) > 1
    if "message" in str(FAULTS[fault]) or "-error" in str(FAULTS[fault]):
        assert "[redacted]" in text


def echoed(asked: Asked) -> dict[str, str]:
    """Return the headers of a request, which hold the key, and the key on its own."""
    return {**asked.headers, "seen": KEY, "basic": b64encode(f":{KEY}".encode()).decode()}


def everywhere() -> dict[str, Any]:
    """Return an answer in which each text holds the key, at least as a part."""
    entry = {
        name: f"{name}-{KEY}"
        for name in ("object", "filename", "model", "status", "status_details", "type", "level",
                     "message", "suffix", "fine_tuned_model", "training_file", "purpose")
    }  # fmt: skip
    error = {"code": KEY, "message": f"wrong key {KEY}", "param": KEY}
    return {
        **entry, "id": "x-1", "data": [{**entry, "id": "x-2", "error": error}], "error": error,
        "result_files": [f"file-{KEY}"], "hyperparameters": {KEY: KEY}, "method": {"type": KEY},
        "created_at": KEY, "seed": KEY, KEY: KEY,
    }  # fmt: skip


ECHOES: dict[str, Callable[[Asked], Said]] = {
    "a body that is no JSON": lambda asked: Said(body=json.dumps(echoed(asked)).encode()[:-1]),
    "a page of HTML": lambda asked: Said(body=repr(echoed(asked)).encode(), kind="text/html"),
    "an error in JSON": lambda asked: Said({"error": {"message": str(echoed(asked))}}, 400),
    "an error at the top": lambda asked: Said({"message": f"{asked.headers}", "code": KEY}, 422),
    "an error that is no JSON": lambda asked: Said(status=500, body=repr(echoed(asked)).encode()),
    "a redirect": lambda _: Said({}, 307, headers={"Location": f"http://x/?key={KEY}"}),
    "a header": lambda _: Said(
        {"error": {}}, 401, headers={"WWW-Authenticate": f"Bearer {KEY}", "x-request-id": KEY}
    ),
    "a wait": lambda _: Said({}, 429, headers={"Retry-After": KEY}),
    "every text": lambda _: Said(everywhere()),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_no_echo_of_a_service_brings_it_out(
    echo: str,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with stub(ECHOES[echo]) as service:
        codes, _ = run_all(service.address, monkeypatch, capsys)
        assert any(KEY in str(asked.headers) for asked in service.asked)
    assert leaks(log.getvalue()) == []
    assert codes & {4, 5, 7}


def test_an_id_with_the_key_in_it_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = {"id": f"x-{ID_KEY}", "status": "processed", "data": []}
    with stub(lambda _: Said(odd)) as service:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", service.address)
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", ID_KEY)
        for name in ("upload", "run", "jobs show"):
            for form in ("text", "json"):
                run([*COMMANDS[name], "-vv", "--output-format", form])
                out, err = capsys.readouterr()
                assert ID_KEY[:20] not in out + err
                assert "[redacted]" in out


class Echoing:
    """A service that has the key in all its ids, and answers no job on its own.

    With `lost`, the answer to the first job is lost, and the job is not listed at once.
    """

    def __init__(self, *, lost: bool = False) -> None:
        self.files: list[dict[str, Any]] = []
        self.jobs: list[dict[str, Any]] = []
        self.lost = lost

    def __call__(self, asked: Asked) -> Said:
        """Answer a request."""
        if asked.method == "POST" and asked.path.endswith("/files"):
            name = re.search(rb'filename="([^"]+)"', asked.body)
            assert name
            self.files.append({"id": f"file-{ID_KEY}", "filename": name[1].decode(), "bytes": 0,
                               "status": "processed"})  # fmt: skip
            return Said(self.files[-1])
        if asked.method == "POST":
            named = {"id": f"ftjob-{ID_KEY}", "fine_tuned_model": f"m-{ID_KEY}"}
            self.jobs.append({**json.loads(asked.body), **named, "status": "running"})
            return Said(self.jobs[-1], cut=self.lost)
        if asked.path.endswith("/files"):
            return Said({"data": self.files})
        if asked.path.endswith("/jobs"):
            late, self.lost = self.lost and bool(self.jobs), self.lost and not self.jobs
            return Said({"data": [] if late else self.jobs})
        return Said({}, 404)


@pytest.mark.parametrize("lost", [False, True])
def test_a_job_whose_id_holds_the_key_is_started_once_and_recorded_without_it(
    lost: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    service = Echoing(lost=lost)
    launch = [*COMMANDS["launch"], "-vv"]
    with stub(service) as serving:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", serving.address)
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", ID_KEY)
        assert run([*COMMANDS["upload"], "-vv"]) == 0
        codes = [run(launch) for _ in range(4)]
        assert codes == [6 if lost else 0, 0, 0, 0]
        for arguments in (["jobs", "list"], ["jobs", "reconcile"], COMMANDS["launch, dry"]):
            for form in ("text", "json"):
                assert run([*arguments, "-vv", "--output-format", form]) == 0
    assert len(service.jobs) == len(service.files) == 1
    out, err = capsys.readouterr()
    assert leaks(out, err) == []
    assert "started from this directory" in out
    assert "sha256:" in Path(".ftlint/jobs.jsonl").read_text()


def test_neither_a_model_nor_results_bring_it_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both are the service's to name: a model is recorded, columns are printed, drawn and saved."""
    job: dict[str, Any] = {"id": JOB, "status": "succeeded", "fine_tuned_model": f"gpt:{KEY}",
                           "result_files": ["file-1"]}  # fmt: skip
    columns = f"step,train_loss,{KEY}_loss,{'x' * 30}{KEY.upper()}_reward,{KEY[::-1]}\n"
    values = "1,2,3,4,\x1b[2J\n2,1,2,5,a\n"

    def service(asked: Asked) -> Said:
        if asked.path.endswith("/content"):
            return Said(body=(columns + values).encode())
        file = {"id": "file-1", "filename": f"{KEY}.csv", "status": "processed"}
        return Said(file if "/files/" in asked.path else job)

    Path(".ftlint").mkdir()
    record = {"intent": "i", "state": "started", "job": JOB}
    with stub(service) as serving:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", serving.address)
        host = serving.address.partition("//")[2]
        write(".ftlint/jobs.jsonl", json.dumps({**record, "host": host, "body": {}}).encode())
        forms = ["text", "json", "html=r.html", "svg=r.svg", "json=r.json"]
        outputs = [word for form in forms for word in ("--output-format", form)]
        save = ["results", JOB, "--save", "saved"]
        for arguments in (["show", JOB], ["show", JOB], save, [*save, *outputs], ["results", JOB]):
            assert run(["jobs", *arguments, "-v"]) == 0, arguments
    assert run(["jobs", "results", "--file", "saved/results.csv"]) == 0
    assert run(["jobs", "deploy", JOB, "--dry-run", *PLACE]) == 2
    out, err = capsys.readouterr()
    assert leaks(out, err) == []
    assert "no id" in err
    assert "[redacted]_loss" in out
    assert "[redacted]" in Path("r.html").read_text()
    assert Path(".ftlint/jobs.jsonl").read_text().count("fine_tuned_model") == 1


def test_an_id_that_is_refused_is_not_shown_either(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with stub(lambda _: Said({"id": f"x-{KEY}", "data": []})) as service:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", service.address)
        for name in ("upload", "run"):
            assert run([*COMMANDS[name], "-vv", "--state", "../state"]) == 7
            out, err = capsys.readouterr()
            assert leaks(out, err) == []
            assert KEY[:20] not in out + err
            assert 'gives the id "x-[redacted]"' in err


def spoken(name: str, address: str, *more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *COMMANDS[name], "-vv", *more],
        capture_output=True,
        check=False,
        env=environment({"AZURE_OPENAI_ENDPOINT": address}),
    )


@pytest.mark.parametrize("name", ["upload", "run", "jobs show"])
def test_nor_does_a_process_of_its_own(name: str) -> None:
    for echo, form in (
        ("an error in JSON", "text"),
        ("a page of HTML", "json"),
        ("every text", "text"),
    ):
        with stub(ECHOES[echo]) as service:
            done = spoken(name, service.address, "--output-format", form)
        assert leaks(done.stdout, done.stderr) == []
        assert b"a bug in ftlint" not in done.stderr
        assert b"DEBUG" in done.stderr, "OPENAI_LOG=debug is heard"


def test_what_is_wrong_with_ftlint_itself_is_told_without_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"it was {KEY}") from ValueError(f"Bearer {KEY}")

    monkeypatch.setattr("ftlint.training.providers.client.Api.jobs", broken)
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "http://127.0.0.1:1")
    assert run(["jobs", "list"]) == 2
    out, err = capsys.readouterr()
    assert "Traceback" in err
    assert leaks(out, err) == []


@pytest.mark.parametrize(
    "form",
    [
        "https://{}@name.example",
        "https://user:{}@name.example:99999",
        "https://name.example/?api-key={}",
        "http://name.example/#{}",
    ],
)
def test_a_key_in_an_address_is_not_repeated(
    form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint = form.format(quote(KEY, safe=""))
    for name, arguments in COMMANDS.items():
        if name not in NOISELESS:
            assert run([*arguments, "-vv", "--endpoint", endpoint]) == 2, name
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", endpoint)
    assert run(["jobs", "list"]) == 2
    assert leaks(*capsys.readouterr()) == []


@pytest.mark.parametrize("header", ["Authorization: Bearer {}", "X-Gateway-Key: {}"])
def test_headers_that_the_sdk_takes_from_the_environment_are_secret(
    header: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = secrets.token_hex(16)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", header.format(planted))
    answer: Callable[[Asked], Said] = lambda asked: Said(  # noqa: E731 - as its neighbours
        {"error": {"message": f"{asked.headers} / {planted}"}}, 403
    )
    with stub(answer) as service:
        assert run(["jobs", "list", "-vv", "--endpoint", service.address]) == 4
    shown = capsys.readouterr()
    assert planted not in shown.out + shown.err
    assert "[redacted]" in shown.err


@pytest.mark.parametrize("variable", ["AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_API_KEY"])
@pytest.mark.parametrize("version", ["2024-10-21", "v1"])
def test_tokens_are_as_secret_as_keys(
    variable: str,
    version: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("AZURE_OPENAI_API_KEY")
    monkeypatch.setenv(variable, KEY)
    with stub(ECHOES["an error in JSON"]) as service:
        assert run(["jobs", "list", "-vv", "--endpoint", service.address,
                    "--api-version", version]) == 7  # fmt: skip
        assert KEY in str(service.asked[0].headers)
    assert leaks(*capsys.readouterr()) == []


def test_a_receipt_holds_no_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "train.jsonl", "--model", MODEL, "--receipt", "receipt.json"]) == 0
    assert leaks(*capsys.readouterr()) == []
    assert os.path.exists("receipt.json")


def test_no_command_takes_a_key_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in COMMANDS.values():
        command = [word for word in arguments[:2] if not word.endswith(".jsonl")]
        assert run([*command, "--help"]) == 0
        assert "--api-key" not in capsys.readouterr().out
        assert run([*arguments, "--api-key", "x"]) == 2
        assert "No such option" in capsys.readouterr().err


SAS = ("sig=", "sig%3D", "%26sig")


@pytest.mark.parametrize("outcome", ["400", "500", "error"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_signed_link_is_nowhere(
    outcome: str,
    form: str,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The link to a blob goes to the service alone, which may well repeat it."""
    links: list[str] = []
    storage = b64encode(secrets.token_bytes(64)).decode()

    def service(asked: Asked) -> Said:
        if asked.path.startswith("/account/"):
            missing = asked.method in ("GET", "HEAD")
            headers = {"x-ms-error-code": "BlobNotFound", "ETag": '"1"',
                       "Last-Modified": "Fri, 20 Nov 2026 10:00:00 GMT"}  # fmt: skip
            return Said(status=404 if missing else 201, body=b"", headers=headers)
        if asked.path.endswith("/import"):
            link = json.loads(asked.body)["content_url"]
            links.append(link)
            if outcome != "error":
                return Said({"error": {"message": f"cannot fetch {link}"}}, int(outcome))
        why = f"cannot fetch {links[-1]}" if links else ""
        return Said({"id": "file-1", "status": "error", "status_details": why, "data": []})

    monkeypatch.setenv("AZURE_STORAGE_KEY", storage)
    with stub(service) as serving:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", serving.address)
        container = f"{serving.address}/account/container"
        code = run(["upload", "train.jsonl", "-vv", "--route", "blob", "--container", container,
                    "--output-format", form, *QUICK])  # fmt: skip
    out, err = capsys.readouterr()
    assert code == (5 if outcome == "500" else 7), err
    assert links
    signature = links[0].partition("sig=")[2].partition("&")[0]
    assert len(signature) > 20
    for text in (
        out,
        err,
        log.getvalue(),
        *(path.read_text() for path in Path(".ftlint").iterdir()),
    ):
        for secret in (signature, storage, *(f"{mark}{signature}" for mark in SAS)):
            assert secret not in text
