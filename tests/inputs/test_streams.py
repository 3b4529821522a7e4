"""gzip and Zstandard: checked as what they hold, in bounded memory, and never fixed."""

from __future__ import annotations

import gzip
import io
import os
import resource
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ftlint
from ftlint.cli import run
from ftlint.core.errors import FtlintError
from ftlint.inputs import streams
from ftlint.inputs.discovery import Range
from ftlint.inputs.ranges import lines, measure
from tests.conftest import FIXTURES
from tests.support.helpers import (
    BAD,
    BOM,
    COMMAND,
    EMPTY,
    GOOD,
    HUMAN,
    LINE,
    one_line,
    process,
    read,
    report_of,
    whole,
    write,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = pytest.mark.usefixtures("in_tmp")

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data, mtime=0),
    "zst": zstd.compress,
}
SKIPPED = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
"""A Zstandard frame to skip."""

WIDE = LINE.replace(b'"q"', b'"%s"' % (b"q" * 2000))
LONG = whole(*[WIDE] * 600, HUMAN, b"", LINE[:-1], EMPTY, mark=b"")
"""Over one MiB, with faults behind it."""

DATA = {
    "good": GOOD,
    "bad": BAD,
    "long": LONG,
    "two marks": BOM + GOOD,
    "no end": GOOD + LINE,
    "CR LF": whole(*[LINE] * 20, end=b"\r\n"),
    "CR": whole(*[LINE] * 20, end=b"\r"),
    "empty": b"",
    "mark": BOM,
    "blank": b" \n" * 9,
    "much blank": b" " * (3 << 20) + b"\n",
    "late start": b" " * (2 << 20) + b"\n" * 9 + LINE,
    "NUL": b"\0" * 99,
    "UTF-16": GOOD.decode("utf-8-sig").encode("utf-16"),
    "array": b"[" + b",\n".join([LINE] * 30) + b"]\n",
    "long array": b"[" + b",\n".join([WIDE] * 600) + b"]\n",
    "no array": b"[" + b",\n".join([WIDE] * 600) + b"\n",
    "pretty": orjson.dumps(orjson.loads(LINE), option=orjson.OPT_INDENT_2) * 20,
    "csv": b"a,b\n1,2\n" * 30,
    "one MiB": LINE + b" " * ((1 << 20) - len(LINE)),
    "Latin-1": GOOD + b'{"messages":"\xe9"}\n',
}

both = pytest.mark.parametrize("kind", PACK)


def comparable(report: dict[str, Any], *, named: bool) -> dict[str, Any]:
    """Return what a report on compressed data shares with that on the data; `named`: as files."""
    gone = {"wrong-file-extension"}
    data = dict(report)
    data["findings"] = [entry for entry in data["findings"] if entry["rule"] not in gone]
    for entry in data["findings"] if named else ():
        entry["fingerprint"] = ""
        for place in (entry, *entry["related"]):
            place["location"]["path"] = ""
    for held in (data, *data["inputs"]):
        for rule in gone & held["rules"].keys():
            held["counts"] = {
                level: count - held["rules"][rule][level] for level, count in held["counts"].items()
            }
            del held["rules"][rule]
    for entry in data["inputs"]:
        entry.update({"bytes": 0, "sha256": ""} | ({"path": ""} if named else {}))
    data["truncated"] = list(data["truncated"].values())
    return data


def json_of(capsys: pytest.CaptureFixture[str], path: str, *more: str) -> dict[str, Any]:
    return report_of(capsys, path, *more).to_dict()


