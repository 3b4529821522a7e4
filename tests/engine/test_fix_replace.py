"""How the old file becomes the new one: kills, what they leave, what a file keeps."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftlint.cli import run
from ftlint.core.files import atomic_write
from ftlint.core.files.atomic_write import temporary_beside, write_whole
from tests.support.faulty import SIMPLE, TEXT
from tests.support.helpers import BOM, environment, one_line, process, read, write

pytestmark = pytest.mark.usefixtures("in_tmp")

FIXED = BOM + SIMPLE
FAULTY = {
    "lines": SIMPLE.replace(b"\n", b"\r\n"),
    "UTF-16": SIMPLE.decode().encode("utf-16"),
    "CR": SIMPLE.replace(b"\n", b"\r"),
}

KILLED_AT = """
import os, signal, sys, tempfile
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
{patch}
from ftlint.__main__ import main
sys.argv[0] = "ftlint"
main()
"""
NO_LINK = "def refuse(*_, **__): raise OSError(1, 'no links')\nos.link = refuse\n"
MOMENTS = {
    "sync": "os.fsync = die",
    "name": "os.link = die",
    "metadata": "os.chown = die",
    "times": "os.utime = die",
    "rename": "os.replace = die",
    "copy": NO_LINK + "import shutil; shutil.copyfileobj = die",
    "rename of a copy": NO_LINK + "os.replace = die",
    "after the rename": "real = os.replace\ndef late(*a): real(*a); die()\nos.replace = late",
}


def kill(patch: str, *arguments: str) -> None:
    code = KILLED_AT.format(patch=patch)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("data", FAULTY.values(), ids=FAULTY)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_leaves_the_old_file_or_the_new_one_and_the_next_run_nothing_else(
    moment: str, data: bytes
) -> None:
    path = write("a.jsonl", data)
    kill(MOMENTS[moment], "fix", path)
    assert read(path) == (FIXED if moment == "after the rename" else data)
    left = [name for name in os.listdir() if name != path]
    assert len(left) == (moment not in {"sync", "name", "after the rename"})
    assert run(["fix", path]) == 0
    assert read(path) == FIXED
    assert os.listdir() == [path]


def test_a_kill_leaves_no_conversion_in_the_temporary_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    os.mkdir("spool")
    monkeypatch.setenv("TMPDIR", "spool")
    path = write("a.jsonl", FAULTY["UTF-16"])
    kill(MOMENTS["sync"], "fix", path)
    assert not os.listdir("spool")


def test_files_of_others_stay() -> None:
    path = write("a.jsonl", FAULTY["lines"])
    prefix = atomic_write._place(path)[1]  # noqa: SLF001 - what it takes for its own
    names = [".ftlint-notes", ".ftlint-settings", f"{prefix[:-2]}-a", f"x{prefix}a"]
    for name in names:
        write(name, b"mine")
    os.mkdir(f"{prefix}folder")
    os.symlink(names[0], f"{prefix}link")
    write("hard", b"mine")
    os.link("hard", f"{prefix}hard")
    before = sorted(os.listdir())
    assert run(["fix", path]) == 0
    assert sorted(os.listdir()) == before
    assert read(path) == FIXED


def test_the_file_of_a_process_that_lives_stays() -> None:
    path = write("a.jsonl", FAULTY["lines"])
    before = set(os.listdir())
    with temporary_beside(path) as out, atomic_write._named(out, os.path.realpath(path)) as name:  # noqa: SLF001
        process("fix", path)
        assert os.path.exists(name)
        assert read(path) == FIXED
    assert set(os.listdir()) == before


def test_where_no_file_can_be_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", refuse)
    path = write("a.jsonl", FAULTY["lines"])
    os.chmod(path, 0o640)
    assert run(["fix", path]) == 0
    assert (read(path), stat.S_IMODE(os.stat(path).st_mode)) == (FIXED, 0o640)
    write_whole("b.json", b"{}")
    assert sorted(os.listdir()) == ["a.jsonl", "b.json"]


def attributes(path: str) -> dict[str, bytes]:
    return {name: os.getxattr(path, name) for name in os.listxattr(path)}


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
def test_extended_attributes_are_kept() -> None:
    path = write("a.jsonl", FAULTY["lines"])
    try:
        os.setxattr(path, "user.origin", b"export 7")
    except OSError as error:
        pytest.skip(f"no extended attributes here: {error}")
    before = attributes(path)
    assert run(["fix", path]) == 0
    assert read(path) == FIXED
    assert attributes(path) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_the_owner_is_kept() -> None:
    path = write("a.jsonl", FAULTY["lines"])
    os.chown(path, 1234, 2345)
    os.chmod(path, 0o640)
    assert run(["fix", path]) == 0
    status = os.stat(path)
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 2345, 0o640)
    assert read(path) == FIXED


def test_an_owner_that_cannot_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(_: Any, owner: int, group: int) -> None:
        asked.append((owner, group))
        raise PermissionError(errno.EPERM, "not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    path = write("a.jsonl", FAULTY["lines"])
    assert run(["fix", path]) == 0
    assert read(path) == FIXED
    assert asked == [(-1, os.stat(path).st_gid), (os.stat(path).st_uid, os.stat(path).st_gid)]


def test_the_time_of_a_fixed_file_is_new() -> None:
    path = write("a.jsonl", FAULTY["lines"])
    os.utime(path, ns=(1, 1))
    assert run(["fix", path]) == 0
    assert os.stat(path).st_mtime_ns > 1


def test_a_file_with_hard_links_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", FAULTY["lines"])
    os.link(path, "b.jsonl")
    assert run(["fix", path]) == 2
    words = one_line(capsys.readouterr().err)
    assert "2 hard links" in words
    assert "--in-place" in words
    assert read(path) == read("b.jsonl") == FAULTY["lines"]
    assert sorted(os.listdir()) == ["a.jsonl", "b.jsonl"]


def test_a_file_with_hard_links_and_without_faults_passes() -> None:
    path = write("a.jsonl", FIXED)
    os.link(path, "b.jsonl")
    assert run(["fix", path]) == 0


@pytest.mark.parametrize("data", [*FAULTY.values(), BOM + SIMPLE + b"\n" * 9_999])
def test_in_place_all_hard_links_are_fixed(data: bytes) -> None:
    path = write("a.jsonl", data)
    os.link(path, "b.jsonl")
    before = os.stat(path)
    assert run(["fix", "--in-place", path]) == 0
    assert read(path) == read("b.jsonl") == FIXED
    after = os.stat(path)
    assert (after.st_ino, after.st_nlink, after.st_mode) == (before.st_ino, 2, before.st_mode)
    assert sorted(os.listdir()) == ["a.jsonl", "b.jsonl"]


def test_in_place_a_full_disk_is_told_before_a_byte_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    path = write("a.jsonl", TEXT)
    assert run(["check", "--fix", "--in-place", path]) == 2
    assert "no space left" in one_line(capsys.readouterr().err)
    assert read(path) == TEXT


def test_in_place_is_refused_where_nothing_is_fixed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--in-place", write("a.jsonl", TEXT)]) == 2
    assert "--in-place does nothing without --fix" in one_line(capsys.readouterr().err)
    assert Path("a.jsonl").read_bytes() == TEXT


def test_a_file_that_cannot_be_replaced_can_be_overwritten(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(os, "replace", refuse)
    path = write("a.jsonl", FAULTY["lines"])
    assert run(["fix", path]) == 2
    assert "busy; --in-place overwrites the file instead" in one_line(capsys.readouterr().err)
    assert run(["fix", "--in-place", path]) == 0
    assert (read(path), os.listdir()) == (FIXED, [path])
