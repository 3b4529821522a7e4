"""What is remembered outlives crashes and other hands, and is its owner's alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.cli import run
from ftlint.core.errors import FtlintError, Unreachable
from ftlint.training.launch.reconcile import unresolved
from ftlint.training.ledger import Ledger

SENT = {"host": "h", "sha256": "a" * 64, "file": "file-1"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(str(tmp_path / ".ftlint"))


def test_all_of_it_is_for_its_owner_alone(ledger: Ledger) -> None:
    before = os.umask(0)
    try:
        ledger.note_sent(SENT)
        ledger.note_job({"intent": "i", "state": "meant"})
        ledger.journal("h", "a").write({"parts": []})
        with ledger.lock("jobs", "busy"):
            pass
    finally:
        os.umask(before)
    folder = Path(ledger.folder)
    assert mode(folder) == 0o700
    names = {path.name for path in folder.iterdir()}
    assert {"uploads.jsonl", "jobs.jsonl", ".gitignore", "jobs.lock"} <= names
    assert {path.name: mode(path) for path in folder.iterdir()} == dict.fromkeys(names, 0o600)
    assert (folder / ".gitignore").read_text() == "*\n"


def test_nothing_is_made_by_looking(ledger: Ledger) -> None:
    assert ledger.jobs() == []
    assert list(ledger.sent("h", "a" * 64)) == []
    assert ledger.journal("h", "a").read() is None
    assert not os.path.exists(ledger.folder)


def test_the_latest_comes_first_and_hosts_are_apart(ledger: Ledger) -> None:
    for file in ("file-1", "file-2"):
        ledger.note_sent({**SENT, "file": file})
    ledger.note_sent({**SENT, "host": "other"})
    assert [entry["file"] for entry in ledger.sent("h", "a" * 64)] == ["file-2", "file-1"]


def test_a_job_is_what_was_noted_last(ledger: Ledger) -> None:
    ledger.note_job({"intent": "i", "state": "meant", "host": "h", "body": {}})
    ledger.note_job({"intent": "j", "state": "meant", "host": "h"})
    ledger.note_job({"intent": "i", "state": "started", "job": "ftjob-1"})
    first, second = ledger.jobs()
    assert (first["intent"], first["state"], first["job"]) == ("i", "started", "ftjob-1")
    assert second["intent"] == "j"
    assert [entry["intent"] for entry in unresolved(ledger, "h")] == ["j"]


@given(cut=st.integers(1, 60), tail=st.sampled_from([b"", b"\n", b"\x00\x00", b"\xff"]))
def test_a_line_that_was_cut_off_harms_no_other(
    tmp_path_factory: pytest.TempPathFactory, cut: int, tail: bytes
) -> None:
    ledger = Ledger(str(tmp_path_factory.mktemp("state") / "s"))
    ledger.note_job({"intent": "i", "state": "meant", "host": "h"})
    ledger.note_job({"intent": "j", "state": "meant", "host": "h"})
    path = Path(ledger.folder, "jobs.jsonl")
    path.write_bytes(path.read_bytes()[:-cut] + tail)
    assert [entry["intent"] for entry in ledger.jobs()][:1] == ["i"]
    ledger.note_job({"intent": "k", "state": "meant", "host": "h"})
    first, *_, last = ledger.jobs()
    assert (first["intent"], last["intent"]) == ("i", "k")


FOREIGN = [
    b"", b"\n\n", b"null", b"[1]", b'"x"', b"{}", b'{"x": 1}', b'{"intent": 5}',
    b'{"intent": ["x"]}', b'{"intent": "lost"}', b'{"intent": "lost", "job": "ftjob-9"}',
    b'{"host": "h", "sha256": 7}', b"\xff\xfe\x00", b"<<<<<<< HEAD", b'{"intent": "cu',
    b'{"intent": "\\ud800"}',
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(FOREIGN), st.binary(max_size=30)), max_size=8))
def test_lines_of_another_hand_are_passed_by(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    ledger = Ledger(str(tmp_path_factory.mktemp("state")))
    for name in ("jobs.jsonl", "uploads.jsonl"):
        Path(ledger.folder, name).write_bytes(b"\n".join(lines))
    ledger.note_job({"intent": "mine", "state": "meant", "host": "h"})
    ledger.note_sent(SENT)
    assert [entry for entry in ledger.jobs() if entry["intent"] == "mine"]
    assert [entry["intent"] for entry in unresolved(ledger, "h")] == ["mine"]
    assert next(ledger.sent("h", "a" * 64))["file"] == "file-1"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"parts": []}'])
def test_a_journal_is_what_was_written_last_or_nothing(ledger: Ledger, data: bytes) -> None:
    journal = ledger.journal("h", "a")
    journal.write({"parts": [1]})
    assert journal.read() == {"parts": [1]}
    (path,) = Path(ledger.folder).glob("upload-*.json")
    path.write_bytes(data)
    assert journal.read() == ({"parts": []} if data.startswith(b'{"') else None)
    journal.remove()
    journal.remove()
    assert journal.read() is None


def test_journals_of_hosts_and_files_are_apart(ledger: Ledger) -> None:
    names = {ledger.journal(host, digest).name for host in ("h", "i") for digest in ("a", "b")}
    assert len(names) == 4


def test_a_lock_is_held_once_and_another_is_told_to_wait(ledger: Ledger) -> None:
    with ledger.lock("jobs", "another ftlint starts a job"):
        with ledger.lock("other", "busy"):
            pass
        with (
            pytest.raises(Unreachable, match="another ftlint starts a job; wait for it"),
            Ledger(ledger.folder).lock("jobs", "another ftlint starts a job"),
        ):
            pass
    with ledger.lock("jobs", "busy"):
        pass


def test_a_lock_is_seen_by_another_process_and_ends_with_its_own(ledger: Ledger) -> None:
    hold = f"""
