"""What PATH may be: files, directories, globs, standard input, pipes, and what is none of them."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from ftlint.cli import run
from ftlint.engine import plan
from ftlint.inputs.discovery import Input, version_of
from ftlint.inputs.probe import Probe, probe
from tests.support.helpers import BAD, GOOD, LINE, one_line, process, report_of, whole, write

pytestmark = pytest.mark.usefixtures("in_tmp")


def checked(capsys: pytest.CaptureFixture[str], *paths: str) -> list[str]:
    """Return the names under which the report lists what was checked."""
    report = report_of(capsys, *paths)
    assert not report.errors
    return [entry.path for entry in report.inputs]


def refused(capsys: pytest.CaptureFixture[str], *paths: str) -> str:
    """Check what cannot be read and a good file; return the words for the former."""
    assert run(["check", *paths, write("good.jsonl")]) == 2
    out, err = capsys.readouterr()
    assert "good.jsonl: passed" in out
    return one_line(err)


def test_a_directory_stands_for_its_jsonl_and_ndjson_files(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wanted = ["a.ndjson", "b.jsonl", "deep/er/c.jsonl", "f.jsonl.gz", "g.ndjson.zst"]
    for name in (*reversed(wanted), "d.json", "e.txt", "jsonl", "g.gz", "h.json.gz"):
        write(f"data/{name}")
    expected = [f"data/{name}" for name in wanted]
    assert checked(capsys, "data") == expected
    assert checked(capsys, "data/") == expected
    assert checked(capsys, ".") == expected


def test_hidden_directories_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    for name in (".git/a.jsonl", "b/.cache/b.jsonl", ".x/y/c.jsonl", "b/d.jsonl"):
        write(f"data/{name}")
    assert checked(capsys, "data") == ["data/b/d.jsonl"]


def test_a_hidden_directory_that_is_named_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    write(".data/a.jsonl")
    assert checked(capsys, ".data") == [".data/a.jsonl"]
    assert checked(capsys, ".data/a.jsonl") == [".data/a.jsonl"]


def test_a_directory_is_read_once_whatever_links_lead_to_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("data/b/c.jsonl")
    os.symlink(".", "data/again")
    os.symlink("..", "data/b/up")
    os.symlink("nowhere", "data/gone.jsonl")
    write("other/d.jsonl")
    os.symlink(os.path.abspath("other"), "data/other")
    assert checked(capsys, "data") == ["data/b/c.jsonl", "data/other/d.jsonl"]


def test_a_file_of_a_directory_that_cannot_be_read_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: str, file: str) -> Input:
        if path == "data/a.jsonl":
            raise PermissionError(errno.EACCES, "Permission denied", file)
        return Input(path, file, os.path.getsize(file), version_of(os.stat(file)))

    write("data/a.jsonl")
    write("data/b.jsonl")
    monkeypatch.setattr("ftlint.inputs.discovery._stat", refuse)
    assert refused(capsys, "data") == "data/a.jsonl: cannot read: permission denied"
    report = report_of(capsys, "data")
    assert [entry.path for entry in report.inputs] == ["data/b.jsonl"]


def test_a_directory_may_be_named_like_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    write("data.jsonl/a.jsonl")
    assert checked(capsys, "data.jsonl") == ["data.jsonl/a.jsonl"]
    assert checked(capsys, ".") == ["data.jsonl/a.jsonl"]


def test_a_glob_stands_for_the_files_it_matches(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b.jsonl", "a.jsonl", "c.txt", "d/e.jsonl", "f.jsonl/g.jsonl"):
        write(name)
    assert checked(capsys, "*.jsonl") == ["a.jsonl", "b.jsonl"]
    assert checked(capsys, "?.txt") == ["c.txt"]
    assert checked(capsys, "**/*.jsonl") == ["a.jsonl", "b.jsonl", "d/e.jsonl", "f.jsonl/g.jsonl"]


def test_a_file_that_exists_is_no_glob(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a[1].jsonl", "a1.jsonl", "b*.jsonl", "bc.jsonl"):
        write(name)
    assert checked(capsys, "a[1].jsonl", "b*.jsonl") == ["a[1].jsonl", "b*.jsonl"]


def test_a_file_named_several_times_is_checked_once(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("data/a.jsonl", BAD)
    os.symlink("data/a.jsonl", "link.jsonl")
    names = [path, f"./{path}", os.path.abspath(path), "data", "data/*.jsonl", "link.jsonl", path]
    report = report_of(capsys, *names)
    assert [entry.path for entry in report.inputs] == [path]
    assert report.counts["error"] == 1


def test_files_are_reported_in_the_order_they_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = [write(name) for name in ("c.jsonl", "a.jsonl", "b.jsonl")]
    assert checked(capsys, *names) == names


@pytest.mark.parametrize("where", ["below", "beside"])
def test_an_absolute_path_is_shown_relative(
    where: str, in_tmp: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(in_tmp / "sub" / "a.jsonl")
    write(in_tmp / "other" / "b.jsonl")
    monkeypatch.chdir(in_tmp if where == "below" else in_tmp / "other")
    expected = {"below": "sub/a.jsonl", "beside": "../sub/a.jsonl"}[where]
    assert checked(capsys, path) == [expected]


def test_standard_input(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.jsonl")
    done = process("check", "-", "a.jsonl", "-", data=BAD)
    assert done.returncode == 1
    verdicts = done.stdout.decode().splitlines()[-3:]
    assert verdicts[0].startswith("-: failed, 1 error in 51 examples")
    assert verdicts[1].startswith("a.jsonl: passed")
    assert verdicts[2].startswith("2 files: 1 passed, 1 failed")


def test_standard_input_has_no_name_to_complain_about() -> None:
    done = process("check", "--output-format", "json", "-", data=GOOD)
    assert done.returncode == 0
    assert b"wrong-file-extension" not in done.stdout


def test_empty_standard_input_is_an_empty_file() -> None:
    done = process("check", "-")
    assert done.returncode == 1
    assert b"error[empty-file]: the file holds zero bytes" in done.stdout


def test_a_named_pipe_is_read_once(capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe.jsonl")
    writer = threading.Thread(target=write, args=("pipe.jsonl", BAD))
    writer.start()
    report = report_of(capsys, "pipe.jsonl", "./pipe.jsonl")
    writer.join()
    assert [(entry.path, entry.bytes) for entry in report.inputs] == [("pipe.jsonl", len(BAD))]
    assert [finding.location.line for finding in report.findings] == [51]


def test_a_missing_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "a.jsonl") == "a.jsonl: no such file or directory; check the path"


def test_a_glob_that_matches_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    write("folder.txt/a.jsonl")
    assert "nothing matches this pattern" in refused(capsys, "*.txt")


def test_a_directory_without_data(capsys: pytest.CaptureFixture[str]) -> None:
    write("data/.hidden/a.jsonl")
    write("data/a.json")
    assert refused(capsys, "data").startswith("data: no *.jsonl or *.ndjson in this directory")


def test_a_broken_link(capsys: pytest.CaptureFixture[str]) -> None:
    os.symlink("none.jsonl", "link.jsonl")
    assert "link.jsonl: no such file" in refused(capsys, "link.jsonl")


def test_a_link_to_itself(capsys: pytest.CaptureFixture[str]) -> None:
    os.symlink("link.jsonl", "link.jsonl")
    assert refused(capsys, "link.jsonl").startswith("link.jsonl: ")


def test_a_file_below_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, f"{write('a.jsonl')}/b.jsonl").startswith("a.jsonl/b.jsonl: ")


def test_an_empty_name(capsys: pytest.CaptureFixture[str]) -> None:
    words = refused(capsys, "")
    assert "no such file" in words
    assert not words.startswith(".:")  # the directory is there


def test_a_socket_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("a.jsonl")
        assert refused(capsys, "a.jsonl").startswith("a.jsonl: cannot read: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(capsys: pytest.CaptureFixture[str]) -> None:
    os.chmod(write("a.jsonl"), 0)
    assert refused(capsys, "a.jsonl") == "a.jsonl: cannot read: permission denied"


def test_a_file_that_fails_while_it_is_read_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(entry: Input, method: str | None = None) -> Probe:
        if entry.path == "a.jsonl":
            raise OSError(errno.EIO, "Input/output error")
        return probe(entry, method)

    monkeypatch.setattr(plan, "probe", fail)
    words = refused(capsys, write("a.jsonl", BAD))
    assert words == "a.jsonl: cannot read: input/output error"


def test_a_file_that_vanishes_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def vanish(entry: Input, method: str | None = None) -> Probe:
        found = probe(entry, method)
        if entry.path == "a.jsonl":
            os.unlink(entry.file)
        return found

    monkeypatch.setattr(plan, "probe", vanish)
    assert refused(capsys, write("a.jsonl", BAD)).startswith("a.jsonl: ")


def test_a_file_that_changes_meanwhile_gets_no_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ftlint.inputs.discovery.changed", lambda entry: entry.path == "a.jsonl")
    assert "the file changed while it was checked" in refused(capsys, write("a.jsonl"))
    assert [entry.passed for entry in report_of(capsys, "a.jsonl", "good.jsonl").inputs] == [
        False,
        True,
    ]


UNDECODABLE = [os.fsdecode(b"a\xfe.jsonl"), os.fsdecode(b"a\xff.jsonl")]


def test_a_name_that_is_not_unicode(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", write(UNDECODABLE[0])]) == 0
    assert capsys.readouterr().out.startswith("a\\xfe.jsonl: passed")


@pytest.mark.parametrize("arguments", [[], ["--output-format", "json"]])
def test_a_missing_file_with_a_name_that_is_not_unicode(
    arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", *arguments, UNDECODABLE[0]]) == 2
    assert "no such file or directory" in one_line(capsys.readouterr().err)


def test_two_names_that_look_alike_are_two_files(capsys: pytest.CaptureFixture[str]) -> None:
    long, short = UNDECODABLE
    report = report_of(capsys, write(short, whole(LINE, LINE)), write(long, GOOD))
    assert [(entry.examples, entry.passed) for entry in report.inputs] == [(2, False), (50, True)]


def test_no_absolute_path_is_in_a_report(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [in_tmp / name for name in ("none.jsonl", "*.csv", "folder")]
    (in_tmp / "folder").mkdir()
    assert run(["check", "--output-format", "json", *map(str, names), write("a.jsonl")]) == 2
    assert str(in_tmp) not in capsys.readouterr().out
