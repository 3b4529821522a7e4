"""Whoever reads a sealed file has the bytes that passed, or never has the whole."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.core.errors import Refused
from ftlint.training.receipt import PassedFile
from ftlint.training.verified_file import SealedFile


def passed(path: Path, data: bytes) -> PassedFile:
    return PassedFile("train", str(path), hashlib.sha256(data).hexdigest(), len(data), 1)


def read_in(stream: SealedFile, sizes: list[int]) -> bytes:
    """Read in pieces of some sizes, over and over, to the end."""
    found, at = b"", 0
    while True:
        piece = stream.read(sizes[at % len(sizes)])
        assert piece is not None
        if not piece:
            return found
        found += piece
        at += 1


def _gather(sealed: SealedFile, size: int, into: list[bytes]) -> None:
    for part in sealed.parts(size):
        into.append(part)  # noqa: PERF402 - what came before it is refused is kept


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sealed") / "train.jsonl"


pieces = st.lists(st.integers(1, 40), min_size=1, max_size=5)


@given(data=st.binary(max_size=200), sizes=pieces)
def test_any_reading_gives_the_bytes(file: Path, data: bytes, sizes: list[int]) -> None:
    file.write_bytes(data)
    with SealedFile(passed(file, data)) as sealed:
        assert read_in(sealed, sizes) == data
        sealed.seek(0)
        assert sealed.read() == data
        assert b"".join(sealed.parts(sizes[0])) == data
        assert sealed.md5 == hashlib.md5(data, usedforsecurity=False).hexdigest()
        sealed.verify()
        assert sealed.seek(0, os.SEEK_END) == len(data) == sealed.tell()
        sealed.seek(0)
        assert read_in(sealed, sizes) == data


@given(
    data=st.binary(min_size=1, max_size=200),
    sizes=pieces,
    at=st.integers(0, 10_000),
    mask=st.integers(1, 255),
)
def test_other_bytes_are_never_had_as_a_whole(
    file: Path, data: bytes, sizes: list[int], at: int, mask: int
) -> None:
    at %= len(data)
    other = data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
    ways: list[Callable[[SealedFile], bytes]] = [
        lambda sealed: read_in(sealed, sizes),
        lambda sealed: sealed.read() or b"",
        lambda sealed: b"".join(sealed.parts(sizes[0])),
        lambda sealed: io.BufferedReader(sealed).read(),
    ]
    for way in ways:
        file.write_bytes(other)
        with SealedFile(passed(file, data)) as sealed, pytest.raises(Refused):
            way(sealed)
    with SealedFile(passed(file, data)) as sealed, pytest.raises(Refused):
        sealed.verify()
    had: list[bytes] = []
    with SealedFile(passed(file, data)) as sealed, pytest.raises(Refused):
        _gather(sealed, sizes[0], had)
    assert sum(map(len, had)) < len(data)


@given(data=st.binary(min_size=2, max_size=200), sizes=pieces, cut=st.integers(0, 10_000))
def test_a_file_that_shrinks_or_grows_while_it_is_read_is_refused(
    file: Path, data: bytes, sizes: list[int], cut: int
) -> None:
    for other in (data[: cut % len(data)], data + b"more"):
        file.write_bytes(data)
        with SealedFile(passed(file, data)) as sealed:
            file.write_bytes(other)
            with pytest.raises(Refused, match="the file changed after it passed"):
                read_in(sealed, sizes)


@given(data=st.binary(min_size=1, max_size=60), moves=st.lists(st.integers(0, 70), max_size=6))
def test_no_order_of_seeking_gets_around_it(file: Path, data: bytes, moves: list[int]) -> None:
    """Bytes come from where they stand, or not at all."""
    file.write_bytes(data)
    with SealedFile(passed(file, b"!" * len(data))) as sealed:
        had: set[int] = set()
        for at in moves:
            try:
                sealed.seek(at)
                piece = sealed.read(7) or b""
            except (Refused, OSError, ValueError):
                continue
            assert piece == data[at : at + len(piece)]
            had.update(range(at, at + len(piece)))
        assert len(had) < len(data) or data == b"!" * len(data)


def test_bytes_that_were_skipped_are_not_given(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    with SealedFile(passed(path, b"0123456789")) as sealed:
        sealed.seek(5)
        with pytest.raises(io.UnsupportedOperation):
            sealed.read(5)


def test_a_name_that_is_given_to_another_file_does_not_matter(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"0123456789")
    other.write_bytes(b"9876543210")
    with SealedFile(passed(path, b"0123456789")) as sealed:
        os.replace(other, path)
        assert sealed.read() == b"0123456789"


@pytest.mark.parametrize("kind", ["none", "folder", "pipe", "longer", "shorter", "dangling"])
def test_what_is_not_the_file_any_more_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    makers: dict[str, Callable[[], object]] = {
        "none": lambda: None,
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "longer": lambda: path.write_bytes(b"01234567890"),
        "shorter": lambda: path.write_bytes(b"012345678"),
        "dangling": lambda: path.symlink_to("nowhere"),
    }
    makers[kind]()
    with pytest.raises(Refused, match="check it again"):
        SealedFile(passed(path, b"0123456789"))


def test_a_link_is_followed(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"0123456789")
    link.symlink_to(path)
    with SealedFile(passed(link, b"0123456789")) as sealed:
        assert sealed.read() == b"0123456789"


def test_nothing_is_left_open(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    before = len(os.listdir("/proc/self/fd"))
    for data in (b"0123456789", b"short"):
        with suppress(Refused):
            SealedFile(passed(path, data)).close()
    assert len(os.listdir("/proc/self/fd")) == before