import sys
from ftlint.training.ledger import Ledger
with Ledger({ledger.folder!r}).lock("jobs", "busy"):
    print("held", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Unreachable), ledger.lock("jobs", "busy"):
            pass
        other.kill()
        other.wait()
    with ledger.lock("jobs", "busy"):
        pass


@pytest.mark.parametrize("error", [BrokenPipeError(32, "x"), TimeoutError(), ValueError("x")])
def test_what_fails_under_a_lock_is_not_the_fault_of_the_folder(
    ledger: Ledger, error: Exception
) -> None:
    with pytest.raises(type(error)) as caught, ledger.lock("jobs", "busy"):
        raise error
    assert caught.value is error
    with ledger.lock("jobs", "busy"):
        pass


@pytest.mark.parametrize(
    "do",
    [
        lambda ledger: ledger.note_sent(SENT),
        lambda ledger: ledger.note_job({"intent": "i"}),
        lambda ledger: ledger.journal("h", "a").write({}),
        lambda ledger: ledger.lock("jobs", "busy").__enter__(),
    ],
)
def test_a_folder_that_cannot_be_made_is_told(
    tmp_path: Path, do: Callable[[Ledger], object]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FtlintError, match="name another folder with --state"):
        do(Ledger(str(tmp_path / "file" / "state")))


def test_a_folder_that_cannot_be_read_is_told(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(".ftlint/jobs.jsonl").mkdir(parents=True)
    with pytest.raises(FtlintError, match="name another folder with --state"):
        Ledger(".ftlint").jobs()
    place = ["--subscription", "s", "--resource-group", "g", "--account", "a", "--name", "n"]
    assert run(["jobs", "deploy", "ftjob-1", "--dry-run", *place]) == 2
    assert "is a directory, not a file; name another folder with --state" in capsys.readouterr().err


def test_a_line_holds_when_it_was_noted(ledger: Ledger) -> None:
    ledger.note_sent(SENT)
    entry = orjson.loads(Path(ledger.folder, "uploads.jsonl").read_bytes())
    assert entry["at"].endswith("+00:00")
    assert {key: entry[key] for key in SENT} == SENT
