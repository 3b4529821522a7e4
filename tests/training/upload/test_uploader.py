"""`ftlint upload`: those bytes that passed, on the way that fits them, once."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import orjson
import pytest

from ftlint.cli import run
from ftlint.training.ledger import FOLDER, Ledger
from ftlint.training.verified_file import SealedFile
from tests.support.helpers import BAD, CHECK_ONLY, read, whole, write
from tests.support.service import (
    GOOD,
    LINE,
    MODEL,
    OTHER,
    SMALL_PARTS,
    Serving,
    asked,
    files,
    result_of,
    serving,
)

__all__ = ["serving"]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_small_file_goes_in_one_request(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    with serving() as emulator:
        code, data = result_of(capsys, "upload", train)
        (file,) = emulator.files.values()
    assert code == 0
    assert file.sha256 == digest(GOOD)
    (sent,) = data["files"]
    assert (sent["route"], sent["reason"], sent["reused"]) == (
        "multipart",
        "less than 100 MB",
        False,
    )
    assert sent["name"] == f"train.{digest(GOOD)[:16]}.jsonl"
    assert (sent["file"], sent["status"], sent["role"]) == (file.id, "processed", "train")
    assert data["receipt"]["files"][0]["sha256"] == digest(GOOD)


def test_a_file_that_fails_is_not_sent(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", BAD)
    with serving() as emulator:
        code, data = result_of(capsys, "upload", train)
        assert run(["upload", train]) == 1
        assert emulator.exchanges == []
    assert code == 1
    assert data["passed"] is False
    assert data["report"]["counts"]["error"] == 1
    assert "error[unknown-role]" in capsys.readouterr().out
    assert not os.path.exists(".ftlint")


def test_both_files_are_sent_and_named_by_their_roles(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, valid = write("train.jsonl", GOOD), write("valid.jsonl", OTHER)
    with serving() as emulator:
        code, data = result_of(capsys, "upload", train, "--validation", valid)
        assert len(emulator.files) == 2
    assert code == 0
    assert [file["role"] for file in data["files"]] == ["train", "validation"]


@pytest.mark.parametrize("remembered", [True, False])
def test_the_same_bytes_are_not_sent_twice(
    serving: Serving,
    in_tmp: Path,
    capsys: pytest.CaptureFixture[str],
    remembered: bool,
) -> None:
    train = write("train.jsonl", GOOD)
    with serving() as emulator:
        first = result_of(capsys, "upload", train)[1]
        if not remembered:
            os.unlink(".ftlint/uploads.jsonl")
        code, second = result_of(capsys, "upload", train)
        assert asked(emulator) == ["/files"]
    assert code == 0
    assert second["files"][0]["file"] == first["files"][0]["file"]
    assert second["files"][0]["reused"] is True


def test_a_file_that_was_deleted_there_is_sent_again(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    with serving() as emulator:
        result_of(capsys, "upload", train)
        emulator.files.clear()
        code, data = result_of(capsys, "upload", train)
        assert len(emulator.files) == 1
    assert code == 0
    assert data["files"][0]["reused"] is False


def test_a_large_file_goes_in_parts(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    with serving() as emulator:
        code, data = result_of(capsys, "upload", train, "--profile", profile)
        (file,) = emulator.files.values()
        parts = [path for path in asked(emulator) if path.endswith("/parts")]
    assert code == 0
    assert len(parts) == -(-len(GOOD) // 1000)
    assert file.sha256 == digest(GOOD)
    assert data["files"][0]["route"] == "uploads"
    assert [name for name in os.listdir(".ftlint") if name.endswith(".json")] == []


def test_an_upload_that_fails_midway_goes_on_where_it_ended(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    with serving("POST /uploads/*/parts status=503 skip=2 times=6") as emulator:
        code, data = result_of(capsys, "upload", train, "--profile", profile)
        assert code == 5
        assert data["error"]["exit_code"] == 5
        emulator.exchanges.clear()
        code, data = result_of(capsys, "upload", train, "--profile", profile)
        (file,) = emulator.files.values()
        parts = [path for path in asked(emulator) if path.endswith("/parts")]
    assert code == 0
    assert len(parts) == -(-len(GOOD) // 1000) - 2
    assert file.sha256 == digest(GOOD)
    assert data["files"][0]["resumed"] == 2000


def test_without_resume_what_was_begun_is_thrown_away(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    arguments = ("upload", train, "--profile", profile)
    with serving("POST /uploads/*/parts status=503 skip=2 times=6") as emulator:
        assert result_of(capsys, *arguments)[0] == 5
        assert result_of(capsys, *arguments, "--no-resume")[0] == 0
        first, second = emulator.uploads.values()
    assert (first.status, second.status) == ("cancelled", "completed")


def test_an_upload_that_expired_is_begun_anew(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    with serving("POST /uploads expire=3 times=1") as emulator:
        code, _ = result_of(capsys, "upload", train, "--profile", profile)
        (file,) = emulator.files.values()
        assert [each.status for each in emulator.uploads.values()] == ["expired", "completed"]
    assert code == 0
    assert file.sha256 == digest(GOOD)


def test_two_at_once_do_not_share_an_upload(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    with serving() as emulator:
        ledger = Ledger(FOLDER)
        host = emulator.address.removeprefix("http://")
        with ledger.lock(ledger.journal(host, digest(GOOD)).name, "busy"):
            code, data = result_of(capsys, "upload", train)
        assert emulator.exchanges == []
    assert code == 5
    assert "another ftlint uploads it" in data["error"]["message"]


@pytest.mark.parametrize("route", ["multipart", "uploads"])
def test_a_file_that_changes_at_equal_size_is_refused_and_nothing_is_completed(
    serving: Serving,
    in_tmp: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    route: str,
) -> None:
    train, profile = files()
    real = SealedFile._next  # noqa: SLF001 - there is no other way to stand between two reads

    def change(self: SealedFile, size: int) -> bytes:
        if self.tell() >= 2000 and emulator.exchanges:
            with open(train, "r+b") as stream:
                stream.write(OTHER)
        return real(self, min(size, 1000))

    monkeypatch.setattr(SealedFile, "_next", change)
    with serving() as emulator:
        code, data = result_of(capsys, "upload", train, "--profile", profile, "--route", route)
        assert emulator.files == {}
        assert all(upload.status == "cancelled" for upload in emulator.uploads.values())
    assert code == 3
    assert "changed after it passed" in data["error"]["message"]
    assert [name for name in os.listdir(".ftlint") if name.endswith(".json")] == []


def test_a_receipt_stands_for_the_check(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    assert run(["check", train, "--receipt", "receipt.json"]) == 0
    with serving() as emulator:
        assert result_of(capsys, "upload", train, "--receipt", "receipt.json")[0] == 0
        assert len(emulator.files) == 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("--profile", "openai"), "profile"),
        (("--method", "dpo"), "method"),
        (("--model", "gpt-4o"), "model"),
        (("--ignore", "missing-bom"), "rules_digest"),
        (("--validation", "train.jsonl"), "validation"),
    ],
)
def test_a_receipt_for_something_else_is_refused_by_name(
    serving: Serving,
    in_tmp: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    field: str,
) -> None:
    train = write("train.jsonl", GOOD)
    assert run(["check", train, "--receipt", "receipt.json"]) == 0
    with serving() as emulator:
        code, data = result_of(capsys, "upload", train, "--receipt", "receipt.json", *arguments)
        assert emulator.exchanges == []
    assert code == 3
    assert field in data["error"]["message"]


def test_a_receipt_of_another_ftlint_is_refused(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    assert run(["check", train, "--receipt", "receipt.json"]) == 0
    receipt = orjson.loads(read("receipt.json"))
    write("receipt.json", orjson.dumps({**receipt, "ftlint_version": "0.0.1"}))
    with serving():
        code, data = result_of(capsys, "upload", train, "--receipt", "receipt.json")
    assert code == 3
    assert "the receipt is for ftlint_version '0.0.1'" in data["error"]["message"]


@pytest.mark.parametrize("data", [OTHER, GOOD + b"\n"])
def test_a_receipt_for_other_bytes_is_refused(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    train = write("train.jsonl", GOOD)
    assert run(["check", train, "--receipt", "receipt.json"]) == 0
    write(train, data)
    with serving() as emulator:
        code, found_ = result_of(capsys, "upload", train, "--receipt", "receipt.json")
        assert emulator.files == {}
    assert code == 3
    assert "train.jsonl" in found_["error"]["message"]


def test_reuse_looks_at_the_bytes_too(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    assert run(["check", train, "--receipt", "receipt.json"]) == 0
    with serving():
        assert result_of(capsys, "upload", train, "--receipt", "receipt.json")[0] == 0
        write(train, OTHER)
        assert result_of(capsys, "upload", train, "--receipt", "receipt.json")[0] == 3


def test_an_answer_that_is_lost_makes_no_second_file(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    with serving("POST /files status=500 when=after times=1") as emulator:
        code, _ = result_of(capsys, "upload", train)
        assert len(emulator.files) == 1
    assert code == 0


def test_an_end_whose_answer_is_lost_makes_no_second_file(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    with serving("POST /uploads/*/complete cut when=after times=1") as emulator:
        code, _ = result_of(capsys, "upload", train, "--profile", profile)
        assert len(emulator.files) == 1
    assert code == 0


def test_what_the_service_says_of_a_file_is_shown_with_its_reading(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    with serving("POST /files file-error"):
        code, data = result_of(capsys, "upload", train)
    assert code == 7
    assert "Example 1273 cannot be parsed" in data["error"]["message"]
    assert "ftlint rule invalid-json" in data["error"]["message"]


def test_a_file_that_is_never_processed_is_waited_for_only_so_long(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    with serving(delay=3600):
        code, data = result_of(capsys, "upload", train, "--patience", "0")
    assert code == 5
    assert "still pending" in data["error"]["message"]


def test_a_route_that_is_not_there_is_told(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    with serving() as emulator:
        code = run(
            ["upload", train, "--profile", profile, "--api-version", "v1", "--route", "uploads"]
        )
        assert emulator.exchanges == []
    assert code == 2
    assert "API v1 has no route uploads; it has multipart" in capsys.readouterr().err


def test_an_endpoint_without_uploads_says_what_else_there_is(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    with serving("POST /uploads status=404"):
        code, data = result_of(capsys, "upload", train, "--profile", profile)
    assert code == 7
    assert "--route blob --container URL, or --route multipart" in data["error"]["message"]


def test_v1_takes_large_files_in_one_request(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    with serving():
        code, data = result_of(capsys, "upload", train, "--profile", profile, "--api-version", "v1")
    assert code == 0
    assert data["files"][0]["route"] == "multipart"
    assert "API v1 has no uploads in parts" in data["files"][0]["reason"]


def test_what_was_uploaded_can_be_compared(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    with serving() as emulator:
        assert result_of(capsys, "upload", train, "--verify-remote")[0] == 0
        (file,) = emulator.files.values()
        Path(file.path).write_bytes(OTHER)
        code, data = result_of(capsys, "upload", train, "--verify-remote")
    assert code == 3
    assert "differs from the one that passed" in data["error"]["message"]


def test_openai_takes_files_too(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", whole(*(LINE % (n, n) for n in range(60)), mark=b""))
    with serving() as emulator:
        code, data = result_of(capsys, "upload", train, "--profile", "openai")
        assert asked(emulator) == ["/files"]
    assert code == 0
    assert data["files"][0]["bytes"] == len(read(train))


@pytest.mark.parametrize("profile", CHECK_ONLY)
def test_a_service_that_is_only_checked_for_is_told(
    in_tmp: Path, capsys: pytest.CaptureFixture[str], profile: str
) -> None:
    train = write("train.jsonl", whole(*(LINE % (n, n) for n in range(60)), mark=b""))
    assert run(["upload", train, "--profile", profile, "--quiet"]) == 2
    assert "sends nothing there yet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "more"), [("other.jsonl", ()), ("train.jsonl", ("--route", "multipart"))]
)
def test_an_upload_that_was_begun_and_is_not_gone_on_with_is_thrown_away(
    serving: Serving,
    in_tmp: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    more: tuple[str, ...],
) -> None:
    train, profile = files()
    with serving("POST /uploads/*/parts status=503 skip=2 times=6") as emulator:
        assert result_of(capsys, "upload", train, "--profile", profile)[0] == 5
        os.rename(train, name)
        assert result_of(capsys, "upload", name, "--profile", profile, *more)[0] == 0
        assert "pending" not in [upload.status for upload in emulator.uploads.values()]
        assert len(emulator.files) == 1
    assert [file for file in os.listdir(FOLDER) if file.endswith(".json")] == []


@pytest.mark.parametrize("change", [{"parts": None}, {"expires_at": "soon"}, {"parts": [1]}])
def test_a_journal_that_was_changed_is_not_gone_on_with(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object]
) -> None:
    train, profile = files()
    with serving("POST /uploads/*/parts status=503 skip=2 times=6") as emulator:
        assert result_of(capsys, "upload", train, "--profile", profile)[0] == 5
        (journal,) = Path(FOLDER).glob("*.json")
        journal.write_bytes(orjson.dumps({**orjson.loads(journal.read_bytes()), **change}))
        assert result_of(capsys, "upload", train, "--profile", profile)[0] == 0
        assert [file.sha256 for file in emulator.files.values()] == [digest(GOOD)]


def test_an_upload_that_was_ended_meanwhile_is_begun_anew(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    with serving("POST /uploads/*/parts status=503 skip=2 times=6") as emulator:
        assert result_of(capsys, "upload", train, "--profile", profile)[0] == 5
        (upload,) = emulator.uploads.values()
        upload.status = "cancelled"
        code, data = result_of(capsys, "upload", train, "--profile", profile)
    assert code == 0
    assert data["files"][0]["resumed"] == 0


def test_a_list_that_cannot_be_read_is_not_asked_for_without_end(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write("train.jsonl", GOOD)
    faults = ("POST /files cut when=after", "GET /files status=503 skip=1")
    with serving(*faults) as emulator:
        code, data = result_of(capsys, "upload", train)
        assert len(asked(emulator, method="GET")) == 7
        assert len(emulator.files) == 1
    assert code == 5
    assert "run this again to see whether" in data["error"]["message"]


def test_a_file_that_is_there_needs_no_way_to_get_there(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limit = SMALL_PARTS + "multipart_limit = 3000\n"
    train, profile = write("train.jsonl", GOOD), write("small.toml", limit.encode())
    with serving():
        assert result_of(capsys, "upload", train, "--profile", profile)[0] == 0
        arguments = ("--profile", profile, "--model", MODEL, "--api-version", "v1", "--yes")
        code, data = result_of(capsys, "launch", train, *arguments)
    assert code == 0
    assert data["files"][0]["route"] == "none"
