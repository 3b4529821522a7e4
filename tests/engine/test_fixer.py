"""`--fix` and `ftlint fix`: bytes are mended, no example is lost, and the rest stays as it is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftlint.cli import run
from ftlint.config.config import resolve
from ftlint.core.rule import RULES
from ftlint.engine.fixer import fix_file
from ftlint.engine.line_checker import LineChecker
from ftlint.engine.line_result import LineResult
from tests.support.faulty import CONVERTED, LINES, ODD, ROWS, SIMPLE, TEXT
from tests.support.helpers import (
    BOM,
    EMPTY,
    GOOD,
    HUMAN,
    LINE,
    one_line,
    read,
    report_of,
    whole,
    write,
)

pytestmark = pytest.mark.usefixtures("in_tmp")

PROFILES = pytest.mark.parametrize(("profile", "mark"), [("azure", BOM), ("openai", b"")])


def fixed(data: bytes, *arguments: str) -> bytes:
    """Fix a file and return its new bytes; fixing it again changes nothing."""
    path = write("a.jsonl", data)
    run(["fix", *arguments, path])
    once = read(path)
    run(["fix", *arguments, path])
    assert read(path) == once
    return once


def objects(data: bytes) -> list[Any]:
    """Read the objects of a file as a patient reader would: marks and line ends do not count."""
    lines = data.decode().replace("\ufeff", "").replace("\r", "\n").split("\n")
    return [json.loads(line) for line in lines if line.strip(" \t")]


@PROFILES
@pytest.mark.parametrize("data", LINES.values(), ids=LINES)
def test_lines_are_mended_and_nothing_else(profile: str, mark: bytes, data: bytes) -> None:
    assert fixed(data, "--profile", profile) == mark + TEXT
    assert run(["check", "--profile", profile, "a.jsonl"]) == 0


@PROFILES
@pytest.mark.parametrize("data", CONVERTED.values(), ids=CONVERTED)
def test_files_are_converted(profile: str, mark: bytes, data: bytes) -> None:
    assert fixed(data, "--profile", profile) == mark + SIMPLE
    assert run(["check", "--profile", profile, "a.jsonl"]) == 0


@pytest.mark.parametrize("mark", [b"", BOM, BOM * 2], ids=["no mark", "mark", "two marks"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"], ids=["no end", "LF", "CR LF"])
def test_a_file_of_one_line(mark: bytes, end: bytes) -> None:
    assert fixed(mark + LINE + end) == BOM + LINE + b"\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_no_character_is_lost_in_a_conversion(encoding: str) -> None:
    text = (BOM + TEXT).decode()
    assert fixed(text.encode(encoding)) == text.encode()


@pytest.mark.parametrize(
    ("data", "profile"),
    [
        (b"", "azure"),
        (BOM, "azure"),
        (b"\n\n", "azure"),
        (b"PK\x03\x04rest", "azure"),
        (b"a,b\n1,2\n", "openai"),
        (b'[\n {"messages": []}\n]\n', "openai"),
        (b'{\n "messages": []\n}\n', "openai"),
    ],
)
def test_what_cannot_be_mended_is_left_alone(data: bytes, profile: str) -> None:
    assert fixed(data, "--profile", profile) == data
    assert run(["check", "--profile", profile, "a.jsonl"]) == 1


def test_faults_without_a_fix_stay_and_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    broken = [b'{"messages": [}', b"\xff\xfe", b"[1]", b'{"a": "\x00"}', EMPTY]
    data = whole(*ROWS, *broken, mark=b"")
    path = write("a.jsonl", data.replace(b"\n", b"\r\n"))
    assert run(["fix", path]) == 1
    assert read(path) == BOM + data
    counts = report_of(capsys, path).counts
    assert (counts["error"], counts["warning"]) == (4, 1)


def test_check_with_fix_is_fix(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", TEXT)
    assert run(["check", "--fix", path]) == 0
    first = capsys.readouterr()
    assert read(path) == BOM + TEXT
    write(path, TEXT)
    assert run(["fix", path]) == 0
    assert capsys.readouterr() == first


def test_check_alone_changes_nothing() -> None:
    path = write("a.jsonl", TEXT)
    assert run(["check", path]) == 1
    assert read(path) == TEXT


def test_only_rules_in_force_are_fixed() -> None:
    data = TEXT.replace(b"\n", b"\r\n") + b"\n"
    assert fixed(data, "--select", "missing-bom") == BOM + data
    assert fixed(data, "--ignore", "missing-bom,blank-line") == TEXT + b"\n"
    assert fixed(data, "--select", "limits") == data


def test_a_file_without_faults_is_not_written() -> None:
    path = write("a.jsonl", BOM + TEXT)
    os.utime(path, ns=(1, 1))
    before = os.stat(path)
    assert run(["fix", path]) == 0
    after = os.stat(path)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_every_file_that_is_named_is_fixed(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("data/a.jsonl", "data/b.ndjson", "c.jsonl", "d1.jsonl", "d2.jsonl", "e.jsonl"):
        write(name, TEXT)
    assert run(["fix", "data", "c.jsonl", "none.jsonl", "d*.jsonl", "c.jsonl"]) == 2
    for name in ("data/a.jsonl", "data/b.ndjson", "c.jsonl", "d1.jsonl", "d2.jsonl"):
        assert read(name) == BOM + TEXT
    assert read("e.jsonl") == TEXT
    err = capsys.readouterr().err
    assert err.count("fixed 1 missing-bom\n") == 5
    assert err.endswith("error: none.jsonl: no such file or directory; check the path\n")


UNSAFE = HUMAN.replace(b'"messages"', b'"id":7,"messages"')


def test_unsafe_fixes_are_left_out_unless_asked_for() -> None:
    data = GOOD + UNSAFE + b"\n"
    assert fixed(data) == data
    assert fixed(data, "--unsafe-fixes") == GOOD + LINE + b"\n"
    path = write("a.jsonl", data)
    assert run(["check", "--fix", "--unsafe-fixes", path]) == 0
    assert read(path) == GOOD + LINE + b"\n"


def test_unsafe_fixes_alone_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", UNSAFE)
    assert run(["check", "--unsafe-fixes", path]) == 2
    assert "add --fix or --diff" in one_line(capsys.readouterr().err)
    assert read(path) == UNSAFE


TWICE = LINE.replace(
    b'"a"}', b'"a","weight":true},{"role":"assistant","weight":false,"content":"b"}'
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (TEXT, "1 missing-bom"),
        (TEXT.replace(b"\n", b"\r\n"), "50 crlf-line-endings, 1 missing-bom"),
        (BOM + TEXT + b"\n" * 3, "3 blank-line"),
        (BOM + TEXT + b"\n \n", "2 blank-line"),
        (BOM + TEXT + b"\r\n", "1 blank-line"),
        (BOM + TEXT.replace(b'"a"', b'"a","weight":true'), "49 weight-bool"),
        (GOOD + TWICE + b"\n", "2 weight-bool"),
    ],
)
def test_what_was_fixed_is_counted(
    data: bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["fix", write("a.jsonl", data)])
    shown = capsys.readouterr().err.strip().removeprefix("a.jsonl: fixed ").split(", ")
    assert set(words.split(", ")) <= set(shown)


PIECES = st.sampled_from(
    [*ROWS[:3], ODD, HUMAN, EMPTY, b"", b" ", b"\t ", BOM, BOM + LINE, BOM * 2 + ODD]
)
ENDS = st.sampled_from([b"\n", b"\n", b"\r\n"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.tuples(PIECES, ENDS), max_size=8),
    mark=st.sampled_from([b"", BOM, BOM * 2]),
    end=st.sampled_from([b"", b"\n", b"\r\n"]),
    profile=st.sampled_from(["azure", "openai"]),
    conversion=st.sampled_from(["utf-8", "utf-8", "utf-16", "utf-32-be"]),
)
def test_no_example_is_lost(
    pieces: list[tuple[bytes, bytes]], mark: bytes, end: bytes, profile: str, conversion: str
) -> None:
    data = (mark + b"".join(map(b"".join, pieces))).removesuffix(end)
    path = write("a.jsonl", data.decode().encode(conversion))
    config = resolve(RULES, profile=profile)
    fix_file(path, config, unsafe=False)
    once = read(path)
    assert not fix_file(path, config, unsafe=False).rules
    assert read(path) == once
    known = objects(data)
    if known:
        assert objects(once) == known
        assert once.startswith(BOM) is (profile == "azure")
        assert once.count(BOM) == once.count(ODD) + (profile == "azure")
        assert b"\r" not in once
        assert b"\n\n" not in once
        assert once.endswith(b"\n")


def test_equal_short_lines_are_worked_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []

    def counted(checker: LineChecker, raw: bytes, path: str, offset: int) -> LineResult:
        lines.append(raw)
        return check(checker, raw, path, offset)

    check = LineChecker.check
    monkeypatch.setattr(LineChecker, "check", counted)
    path = write(tmp_path / "a.jsonl", GOOD + b"\n \n" * 1000)
    run(["fix", "-q", path])
    assert read(path) == GOOD
    assert len([line for line in lines if not line.strip()]) < 10