@both
@pytest.mark.parametrize("name", DATA)
def test_the_report_is_that_of_the_data(
    kind: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = json_of(capsys, write("a.jsonl", DATA[name]))
    packed = json_of(capsys, write(f"a.jsonl.{kind}", PACK[kind](DATA[name])))
    assert not packed["errors"]
    assert packed["inputs"][0]["bytes"] == os.path.getsize(f"a.jsonl.{kind}")
    assert comparable(packed, named=True) == comparable(plain, named=True)


def test_the_report_is_that_of_the_data_for_every_fixture(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for number, fixture in enumerate(FIXTURES.glob("rules/*/bad*.jsonl")):
        data = fixture.read_bytes()
        if data.startswith((gzip.compress(b"")[:2], zstd.compress(b"")[:4])):
            continue
        kind = ("gz", "zst")[number % 2]
        plain = json_of(capsys, write("a.jsonl", data))
        packed = json_of(capsys, write(f"a.jsonl.{kind}", PACK[kind](data)))
        assert comparable(packed, named=True) == comparable(plain, named=True), fixture


@both
def test_on_standard_input_even_the_fingerprints_are_alike(kind: str) -> None:
    arguments = ("check", "--output-format", "json", "-")
    plain = process(*arguments, data=LONG)
    packed = process(*arguments, data=PACK[kind](LONG))
    assert (plain.returncode, packed.returncode) == (1, 1)
    reports = [orjson.loads(done.stdout) for done in (plain, packed)]
    assert "wrong-file-extension" in reports[1]["rules"]
    assert comparable(reports[1], named=False) == comparable(reports[0], named=False)


@both
def test_what_is_hashed_is_the_file(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(f"a.jsonl.{kind}", PACK[kind](GOOD))
    (entry,) = report_of(capsys, path).inputs
    assert (entry.bytes, entry.sha256) == (len(read(path)), sha256(read(path)).hexdigest())


@both
def test_a_file_that_hides_that_it_is_compressed_fails(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_of(capsys, write("a.jsonl", PACK[kind](BAD)))
    assert [(entry.rule, entry.location.line) for entry in report.findings] == [
        ("not-a-text-file", 1),
    ]


MEMBERS = {
    "two members": PACK["gz"](BAD[:999]) + PACK["gz"](BAD[999:]),
    "an empty member": PACK["gz"](b"") + PACK["gz"](BAD) + PACK["gz"](b""),
    "a member for each byte": b"".join(PACK["gz"](BAD[at : at + 1]) for at in range(len(BAD))),
    "NUL behind": PACK["gz"](BAD) + bytes(40_000),
    "NUL between": PACK["gz"](BAD[:9]) + bytes(17_000) + PACK["gz"](BAD[9:]),
    "two frames": zstd.compress(BAD[:999]) + zstd.compress(BAD[999:]),
    "frames to skip": SKIPPED + zstd.compress(BAD[:9]) + SKIPPED + zstd.compress(BAD[9:]) + SKIPPED,
}


@pytest.mark.parametrize("data", MEMBERS.values(), ids=MEMBERS)
def test_members_are_one_stream(data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    plain = json_of(capsys, write("a.jsonl", BAD))
    packed = json_of(capsys, write("a.jsonl.gz", data))
    assert comparable(packed, named=True) == comparable(plain, named=True)


FAR = LONG + b"".join(sha256(bytes(at)).hexdigest().encode() for at in range(6000)) + b"\n"
"""What does not compress well at its end, so that a cut there loses little."""


def cut(data: bytes) -> bytes:
    return data[: len(data) - 999]


BROKEN = {
    "cut gzip": (cut(gzip.compress(FAR)), "the gzip data end too early, after "),
    "cut Zstandard": (cut(zstd.compress(FAR)), "the zstandard data end too early, after "),
    "no checksum": (gzip.compress(FAR)[:-8], "the gzip data end too early, after "),
    "wrong checksum": (gzip.compress(FAR)[:-8] + bytes(8), "the gzip data are broken after "),
    "garbage behind gzip": (gzip.compress(FAR) + b"x", "of decompressed data is not gzip"),
    "garbage behind Zstandard": (zstd.compress(FAR) + b"xxxx", "data is not zstandard"),
}


@pytest.mark.parametrize(("data", "words"), BROKEN.values(), ids=BROKEN)
def test_broken_data_get_no_verdict_and_stop_nothing_else(
    data: bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, good = write("a.jsonl.gz", data), write("good.jsonl")
    assert run(["check", "--output-format", "json", path, good]) == 2
    out, err = capsys.readouterr()
    report = orjson.loads(out)
    (error,) = report["errors"]
    assert error["rule"] is None
    assert len(LONG) < error["byte_offset"] <= len(FAR)
    assert words in one_line(err)
    assert f"{error['byte_offset']:,} bytes of decompressed data" in err
    assert [entry["passed"] for entry in report["inputs"]] == [False, True]
    assert report["rules"]["unknown-role"]["error"] == 1  # what was read before stays


@pytest.mark.parametrize("size", [0, 1, 2, 3, 10, 19, 40])
@both
def test_data_cut_at_their_start(kind: str, size: int, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["check", write(f"a.jsonl.{kind}", PACK[kind](BAD)[:size])])  # BAD takes 100 bytes
    out, err = capsys.readouterr()
    if code == 2:
        assert "end too early, after " in one_line(err)
    else:  # too short to tell what they are
        assert code == 1
        assert size < 4
        assert not err
        assert out


@pytest.mark.parametrize("options", [(), ("--ignore", "line-too-long")], ids=["cap", "no cap"])
@both
def test_what_stands_before_a_fault_is_checked(
    kind: str, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    data = PACK[kind](BAD) + PACK[kind](GOOD)[:-9]
    report = report_of(capsys, write(f"a.jsonl.{kind}", data), *options)
    assert [entry.byte_offset for entry in report.errors] >= [len(BAD)]
    assert [place.location.line for place in report.findings if place.rule == "unknown-role"] == [
        51
    ]
    assert not report.inputs[0].passed


def test_broken_data_are_refused_when_findings_are_iterated() -> None:
    for data, words in BROKEN.values():
        with pytest.raises(FtlintError, match=words):
            list(ftlint.iter_findings(write("a.jsonl.gz", data)))
    with pytest.raises(FtlintError, match="end too early"):
        list(ftlint.iter_findings(write("a.jsonl.gz", gzip.compress(BAD)[:30])))


@both
def test_findings_are_iterated_as_they_are_reported(kind: str) -> None:
    path = write(f"a.jsonl.{kind}", PACK[kind](LONG))
    report = ftlint.check(path, max_findings=0)
    assert sorted(ftlint.iter_findings(path), key=repr) == sorted(report.findings, key=repr)


def test_a_window_that_takes_much_memory_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 30})
    data = packer.compress(LONG) + packer.flush()
    assert run(["check", write("a.jsonl.zst", data)]) == 2
    assert "more than 128 MiB to read; compress without --long" in one_line(capsys.readouterr().err)


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))


@pytest.mark.parametrize(
    ("kind", "head", "byte"), [("gz", GOOD, b"x"), ("zst", GOOD, b"x"), ("zst", b"", b" ")]
)
def test_what_unpacks_to_far_more_than_memory_is_one_finding(
    kind: str, head: bytes, byte: bytes
) -> None:
    pack, size = PACK[kind], 11 << 26
    write(f"a.jsonl.{kind}", pack(head) + pack(byte * (1 << 26)) * 11 + pack(b"\n" + HUMAN))
    done = subprocess.run(
        [*COMMAND, "check", "--output-format", "concise", f"a.jsonl.{kind}"],
        capture_output=True,
        check=False,
        text=True,
        preexec_fn=_bounded,
    )
    number = head.count(b"\n") + 1
    assert (done.returncode, done.stderr) == (1, "")
    assert f":{number}:1: error[line-too-long] the line is {size + 1:,} bytes" in done.stdout
    assert f":{number + 1}:22: error[unknown-role]" in done.stdout


NAMES = {"gz": streams.GZIP, "zst": streams.ZSTANDARD}
BYTES = st.lists(st.sampled_from([b"\n", b"a", b"bc" * 50, b"\r\n", b" ", b"\x00" * 9])).map(
    b"".join
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(BYTES, max_size=5), block=st.integers(1, 60))
@both
def test_lines_do_not_depend_on_blocks(
    kind: str, parts: list[bytes], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"".join(parts)
    monkeypatch.setattr(streams, "BLOCK", block)
    path = write("a", b"".join(map(PACK[kind], parts)) or PACK[kind](b""))
    part = Range("a", path, 0, os.path.getsize(path), None, text=True, compression=NAMES[kind])
    expected = list(io.BytesIO(data))
    starts = [0, *accumulate(map(len, expected))]
    found = list(lines(part, None))
    assert found == [(at, raw, len(raw)) for at, raw in zip(starts, expected, strict=False)]
    assert measure(part) == (len(expected), len(data))


@both
def test_a_stream_can_be_read_again_from_anywhere(kind: str) -> None:
    data = bytes(range(256)) * 9999
    path = write("a", PACK[kind](data))
    with streams.opened(path, os.path.getsize(path), NAMES[kind]) as stream:
        for place in (0, 5, 2_000_000, 70_000, len(data) - 1, len(data), len(data) + 9, 3):
            stream.seek(place)
            assert stream.read(10) == data[place : place + 10]
        with pytest.raises(OSError, match="known at their end"):
            stream.seek(0, os.SEEK_END)
    assert stream.closed


@pytest.mark.parametrize(("data", "words"), BROKEN.values(), ids=BROKEN)
def test_a_fault_stays_and_what_stands_before_it_can_be_read_again(data: bytes, words: str) -> None:
    path = write("a", data)
    kind = streams.GZIP if data.startswith(b"\x1f") else streams.ZSTANDARD
    with streams.opened(path, len(data), kind) as stream:
        for _ in range(2):
            for _ in range(2):
                with pytest.raises(OSError, match=words):
                    deque(iter(stream.read1, b""), maxlen=0)
            stream.seek(5)
            assert stream.read(10) == FAR[5:15]


@both
@pytest.mark.parametrize("command", [["fix"], ["check", "--fix"], ["check", "--diff"]])
def test_compressed_files_are_not_fixed(
    kind: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    data = PACK[kind](GOOD.removeprefix(BOM))
    path, plain = write(f"d/a.jsonl.{kind}", data), write("d/b.jsonl", GOOD.removeprefix(BOM))
    assert run([*command, "d"]) == 2
    out, err = capsys.readouterr()
    name = {"gz": "gzip", "zst": "zstandard"}[kind]
    assert f"error: {path}: {name} data cannot be fixed; decompress the file first\n" in err
    assert read(path) == data
    assert (read(plain) == GOOD) == ("--diff" not in command)
    assert sorted(os.listdir("d")) == [os.path.basename(path), "b.jsonl"]
    assert Path(plain).name in out + err
