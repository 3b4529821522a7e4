"""Damaged, linked and foreign files of state: nothing is lost, and no job is started twice."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import orjson
import pytest

from ftlint.cli import run
from ftlint.core.errors import FtlintError
from ftlint.training.ledger import Ledger
from tests.support.helpers import write
from tests.support.service import GOOD, MODEL, Serving, asked, files, result_of, serving

__all__ = ["serving"]

JOBS = "/fine_tuning/jobs"
LAUNCH = ["launch", "train.jsonl", "--model", MODEL, "--yes", "--reconcile-for", "0"]
INTERRUPTED = "POST /uploads/*/parts status=503 skip=2 times=6"
DAMAGE = {
    "no JSON": b"<<<<<<< HEAD\n",
    "cut off": b'{"intent":"abc","sta',
    "binary": b"\0\0\0\xff\xfe\n",
    "a list": b"[1, 2]\n",
    "deep": b"[" * 100_000 + b"\n",
    "odd types": b'{"intent": "i", "state": {}, "host": []}\n',
    "no body": b'{"intent": "i", "state": "meant", "body": 7}\n',
    "no id": b'{"intent": "i", "state": "started", "job": "../x\\r\\n"}\n',
}


def damaged(name: str) -> list[Path]:
    return sorted(Path(".ftlint").glob(f"{name}.damaged-*"))


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_ledger_stops_one_launch_and_is_kept(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str], damage: bytes
) -> None:
    write("train.jsonl", GOOD)
    with serving() as emulator:
        assert result_of(capsys, "upload", "train.jsonl")[0] == 0
        code, first = result_of(capsys, *LAUNCH)
        assert code == 0
        path = Path(".ftlint/jobs.jsonl")
        sound = path.read_bytes()
        path.write_bytes(sound + damage)
        code, data = result_of(capsys, *LAUNCH)
        assert code == 6
        words = data["error"]["message"]
        assert ".ftlint/jobs.jsonl is damaged: line 3 is no entry; it is kept as" in words
        assert "and 2 entries of it went on" in words
        assert "ftlint jobs reconcile, then run this again" in words
        assert damaged("jobs.jsonl")[0].read_bytes() == sound + damage
        assert path.read_bytes() == sound
        code, again = result_of(capsys, *LAUNCH)
        assert (code, again["how"]) == (0, "started before")
        assert again["job"]["id"] == first["job"]["id"]
        assert asked(emulator).count(JOBS) == 1


def test_a_request_without_answer_is_found_after_the_ledger_was_destroyed(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("train.jsonl", GOOD)
    with serving(f"POST {JOBS} cut when=after times=1") as emulator:
        assert result_of(capsys, "upload", "train.jsonl")[0] == 0
        assert result_of(capsys, *LAUNCH)[0] in (0, 6)
        Path(".ftlint/jobs.jsonl").write_bytes(b"\xff" * 100)
        assert result_of(capsys, *LAUNCH)[0] == 6
        code, data = result_of(capsys, *LAUNCH)
        (job,) = emulator.jobs
        assert (code, data["job"]["id"], data["how"]) == (0, job, "started before")
        assert asked(emulator).count(JOBS) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "meant", "since": None},
        {"state": "meant", "body": {}},
        {"state": "started", "since": None},
    ],
)
def test_an_entry_that_lacks_what_identifies_its_job_starts_none(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object]
) -> None:
    write("train.jsonl", GOOD)
    with serving() as emulator:
        assert result_of(capsys, "upload", "train.jsonl")[0] == 0
        assert result_of(capsys, *LAUNCH)[0] == 0
        path = Path(".ftlint/jobs.jsonl")
        entry = {**orjson.loads(path.read_bytes().splitlines()[0]), **changes}
        path.write_bytes(
            orjson.dumps({key: value for key, value in entry.items() if value is not None})
        )
        code, data = result_of(capsys, *LAUNCH)
        assert code == 6
        assert "look with ftlint jobs list" in data["error"]["message"]
        assert run(["jobs", "reconcile"]) == (6 if changes["state"] == "meant" else 0)
        assert asked(emulator).count(JOBS) == 1


def test_readers_say_once_that_a_ledger_is_damaged_and_leave_it(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(".ftlint/jobs.jsonl", b'{"intent": "i", "state": "", "host": "h"}\nx\n')
    with serving():
        assert run(["jobs", "list"]) == 0
    words = ".ftlint/jobs.jsonl is damaged: line 2 is no entry"
    assert capsys.readouterr().err.count(words) == 1
    assert damaged("jobs.jsonl") == []


def test_a_ledger_that_is_too_large_is_kept_and_not_read(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("train.jsonl", GOOD)
    write(".ftlint/jobs.jsonl", b"")
    os.truncate(".ftlint/jobs.jsonl", 1 << 40)
    with serving():
        assert result_of(capsys, "upload", "train.jsonl")[0] == 0
        code, data = result_of(capsys, *LAUNCH)
        assert code == 6
        assert "is damaged: it is over 67,108,864 bytes" in data["error"]["message"]
        assert result_of(capsys, *LAUNCH)[0] == 0
    assert damaged("jobs.jsonl")[0].stat().st_size == 1 << 40


def test_a_damaged_record_of_uploads_is_kept_and_no_file_is_sent_twice(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("train.jsonl", GOOD)
    with serving() as emulator:
        assert run(["upload", "train.jsonl"]) == 0
        Path(".ftlint/uploads.jsonl").write_bytes(b"\xff")
        capsys.readouterr()
        assert run(["upload", "train.jsonl"]) == 0
        assert len(emulator.files) == 1
    assert "uploads.jsonl is damaged: line 1 is no entry; it is kept as" in capsys.readouterr().err
    assert damaged("uploads.jsonl")[0].read_bytes() == b"\xff"


@pytest.mark.parametrize("damage", [b"{", b"[1]", b'{"version": 1, "upload": "../x"}'])
def test_a_damaged_journal_is_kept_and_the_upload_starts_over(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str], damage: bytes
) -> None:
    train, small = files()
    with serving(INTERRUPTED):
        assert run(["upload", train, "--profile", small]) == 5
        (journal,) = Path(".ftlint").glob("upload-*.json")
        journal.write_bytes(damage)
        capsys.readouterr()
        assert run(["upload", train, "--profile", small]) == 0
    assert "the journal is damaged, and kept as" in capsys.readouterr().err
    assert damaged(journal.name)[0].read_bytes() == damage


@pytest.mark.parametrize("name", ["jobs.jsonl", "uploads.jsonl", "jobs.lock"])
@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe"])
def test_no_link_is_followed_and_no_pipe_waited_for(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    write("train.jsonl", GOOD)
    Path(".ftlint").mkdir()
    if kind == "link":
        write("precious", b"precious\n")
    if kind == "pipe":
        os.mkfifo(f".ftlint/{name}")
    else:
        os.symlink("../precious", f".ftlint/{name}")
    with serving() as emulator:
        code, data = result_of(capsys, "upload", "train.jsonl")
        if code == 0:
            code, data = result_of(capsys, *LAUNCH)
        assert asked(emulator).count(JOBS) == (1 if code == 0 else 0)
    if (name, kind) != ("jobs.lock", "pipe"):  # which can be locked as any file can
        assert code == 2
        assert "name another folder with --state" in data["error"]["message"]
    assert not Path("precious").exists() or Path("precious").read_bytes() == b"precious\n"


def test_a_journal_that_is_a_link_is_not_followed(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, small = files()
    write("precious", b"precious\n")
    with serving(INTERRUPTED) as emulator:
        assert run(["upload", train, "--profile", small]) == 5
        (journal,) = Path(".ftlint").glob("upload-*.json")
        journal.unlink()
        journal.symlink_to("../precious")
        code, data = result_of(capsys, "upload", train, "--profile", small)
        assert len(emulator.uploads) == 1
    assert code == 2
    assert "it is a symbolic link, which is not followed" in data["error"]["message"]
    assert Path("precious").read_bytes() == b"precious\n"


@pytest.mark.parametrize("state", [".ftlint", "state/"])
def test_a_folder_that_is_a_link_is_refused(in_tmp: Path, state: str) -> None:
    os.mkdir("elsewhere")
    os.symlink("elsewhere", state.rstrip("/"))
    for do in (Ledger.jobs, lambda ledger: ledger.note_sent({"host": "h"}), Ledger.make):
        with pytest.raises(FtlintError, match="is a symbolic link, which is not followed; remove"):
            do(Ledger(state))
    assert os.listdir("elsewhere") == []


def test_a_file_that_others_could_read_becomes_private(in_tmp: Path) -> None:
    Path(write(".ftlint/jobs.jsonl", b"")).chmod(0o644)
    Ledger(".ftlint").note_job({"intent": "i"})
    assert stat.S_IMODE(os.stat(".ftlint/jobs.jsonl").st_mode) == 0o600


def note(number: int) -> None:
    """Append entries, and repair what another process damages."""
    ledger = Ledger(".ftlint")
    for turn in range(40):
        ledger.note_job({"intent": f"{number}-{turn}"})
        if turn % 10 == number:
            with open(".ftlint/jobs.jsonl", "ab") as stream:
                stream.write(b"damage\n")
            ledger.repair_jobs()


def test_entries_that_are_noted_during_a_repair_are_kept(in_tmp: Path) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.map(note, range(4))
    Ledger(".ftlint").repair_jobs()
    assert len(Ledger(".ftlint").jobs()) == 160
