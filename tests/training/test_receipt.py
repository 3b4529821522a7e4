"""The receipt: what a passing check writes, who takes it, and what is refused with words."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

from ftlint.cli import run
from ftlint.core.errors import FtlintError, Refused
from ftlint.core.files.atomic_write import write_whole
from ftlint.formats.schema import load
from ftlint.training.receipt import (
    PassedFile,
    Receipt,
    read_receipt,
    receipt_of,
    require,
    write_receipt,
)
from tests.support.helpers import (
    BAD,
    COMMAND,
    EMPTY,
    GOOD,
    LINE,
    environment,
    one_line,
    process,
    report_of,
    whole,
    write,
)
from tests.support.service import GRADER

OTHER = GOOD.replace(b'"a"', b'"b"')
RFT = whole(
    *[b'{"messages":[{"role":"user","content":"q%d"}],"answer":"a"}' % n for n in range(50)]
)


JOB = {"tokens": "limit"}


def check(*arguments: str) -> int:
    return run(["check", "-q", *arguments])


def written(path: str = "r.json") -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(Path(path).read_bytes())
    return found


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a service that nobody listens at: what is refused here never gets there."""
    for name in ("AZURE_OPENAI_ENDPOINT", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("AZURE_OPENAI_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "k-Planted/0123456789")


@pytest.fixture
def good(in_tmp: Path) -> str:
    return write("train.jsonl", GOOD)


@pytest.fixture
def receipt(good: str) -> dict[str, Any]:
    """Return the receipt of a training file, which lies in r.json."""
    assert check(good, "--receipt", "r.json") == 0
    return written()


def test_a_receipt_keeps_its_contract_and_says_what_passed(
    receipt: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    validator = jsonschema.Draft202012Validator(
        load("receipt"), format_checker=jsonschema.FormatChecker()
    )
    validator.validate(receipt)
    report = report_of(capsys, "train.jsonl")
    assert receipt["rules_digest"] == report.rules_digest
    assert (receipt["profile"], receipt["method"], receipt["model"]) == ("azure", "sft", None)
    assert receipt["files"] == [
        {
            "role": "train",
            "path": "train.jsonl",
            "sha256": hashlib.sha256(GOOD).hexdigest(),
            "bytes": len(GOOD),
            "examples": 50,
            "tokens": None,
            "longest": None,
        }
    ]
    assert (receipt["tokens"], receipt["epochs"], receipt["max_cost"]) == ("limit", None, None)
    assert receipt["day"] == date.today().isoformat()  # noqa: DTZ011 - the user's own day


def test_it_holds_what_a_job_is_judged_by(good: str) -> None:
    arguments = ["--model", "gpt-4.1-2025-04-14", "--max-cost", "5", "--epochs", "2"]
    assert check(good, "--receipt", "r.json", *arguments, "--today", "2026-11-20") == 0
    found = written()
    assert (found["tokens"], found["epochs"], found["max_cost"]) == ("exact", 2, 5.0)
    assert found["day"] == "2026-11-20"
    assert (found["files"][0]["tokens"], found["files"][0]["longest"]) == (650, 10)


def test_it_is_read_as_it_was_written(receipt: dict[str, Any]) -> None:
    found = read_receipt("r.json")
    assert json.loads(json.dumps(found.to_dict())) == receipt
    assert found.of("train") == PassedFile(**receipt["files"][0])
    assert found.of("validation") is None


def test_it_holds_no_data_and_no_place(good: str, in_tmp: Path) -> None:
    write("train.jsonl", GOOD.replace(b'"q"', b'"the-secret-of-the-data"'))
    assert check(str(in_tmp / good), "--receipt", "r.json") == 0
    text = Path("r.json").read_text()
    assert "the-secret-of-the-data" not in text
    assert str(in_tmp) not in text
    assert socket.gethostname() not in text.replace(written()["files"][0]["sha256"], "")


def test_it_is_its_owners_alone_whatever_was_there(good: str) -> None:
    write("r.json", b"{}")
    os.chmod("r.json", 0o644)
    before = os.umask(0)
    try:
        assert check(good, "--receipt", "r.json") == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat("r.json").st_mode) == 0o600
    assert not [name for name in os.listdir() if name.startswith(".ftlint-")]


def test_model_method_and_profile_are_in_it(good: str) -> None:
    arguments = ["--model", "gpt-4.1-2025-04-14", "--method", "sft", "--profile", "openai"]
    write("plain.jsonl", GOOD[3:])
    assert check("plain.jsonl", "--receipt", "r.json", *arguments) == 0
    found = written()
    assert found["model"] == "gpt-4.1-2025-04-14"
    assert (found["method"], found["profile"]) == ("sft", "openai")


def test_validation_and_documents_have_their_roles(in_tmp: Path) -> None:
    train, valid = write("train.jsonl", RFT), write("valid.jsonl", RFT.replace(b"q4", b"x4"))
    grader = write("grader.json", json.dumps(GRADER).encode())
    response = {
        "type": "json_schema",
        "json_schema": {
            "name": "answer",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {"answer": {"type": "string"}},
                "required": ["answer"],
                "additionalProperties": False,
            },
        },
    }
    form = write("form.json", json.dumps(response).encode())
    arguments = [train, "--validation", valid, "--grader", grader, "--response-format", form]
    assert check(*arguments, "--method", "rft", "--receipt", "r.json") == 0
    files = written()["files"]
    assert [file["role"] for file in files] == ["train", "validation", "grader", "response-format"]
    for file in files:
        data = Path(file["path"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert file["bytes"] == len(data)
    assert [file["examples"] for file in files] == [50, 50, 0, 0]


def test_a_check_that_fails_takes_an_earlier_one_back(
    receipt: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    write("train.jsonl", BAD)
    assert check("train.jsonl", "--receipt", "r.json") == 1
    assert not os.path.exists("r.json")
    assert "r.json: removed, for the check did not pass" in capsys.readouterr().err
    assert check("train.jsonl", "--receipt", "r.json") == 1


@pytest.mark.parametrize("arguments", [["--exit-zero"], ["--strict"], ["missing.jsonl"]])
def test_so_does_one_that_did_not_pass_whatever_its_exit_code(
    receipt: dict[str, Any], arguments: list[str]
) -> None:
    data = BAD if arguments == ["--exit-zero"] else whole(*[LINE] * 50, EMPTY)
    write("train.jsonl", data)
    code = check("train.jsonl", "--receipt", "r.json", *arguments)
    assert code == {"--exit-zero": 0, "--strict": 1, "missing.jsonl": 2}[arguments[0]]
    assert not os.path.exists("r.json")


def test_warnings_do_not_keep_a_receipt_away(good: str) -> None:
    write(good, whole(*[LINE] * 50, EMPTY))
    assert check(good, "--receipt", "r.json") == 0
    assert written()["files"][0]["examples"] == 51


@pytest.mark.parametrize(
    "data",
    [b"my notes\n", b"{}", b"[]", b'{"version": 1}', b"", b"\xff", b'{"version": 2, "files": []}'],
)
def test_what_is_no_receipt_is_never_removed(good: str, data: bytes) -> None:
    write(good, BAD)
    write("notes.txt", data)
    assert check(good, "--receipt", "notes.txt") == 1
    assert Path("notes.txt").read_bytes() == data


def test_a_link_is_followed_both_ways(receipt: dict[str, Any]) -> None:
    os.symlink("r.json", "link.json")
    assert check("train.jsonl", "--receipt", "link.json") == 0
    assert os.path.islink("link.json")
    write("train.jsonl", BAD)
    assert check("train.jsonl", "--receipt", "link.json") == 1
    assert not os.path.exists("r.json")


def test_a_receipt_that_cannot_be_taken_back_is_told(
    receipt: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    write("train.jsonl", BAD)
    monkeypatch.setattr(os, "unlink", refuse)
    assert check("train.jsonl", "--receipt", "r.json") == 2
    shown = capsys.readouterr().err
    assert "r.json: the receipt of an earlier check cannot be removed: permission denied" in shown
    assert "do not use it" in shown


def test_several_files_are_refused(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("second.jsonl", OTHER)
    assert check(good, "second.jsonl", "--receipt", "r.json") == 2
    assert check(".", "--receipt", "r.json") == 2
    err = capsys.readouterr().err
    assert err.count("it is for one training file, and 2 are given; name one") == 2
    assert not os.path.exists("r.json")


def test_a_folder_with_one_file_will_do(good: str) -> None:
    os.mkdir("data")
    os.rename(good, "data/train.jsonl")
    assert check("data", "--receipt", "r.json") == 0
    assert written()["files"][0]["path"] == "data/train.jsonl"


def test_standard_input_is_refused(in_tmp: Path) -> None:
    done = process("check", "-q", "-", "--receipt", "r.json", data=GOOD)
    assert done.returncode == 2
    assert "are not uploaded; save the data to a file" in one_line(done.stderr.decode())
    assert not os.path.exists("r.json")


@pytest.mark.parametrize("name", ["/dev/stdin", "/dev/fd/0"])
def test_so_is_a_pipe_by_another_name(in_tmp: Path, name: str) -> None:
    done = process("check", "-q", name, "--receipt", "r.json", data=GOOD)
    assert done.returncode == 2
    assert "pipes and devices are not uploaded" in one_line(done.stderr.decode())
    assert not os.path.exists("r.json")


@pytest.mark.parametrize("command", ["upload", "launch", "run"])
def test_a_pipe_is_refused_before_a_byte_of_it_is_read(
    in_tmp: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo("pipe")
    assert run([command, "pipe", "--model", "gpt-4.1-2025-04-14"]) == 2
    assert "pipes and devices are not uploaded" in capsys.readouterr().err


def test_a_url_is_refused(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.support.web import Web, serve  # noqa: PLC0415 - beside what uses it

    with serve(Web({"/train.jsonl": GOOD})) as web:
        assert check(f"{web.address}/train.jsonl", "--receipt", "r.json") == 2
    assert "URLs are not uploaded; save the data to a file" in capsys.readouterr().err
    assert not os.path.exists("r.json")


@pytest.mark.parametrize("name", ["train.jsonl.gz", "*.gz", "train.jsonl", "folder"])
def test_compressed_data_is_refused_however_it_is_named(
    in_tmp: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = "folder/train.jsonl.gz" if name == "folder" else name.replace("*", "train.jsonl")
    write(file, gzip.compress(GOOD))
    code = check(name, "--receipt", "r.json")
    if name != "train.jsonl":  # else it fails already: its name says that it is plain
        assert code == 2
        assert "gzip data, which no service takes; decompress the file first" in (
            capsys.readouterr().err
        )
    assert code in (1, 2)
    assert not os.path.exists("r.json")


def test_compressed_validation_data_is_refused(
    good: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("valid.jsonl.gz", gzip.compress(OTHER))
    assert check(good, "--validation", "valid.jsonl.gz", "--receipt", "r.json") == 2
    assert "valid.jsonl.gz: gzip data" in capsys.readouterr().err
    assert not os.path.exists("r.json")


@pytest.mark.parametrize(
    "place", ["train.jsonl", "./train.jsonl", "link", "hard", "valid.jsonl", "g.json"]
)
def test_data_is_never_written_over(
    in_tmp: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("train.jsonl", RFT)
    write("valid.jsonl", RFT.replace(b"q4", b"x4"))
    write("g.json", json.dumps(GRADER).encode())
    os.symlink("train.jsonl", "link")
    os.link("train.jsonl", "hard")
    before = {name: Path(name).read_bytes() for name in os.listdir()}
    arguments = ["--validation", "valid.jsonl", "--grader", "g.json", "--method", "rft"]
    assert check("train.jsonl", *arguments, "--receipt", place) == 2
    assert check(".", *arguments, "--receipt", place) == 2
    assert {name: Path(name).read_bytes() for name in os.listdir()} == before
    assert capsys.readouterr().err.count("elsewhere") == 2


def test_validation_data_is_not_written_over_by_a_report_either(
    good: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("valid.jsonl", OTHER)
    assert check(good, "--validation", "valid.jsonl", "--output-format", "json=valid.jsonl") == 2
    assert Path("valid.jsonl").read_bytes() == OTHER


def test_report_and_receipt_have_a_place_each(
    good: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(good, "--output-format", "json=r.json", "--receipt", "./r.json") == 2
    assert "is a report; write the receipt elsewhere" in one_line(capsys.readouterr().err)
    assert not os.path.exists("r.json")


@pytest.mark.parametrize("data", [GOOD, BAD])
def test_a_pipe_is_neither_replaced_nor_waited_for(in_tmp: Path, data: bytes) -> None:
    train = write("train.jsonl", data)
    os.mkfifo("pipe")
    done = subprocess.run(
        [*COMMAND, "check", "-q", train, "--receipt", "pipe"],
        capture_output=True,
        check=False,
        timeout=60,
        env=environment(),
    )
    assert done.returncode == (2 if data == GOOD else 1)
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)


@pytest.mark.parametrize("place", ["folder", "no/such/r.json"])
def test_a_place_that_cannot_be_written_is_told(
    good: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkdir("folder")
    assert check(good, "--receipt", place) == 2
    assert f"{place}: cannot write: " in one_line(capsys.readouterr().err)
    assert sorted(os.listdir()) == ["folder", "train.jsonl"]


def test_writing_is_all_or_nothing(
    receipt: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path("r.json").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert check("train.jsonl", "--receipt", "r.json") == 2
    assert Path("r.json").read_bytes() == before
    assert sorted(os.listdir()) == ["r.json", "train.jsonl"]


def test_whoever_reads_while_it_is_written_reads_a_whole_one(in_tmp: Path) -> None:
    sizes = {1_000_000, 2_000_000}
    write_whole("file", b"x" * 1_000_000)
    done = threading.Event()

    def turn() -> None:
        while not done.is_set():
            for size in sizes:
                write_whole("file", b"x" * size)

    writer = threading.Thread(target=turn)
    writer.start()
    try:
        assert {len(Path("file").read_bytes()) for _ in range(200)} <= sizes
    finally:
        done.set()
        writer.join()


HOSTILE: dict[str, tuple[Any, str]] = {
    "no object": ([], "the file"),
    "empty": ({}, "required"),
    "version": ({"version": 3}, "newer ftlint"),
    "older version": ({"version": 1}, "older ftlint"),
    "day": ({"day": None}, "day"),
    "way to count": ({"tokens": "some"}, "tokens"),
    "version of another kind": ({"version": "1"}, "version"),
    "more": ({"key": "value"}, "key"),
    "no files": ({"files": []}, "files"),
    "files of another kind": ({"files": "train.jsonl"}, "files"),
    "no digest": ({"files": [{"sha256": "abc"}]}, "files/0"),
    "digest in capitals": ({"files": [{"sha256": "A" * 64}]}, "files/0/sha256"),
    "digest and a line": ({"files": [{"sha256": "a" * 64 + "\n"}]}, "files/0/sha256"),
    "negative": ({"files": [{"bytes": -1}]}, "files/0/bytes"),
    "half a byte": ({"files": [{"bytes": 1.5}]}, "files/0/bytes"),
    "truth": ({"files": [{"bytes": True}]}, "files/0/bytes"),
    "unknown role": ({"files": [{"role": "test"}]}, "files/0/role"),
    "twice": ({"files": [{}, {}]}, "two files of one role"),
    "model": ({"model": 7}, "model"),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("command", ["upload", "launch", "run"])
def test_a_hostile_receipt_is_refused_with_3(
    kind: str, command: str, receipt: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    change, says = HOSTILE[kind]
    changed: Any = change
    if kind not in {"no object", "empty"}:
        changed = {**receipt, **change}
        if isinstance(change.get("files"), list):
            changed["files"] = [{**receipt["files"][0], **file} for file in change["files"]]
    write("r.json", orjson.dumps(changed))
    model = "gpt-4.1-2025-04-14"
    assert run([command, "train.jsonl", "--model", model, "--receipt", "r.json"]) == 3
    shown = one_line(capsys.readouterr().err)
    assert says in shown
    assert "recreate it with check --receipt" in shown


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"version": NaN}',
        b'{"version": 1e999}',
        b'{"version": ' + b"9" * 5000 + b"}",
        b" " * 1_000_000 + b"{",
        b'"\\ud800"',
        b"\x1f\x8b",
    ],
)
def test_what_is_no_json_is_refused_with_3(
    good: str, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    write("r.json", data)
    assert run(["upload", good, "--receipt", "r.json"]) == 3
    assert "not JSON" in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("place", ["missing.json", "."])
def test_a_receipt_that_cannot_be_read_is_refused_with_3(
    good: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["upload", good, "--receipt", place]) == 3
    assert f"receipt {place}: cannot read: " in one_line(capsys.readouterr().err)


def test_what_is_shown_of_a_hostile_receipt_is_short_and_harmless(
    receipt: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b[2J\u202e\nerror: forged\n" + "x" * 500_000
    for name in ("version", hostile):
        write("r.json", orjson.dumps({**receipt, name: hostile}))
        assert run(["upload", "train.jsonl", "--receipt", "r.json"]) == 3
        shown = one_line(capsys.readouterr().err)
        assert len(shown) < 1000
        assert "\x1b" not in shown


def test_a_whole_number_may_be_written_as_a_fraction(receipt: dict[str, Any]) -> None:
    text = Path("r.json").read_text().replace(f'"bytes": {len(GOOD)}', f'"bytes": {len(GOOD)}.0')
    write("r.json", text.encode())
    (file,) = read_receipt("r.json").files
    assert isinstance(file.bytes, int)
    assert file.bytes == len(GOOD)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--profile", "openai"], "the receipt is for profile 'azure', not 'openai'"),
        (["--method", "dpo"], "the receipt is for method 'sft', not 'dpo'"),
        (["--model", "gpt-4o"], "the receipt is for model none, not 'gpt-4o'"),
        (["--ignore", "empty-content"], "the receipt is for another rules_digest"),
        (["--validation", "train.jsonl"], "the receipt has no validation file, and one is given"),
    ],
)
def test_the_field_that_differs_is_named(
    arguments: list[str],
    says: str,
    receipt: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["upload", "train.jsonl", "--receipt", "r.json", *arguments]) == 3
    assert says in one_line(capsys.readouterr().err)


def test_a_validation_file_that_passed_must_be_given(
    good: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("valid.jsonl", OTHER)
    assert check(good, "--validation", "valid.jsonl", "--receipt", "r.json") == 0
    assert run(["upload", good, "--receipt", "r.json"]) == 3
    assert "the receipt has a validation file, and none is given" in capsys.readouterr().err


def test_require_puts_files_where_they_are_now(receipt: dict[str, Any]) -> None:
    held = require(read_receipt("r.json"), {"profile": "azure"}, {"train": "elsewhere.jsonl"})
    assert [file.path for file in held.files] == ["elsewhere.jsonl"]


def test_no_receipt_of_a_report_that_did_not_pass(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = report_of(capsys, write("train.jsonl", BAD))
    with pytest.raises(Refused, match="the check did not pass"):
        receipt_of(failed, JOB, validation=False, documents=[])
    passed = report_of(capsys, write("train.jsonl", GOOD))
    with pytest.raises(FtlintError, match="one training file"):
        receipt_of(passed, JOB, validation=True, documents=[])
    made = receipt_of(passed, JOB, validation=False, documents=[])
    assert isinstance(made, Receipt)
    with pytest.raises(OSError, match="it is not a file"):
        write_receipt(".", made)


HEAVY = (
    "openai",
    "azure",
    "httpx2",
    "tenacity",
    "filelock",
    "python_multipart",
    "http.server",
    "ftlint.training.providers",
    "ftlint.training.upload",
    "ftlint.training.launch",
    "ftlint.training.ledger",
    "ftlint.training.providers.retry",
    "ftlint.emulator",
    "ftlint.cli.service",
)


@pytest.mark.parametrize("receipt_too", [False, True])
def test_a_check_imports_nothing_of_the_way_to_a_service(good: str, receipt_too: bool) -> None:
    more = ["--receipt", "r.json"] if receipt_too else []
    look = (
        "import sys; from ftlint.cli import run; "
        f"code = run({['check', '-q', good, *more]!r}); "
        "print(code, *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, check=True, text=True, env=environment()
    )
    code, *modules = done.stderr.split("\n")[-2].split()
    assert code == "0"
    assert [name for name in HEAVY if name in modules] == []
    if not receipt_too:
        assert "ftlint.training.receipt" not in modules
    with contextlib.suppress(FileNotFoundError):
        os.unlink("r.json")
