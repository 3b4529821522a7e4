"""From names to bytes: inputs, ranges that end where lines do, and the lines of a range."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ftlint.cli import run
from ftlint.inputs import discovery
from ftlint.inputs.discovery import Input, Range, expand, version_of
from ftlint.inputs.paths import InputError, files
from ftlint.inputs.ranges import cut, lines, measure
from tests.support.helpers import GOOD, LINE, write

pytestmark = pytest.mark.usefixtures("in_tmp")

per_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
BYTES = st.lists(
    st.sampled_from(
        [b"\n", b"\n", b"a", b"bc" * 5, b"\r\n", b"\r", b" ", b"\x00", b"\xff", b"x" * 90]
    )
).map(b"".join)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_BLOCK", 7)


def given_input(data: bytes) -> Input:
    path = write("a.jsonl", data)
    facts = os.stat(path)
    return Input(path, path, facts.st_size, version_of(facts))


def ranged(data: bytes, start: int = 0, end: int | None = None) -> Range:
    entry = given_input(data)
    return Range(entry.path, entry.file, start, len(data) if end is None else end, None, text=True)


def by_hand(data: bytes) -> list[bytes]:
    """Cut bytes into lines that keep their LF."""
    pieces = data.split(b"\n")
    ended = [piece + b"\n" for piece in pieces[:-1]]
    return ended + [pieces[-1]] * bool(pieces[-1])


@per_file
@given(data=BYTES, size=st.integers(1, 60))
def test_ranges_cover_the_file_and_end_where_lines_do(
    small_blocks: None, data: bytes, size: int
) -> None:
    ranges = list(cut(given_input(data), size))
    assert b"".join(data[start:end] for start, end in ranges) == data
    assert [end for _, end in ranges[:-1]] == [start for start, _ in ranges[1:]]
    for start, end in ranges:
        assert start < end
        assert end == len(data) or data[end - 1 : end] == b"\n"
        longest = data.find(b"\n", start + size - 1)
        assert end == (len(data) if longest < 0 else longest + 1) or end - start <= size


@pytest.mark.parametrize(
    ("data", "size", "expected"),
    [
        (b"", 5, []),
        (b"ab", 5, [(0, 2)]),
        (b"a\nb\n", 1, [(0, 2), (2, 4)]),
        (b"a\nb\n", 2, [(0, 2), (2, 4)]),
        (b"a\nb\n", 3, [(0, 4)]),
        (b"a\nb\nc", 4, [(0, 4), (4, 5)]),
        (b"\n\n\n", 1, [(0, 1), (1, 2), (2, 3)]),
        (b"\n\n\n", 2, [(0, 2), (2, 3)]),
        (b"abcdef\ng", 3, [(0, 7), (7, 8)]),
        (b"a\rb\rc", 1, [(0, 5)]),
        (b"a" * 100, 1, [(0, 100)]),
    ],
)
def test_ranges_by_hand(data: bytes, size: int, expected: list[tuple[int, int]]) -> None:
    assert list(cut(given_input(data), size)) == expected


def test_a_file_that_grows_is_read_to_where_it_ended() -> None:
    entry = given_input(b"a\nb")
    write(entry.file, b"a\nbcd\ne\n")
    assert list(cut(entry, 1)) == [(0, 2), (2, 3)]
    assert list(cut(entry, 100)) == [(0, 3)]


@per_file
@given(data=BYTES, size=st.integers(1, 60))
def test_lines_of_ranges_are_the_lines_of_the_file(
    small_blocks: None, data: bytes, size: int
) -> None:
    entry = given_input(data)
    found = [
        held
        for start, end in cut(entry, size)
        for held in lines(Range("a", entry.file, start, end, None, text=True), None)
    ]
    expected = by_hand(data)
    assert [raw for _, raw, _ in found] == expected
    assert [length for _, _, length in found] == [len(raw) for raw in expected]
    assert [offset for offset, _, _ in found] == [
        sum(map(len, expected[:at])) for at in range(len(expected))
    ]


@per_file
@given(data=BYTES, limit=st.integers(1, 120))
@example(data=b"bcbcbcbcbc", limit=9)
def test_lines_over_a_limit_are_not_held(small_blocks: None, data: bytes, limit: int) -> None:
    found = list(lines(ranged(data), limit))
    expected = by_hand(data)
    assert [length for _, _, length in found] == [len(raw) for raw in expected]
    for (_, raw, length), whole in zip(found, expected, strict=True):
        if len(whole.removesuffix(b"\n")) <= limit:
            assert raw == whole
        else:
            assert whole.startswith(raw)
            assert len(raw) < length  # which is how the caller knows
            assert len(raw) <= 64


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"x" * 100 + b"\n", [(0, 101, True)]),
        (b"x" * 101 + b"\n", [(0, 102, False)]),
        (b"x" * 100, [(0, 100, True)]),
        (b"x" * 101, [(0, 101, False)]),
        (b"x" * 99 + b"\r\n", [(0, 101, True)]),
        (b"x" * 100 + b"\r\n", [(0, 102, False)]),
        (b"a\n" + b"x" * 5000 + b"\nb", [(0, 2, True), (2, 5001, False), (5003, 1, True)]),
    ],
)
def test_a_limit_does_not_count_the_line_end(
    data: bytes, expected: list[tuple[int, int, bool]]
) -> None:
    found = list(lines(ranged(data), 100))
    assert [(offset, length, length == len(raw)) for offset, raw, length in found] == expected


def test_a_last_line_over_a_small_cap_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    own = b'title="own"\nextends="azure"\n[rules.line-too-long]\nmaximum=40\n'
    for end in (b"\n", b""):
        data = GOOD[:3] + LINE[:30] + b"\n" + LINE[:41] + end
        run(["check", "--profile", write("own.toml", own), write("a.jsonl", data)])
        assert "the line is 4" in capsys.readouterr().out


@per_file
@given(data=BYTES, size=st.integers(1, 60))
def test_lines_are_counted_in_lf(small_blocks: None, data: bytes, size: int) -> None:
    entry = given_input(data)
    parts = [
        measure(Range("a", entry.file, start, end, None, text=False))
        for start, end in cut(entry, size)
    ]
    assert sum(count for count, _ in parts) == len(by_hand(data))
    assert sum(size for _, size in parts) == len(data)


@pytest.mark.parametrize(
    ("data", "count"),
    [(b"", 0), (b"\n", 1), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\n\n", 2), (b"a\rb", 1)],
)
def test_lines_are_counted_by_hand(data: bytes, count: int) -> None:
    assert measure(ranged(data)) == (count, len(data))


def names(*paths: str) -> tuple[list[str], list[str]]:
    """Expand paths; return the names of the inputs, and of what leads nowhere."""
    with expand(paths) as (inputs, failures):
        return [entry.path for entry in inputs], [failure.path for failure in failures]


def test_expand_takes_each_file_once_and_tells_the_rest() -> None:
    write("data/a.jsonl")
    write("data/deep/b.ndjson")
    write("c.txt")
    os.symlink("c.txt", "d.jsonl")
    assert names("data", "none", "data/a.jsonl", "*.txt", "d.jsonl", "*.csv", "./c.txt") == (
        ["data/a.jsonl", "data/deep/b.ndjson", "c.txt"],
        ["none", "*.csv"],
    )
    assert names() == ([], [])


def test_expand_knows_sizes_and_leaves_files_where_they_are() -> None:
    path = write("a.jsonl", b"12345")
    with expand([path]) as (inputs, failures):
        assert not failures
        assert [(entry.file, entry.size) for entry in inputs] == [(path, 5)]
        assert inputs[0].version == version_of(os.stat(path))
    assert os.path.exists(path)


def test_expand_removes_its_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    with expand([os.devnull]) as (inputs, failures):
        assert not failures
        assert inputs[0].path.endswith("dev/null")
        assert Path(inputs[0].file).is_relative_to(spool)
        assert inputs[0].size == 0
    assert not list(spool.iterdir())


def test_files_of_a_name() -> None:
    write("b/a.jsonl")
    write("b/.c/d.jsonl")
    assert files("-") == ["-"]
    assert files("b") == [os.path.join("b", "a.jsonl")]
    assert files("b/*.jsonl") == ["b/a.jsonl"]
    for name in ("none", "*.csv", "b/.c/e.jsonl"):
        with pytest.raises(InputError, match="check the path"):
            files(name)


def test_a_change_is_noticed() -> None:
    with expand([write("a.jsonl", b"1")]) as (inputs, _):
        assert not discovery.changed(inputs[0])
        os.utime("a.jsonl", ns=(1, 1))
        assert discovery.changed(inputs[0])
    with expand([write("a.jsonl", b"1")]) as (inputs, _):
        os.unlink("a.jsonl")
        assert discovery.changed(inputs[0])


def test_sha256_is_that_of_the_file() -> None:
    entry = given_input(b"abc")
    assert discovery.sha256(entry) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
