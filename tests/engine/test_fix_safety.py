"""A file is replaced in one step or left as it is; whatever goes wrong, the old bytes stay."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from ftlint.cli import run
from tests.support.faulty import SIMPLE, TEXT
from tests.support.helpers import BOM, GOOD, LINE, one_line, process, read, whole, write

FAULTY = TEXT.replace(b"\n", b"\r\n")
"""What three rules would mend."""

MENDED = BOM + TEXT


@pytest.fixture(autouse=True)
def spool(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give temporary files a folder of their own, to see what is left of them."""
    folder = in_tmp / "spool"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def untouched(spool: Path, path: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Fix a file in vain; return the words why. It stays as it is, and nothing else is left."""
    before, facts = read(path), os.stat(path)
    known = sorted(os.listdir())
    assert run(["fix", path]) == 2
    words = one_line(capsys.readouterr().err)
    assert words.startswith(f"{path}: ")
    assert read(path) == before
    assert (os.stat(path).st_ino, os.stat(path).st_mode) == (facts.st_ino, facts.st_mode)
    assert sorted(os.listdir()) == known
    assert not list(spool.iterdir())
    return words


def test_a_fixed_file_leaves_nothing_behind(spool: Path) -> None:
    write("a.jsonl", FAULTY)
    write("b.jsonl", TEXT.replace(b"\n", b"\r"))
    write("c.jsonl", SIMPLE.decode().encode("utf-16"))
    assert run(["fix", "a.jsonl", "b.jsonl", "c.jsonl"]) == 0
    assert sorted(os.listdir()) == ["a.jsonl", "b.jsonl", "c.jsonl", "spool"]
    assert not list(spool.iterdir())


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o755, 0o400])
def test_mode_bits_are_kept(mode: int) -> None:
    path = write("a.jsonl", FAULTY)
    os.chmod(path, mode)
    assert run(["fix", path]) == 0
    assert read(path) == MENDED
    assert stat.S_IMODE(os.stat(path).st_mode) == mode


def test_a_link_stays_a_link_and_its_target_is_mended() -> None:
    write("data/a.jsonl", FAULTY)
    os.makedirs("links")
    os.symlink("../data/a.jsonl", "links/b.jsonl")
    os.symlink("b.jsonl", "links/c.jsonl")
    assert run(["fix", "links/c.jsonl"]) == 0
    assert os.readlink("links/c.jsonl") == "b.jsonl"
    assert os.readlink("links/b.jsonl") == "../data/a.jsonl"
    assert not os.path.islink("data/a.jsonl")
    assert read("data/a.jsonl") == MENDED
    assert sorted(os.listdir("links")) == ["b.jsonl", "c.jsonl"]
    assert os.listdir("data") == ["a.jsonl"]


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_what_the_system_refuses(
    step: str, spool: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, refuse)
    words = untouched(spool, write("a.jsonl", FAULTY), capsys)
    assert words == "a.jsonl: cannot fix: no space left on device"


def test_an_interrupt(
    spool: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    path = write("a.jsonl", FAULTY)
    monkeypatch.setattr(os, "replace", interrupt)
    assert run(["fix", path]) == 130
    assert capsys.readouterr().err.split() == ["interrupted"]
    assert read(path) == FAULTY
    assert sorted(os.listdir()) == ["a.jsonl", "spool"]
    assert not list(spool.iterdir())


def test_a_file_that_is_said_to_change_meanwhile(
    spool: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter([True])  # to the fix; the check that follows is told the truth
    monkeypatch.setattr("ftlint.inputs.discovery.changed", lambda _: next(answers, False))
    words = untouched(spool, write("a.jsonl", FAULTY), capsys)
    assert "the file changed while it was fixed" in words


def test_a_file_that_does_change_meanwhile(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("a.jsonl", FAULTY)

    def append(_: int) -> None:
        with open(path, "ab") as stream:
            stream.write(LINE)

    monkeypatch.setattr(os, "fsync", append)
    assert run(["fix", path]) == 2
    assert "the file changed while it was fixed" in one_line(capsys.readouterr().err)
    assert read(path) == FAULTY + LINE
    assert sorted(os.listdir()) == ["a.jsonl", "spool"]


def test_a_directory_that_takes_no_files(
    spool: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tempfile.TemporaryFile

    def refuse(*args: object, dir: str = "", **options: object) -> object:  # noqa: A002 - its name
        if os.path.realpath(dir) == os.path.realpath("data"):
            raise PermissionError(13, "Permission denied", dir)
        return made(*args, dir=dir, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    words = untouched(spool, write("data/a.jsonl", FAULTY), capsys)
    assert words == "data/a.jsonl: cannot fix: permission denied"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory(spool: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write("data/a.jsonl", FAULTY)
    os.chmod("data", 0o500)
    try:
        assert "permission denied" in untouched(spool, path, capsys)
    finally:
        os.chmod("data", 0o700)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (SIMPLE.decode().encode("utf-16-le")[:-1], "utf-16-le"),
        (SIMPLE.decode().encode("utf-16") + b"\x00\xd8", "utf-16-le"),
        (SIMPLE.decode().encode("utf-16-be") + b"\xdc\x00\x00a", "utf-16-be"),
        (SIMPLE.decode().encode("utf-32-be")[:-2], "utf-32-be"),
        (SIMPLE.decode().encode("utf-32-le") + b"\xff\xff\xff\xff", "utf-32-le"),
    ],
)
def test_a_file_that_cannot_be_decoded(
    data: bytes, encoding: str, spool: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = untouched(spool, write("a.jsonl", data), capsys)
    assert words.startswith(f"a.jsonl: not valid {encoding}: ")


def test_one_file_that_cannot_be_fixed_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.jsonl", SIMPLE.decode().encode("utf-16-le")[:-1])
    write("b.jsonl", FAULTY)
    assert run(["fix", "a.jsonl", "b.jsonl"]) == 2
    assert read("b.jsonl") == MENDED
    out, err = capsys.readouterr()
    assert "b.jsonl: passed" in out
    assert "error: a.jsonl: not valid utf-16-le: truncated data\n" in err


@pytest.mark.parametrize("command", [["fix"], ["check", "--fix"], ["check", "--diff"]])
def test_standard_input_cannot_be_fixed(command: list[str]) -> None:
    done = process(*command, "-", data=FAULTY)
    assert done.returncode == 2
    assert one_line(done.stderr.decode()).startswith("standard input cannot be fixed")
    assert done.stdout == b""


def test_a_device_cannot_be_fixed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fix", os.devnull]) == 2
    assert "only a file can be fixed" in one_line(capsys.readouterr().err)


SHORT = """
title = "short lines"
extends = "azure"
[rules.line-too-long]
maximum = 1000
source = "a test"
"""


@pytest.mark.parametrize("size", [1001, 3 << 20])
@pytest.mark.parametrize("place", ["first", "middle", "last", "last without LF"])
def test_lines_over_the_cap_are_copied(size: int, place: str) -> None:
    write("short.toml", SHORT.encode())
    long = (b'{"\r \xff\t' * size)[:size]
    rows = [line + b"\r\n" for line in [LINE] * 3]
    at = {"first": 0, "middle": 1}.get(place, 3)
    rows.insert(at, long + (b"" if place == "last without LF" else b"\r\n"))
    mended = [LINE + b"\n"] * 3
    mended.insert(at, rows[at])
    path = write("a.jsonl", b"\n" + b"".join(rows))
    for _ in range(2):
        assert run(["fix", "--profile", "short.toml", path]) == 1
        assert read(path) == BOM + b"".join(mended)


def test_a_blank_line_that_keeps_its_mark_does_not_hand_it_on() -> None:
    data = GOOD + BOM + b"\n" + whole(LINE, mark=b"")
    path = write("a.jsonl", data)
    run(["fix", "--ignore", "bom-inside-file", path])
    assert read(path).endswith(b"\n" + LINE + b"\n")


def test_a_pipe_is_refused_before_it_is_read(
    in_tmp: object, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo("pipe.jsonl")
    assert run(["fix", "pipe.jsonl"]) == 2
    assert "only a file can be fixed" in one_line(capsys.readouterr().err)


def test_the_validation_file_is_fixed_too(
    in_tmp: object, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = whole(*[LINE] * 60, mark=b"")
    write("train.jsonl", rows)
    write("valid.jsonl", rows)
    assert run(["fix", "train.jsonl", "--validation", "valid.jsonl"]) == 0
    assert read("valid.jsonl") == read("train.jsonl") == BOM + rows
