"""What cannot be decoded without loss is left as it is, and said to be."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftlint.cli import run
from tests.support.faulty import ODD, ROWS, TEXT
from tests.support.helpers import BOM, LINE, read, report_of, whole, write

pytestmark = pytest.mark.usefixtures("in_tmp")

CHINESE = LINE.replace(b'"q"', '"上海在哪里。请回答"'.encode())
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
SIX = whole(*[CHINESE] * 6, mark=b"")


def coded(data: bytes, encoding: str) -> bytes:
    return data.decode().encode(encoding)


def unchanged(data: bytes, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Fix a file in vain; return the words of the check, which counts nothing as fixable."""
    path = write("a.jsonl", data)
    run(["fix", *arguments, path])
    assert read(path) == data
    capsys.readouterr()
    report = report_of(capsys, path, *arguments)
    assert not report.passed
    assert not [finding for finding in report.findings if finding.fix and finding.fix.safe]
    return [f"{finding.rule}: {finding.message}: {finding.help}" for finding in report.findings]


JOINED = {
    "UTF-16, then UTF-8": (BOM + SIX).decode().encode("utf-16-le") + SIX,
    "UTF-16, then Latin-1": coded(SIX, "utf-16") + b'{"a": "\xe9t\xe9"}\n ',
    "both byte orders": coded(SIX, "utf-16-le") + coded(SIX, "utf-16-be"),
    "UTF-16, then UTF-32": coded(SIX, "utf-16-le") + coded(SIX, "utf-32-le"),
    "UTF-8 without LF before": coded(SIX[:-1], "utf-16-le") + SIX,
    "one UTF-8 line in the middle": coded(SIX, "utf-16-be")
    + LINE
    + b"\n"
    + coded(SIX, "utf-16-be"),
    "numbers of 16 bits": b"".join(number.to_bytes(2, "little") for number in range(40, 2000)),
}


@pytest.mark.parametrize("data", JOINED.values(), ids=JOINED)
def test_joined_encodings_are_left_alone(data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (words,) = unchanged(data, capsys)
    assert "left alone: not " in words or "neither JSON nor UTF-8 text" in words


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("tail", [b"\x00", b"\n", b"\x00\xd8\x00\x00", b"\xff" * 4])
def test_a_damaged_end_is_left_alone(
    encoding: str, tail: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (words,) = unchanged(coded(BOM + SIX, encoding) + tail, capsys)
    assert words.startswith(f"utf16-or-utf32: the file looks like {encoding.upper()}")
    assert f"left alone: not {'valid ' * (len(tail) % 4 != 0)}" in words


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize(
    "broken", [b'{"messages": [}', b"[NaN]", CHINESE[:-1], CHINESE.replace(b":", b"=")]
)
def test_a_broken_line_does_not_keep_a_file_from_its_conversion(
    encoding: str, broken: bytes
) -> None:
    data = BOM + whole(broken, *[CHINESE] * 6, broken, mark=b"")
    path = write("a.jsonl", coded(data, encoding))
    run(["fix", path])
    assert read(path) == data


@pytest.mark.parametrize("encoding", WIDE)
def test_wide_lines_inside_utf_8_are_left_alone(
    encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    gurmukhi = coded(whole("ਊ ഊ ਊਊ ഊ".encode().join([b'{"abcd": "', b'"}']), mark=b""), encoding)
    for part in (coded(SIX, encoding), gurmukhi, gurmukhi[:-2]):
        path = write("a.jsonl", BOM + TEXT + part)
        assert run(["fix", path]) == 1
        assert read(path) == BOM + TEXT + part
        assert "convert it, then join the files" in capsys.readouterr().out


def test_a_value_that_only_has_cr_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.dumps({"messages": ["x" * (1 << 20)]}).encode().replace(b":", b"\r:\r")
    assert "it is a single JSON value" in " ".join(unchanged(data, capsys, "--profile", "openai"))


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.jsonl", TEXT)
    return stream.getvalue()


NOISE = bytes(range(256)) * 3
FOREIGN = {
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "git-annex": b"/annex/objects/SHA256E-s1--4d7a.jsonl\n",
    "gzip": gzip.compress(TEXT),
    "zip": zipped(),
    "xz": lzma.compress(TEXT),
    "bzip2": bz2.compress(TEXT),
    "Parquet": b"PAR1" + NOISE + b"PAR1",
    "Arrow": b"ARROW1\0\0" + NOISE,
    "7z": b"7z\xbc\xaf\x27\x1c" + NOISE,
    "tar": b"a.jsonl".ljust(257, b"\0") + b"ustar" + NOISE,
    "SQLite": b"SQLite format 3\x00" + NOISE,
    "PDF": b"%PDF-1.7\n" + NOISE,
    "RTF": rb"{\rtf1\ansi Hello}",
    "HTML": b"<!DOCTYPE html>\n<html>\n<script>\n{ let a = 1 }\n</script></html>\n",
    "an image": b"\x89PNG\r\n\x1a\n" + NOISE,
    "neither JSON nor UTF-8 text": NOISE,
    "neither JSON nor UTF-8": b"\x93NUMPY\x01\x00v\x00\r" + TEXT.replace(b'"', b"\x00"),
}


@pytest.mark.parametrize("profile", ["azure", "openai"])
@pytest.mark.parametrize("mark", [b"", BOM], ids=["no mark", "mark"])
@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_text_is_named_and_left_alone(
    name: str, mark: bytes, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (words,) = unchanged(mark + FOREIGN[name], capsys, "--profile", profile)
    assert words.startswith("not-a-text-file: ")
    assert name in words


def texts(data: bytes) -> list[object]:
    """Read the objects on lines of UTF-8, marks and CR apart."""
    found = []
    for line in data.replace(BOM, b"").replace(b"\r", b"\n").split(b"\n"):
        try:
            found.append(orjson.loads(line))
        except orjson.JSONDecodeError:
            continue
    return found


LINES = st.sampled_from([*ROWS[:2], CHINESE, ODD, b'{"a":', b"", b" ", BOM + LINE])
CODES = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", *WIDE, "utf-32"])
PARTS = st.tuples(st.lists(LINES, max_size=5), CODES, st.sampled_from(["\n", "\r\n", "\r"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(PARTS, min_size=1, max_size=3), st.integers(0, 3), st.sampled_from([b"", b"\n", b"\0"])
)
def test_fixing_twice_is_fixing_once_in_any_encoding(
    parts: list[tuple[list[bytes], str, str]], cut: int, more: bytes
) -> None:
    data = b"".join(
        "".join(line.decode() + end for line in lines).encode(encoding)
        for lines, encoding, end in parts
    )
    data = data[: len(data) - cut] + more
    path = write("a.jsonl", data)
    run(["fix", "-qq", path])
    once = read(path)
    run(["fix", "-qq", path])
    assert read(path) == once
    kept = texts(once)
    for value in texts(data):
        assert value in kept
        kept.remove(value)
    if len({encoding for _, encoding, _ in parts}) == 1 and not cut and not more:
        lines = b"\n".join(line for part in parts for line in part[0])
        assert len(texts(once)) >= len(texts(lines))


def test_a_file_that_cannot_be_converted_is_an_error_of_fix_if_that_is_asked_for() -> None:
    twelve = whole(*[LINE] * 2, mark=b"")
    data = (BOM + whole(*[LINE] * 10, mark=b"")).decode().encode("utf-16-le") + twelve
    path = write("a.jsonl", data)
    assert run(["fix", path]) == 2
    assert Path(path).read_bytes() == data
    assert run(["fix", "--select", "missing-bom", path]) == 0
    assert Path(path).read_bytes() == data
