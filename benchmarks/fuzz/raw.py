"""Mutations of bytes: what no JSON value can express, from a cut line to another encoding."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from random import Random

from benchmarks.fuzz import vocabulary

_PIECES = (
    b"\0", b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xe9",
    b"\xef\xbb\xbf", b"\n",
    b"\r", b"\r\n", b"\n\n\n", b" ", b"\t", b'"', b"\\", b"{", b"}", b"[", b"]", b",",
    b":", b'"a":1,',
    b"//", b"/* ", b"#", b"'", b"NaN", b"-Infinity", b"1e999", b"0" * 40, b"\\u0000", b"\\ud800",
    b"\xe2\x80\xa8", b"\x85", b"\x1b", b"\x1f\x8b\x08", b"(\xb5/\xfd", b"PK\x03\x04",
    b"PAR1", b"<", b"- a",
)  # fmt: skip

_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "latin-1")


def mutate(random: Random, data: bytes, other: bytes, limit: int) -> bytes:
    """Return data with one mutation, of at most `limit` bytes; `other` lends pieces."""
    return random.choice(_MUTATIONS)(random, data, other, limit)[:limit]


def _span(random: Random, data: bytes) -> tuple[int, int]:
    """Return the start and end of a piece, mostly a short one."""
    start = random.randint(0, len(data))
    return start, min(len(data), start + int(2 ** random.uniform(0, 14)))


def _flip(random: Random, data: bytes, _: bytes, __: int) -> bytes:
    changed = bytearray(data)
    for _flips in range(random.choice((1, 2, 8)) if data else 0):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _insert(random: Random, data: bytes, _: bytes, limit: int) -> bytes:
    start = random.randint(0, len(data))
    piece = random.choice(_PIECES)
    times = 1 if random.random() < 0.5 else int(2 ** random.uniform(0, 16))
    return data[:start] + piece * min(times, limit // len(piece)) + data[start:]


def _delete(random: Random, data: bytes, _: bytes, __: int) -> bytes:
    start, end = _span(random, data)
    return data[:start] + data[end:]


def _repeat(random: Random, data: bytes, _: bytes, limit: int) -> bytes:
    start, end = _span(random, data)
    times = min(int(2 ** random.uniform(0, 12)), limit // max(end - start, 1))
    return data[:end] + data[start:end] * times + data[end:]


def _splice(random: Random, data: bytes, other: bytes, _: int) -> bytes:
    start, end = _span(random, other)
    cut, rest = _span(random, data)
    return data[:cut] + other[start:end] + data[rest:]


def _nest(random: Random, data: bytes, _: bytes, limit: int) -> bytes:
    """Open brackets before a value, and often close them behind it."""
    cut = data.find(random.choice((b":", b"[", b",")), random.randint(0, len(data))) + 1
    opened, closed = random.choice(
        ((b"[", b"]"), (b'{"a":', b"}"), (b"[{", b"}]"), (b'[0,"', b'"]'))
    )
    times = min(int(2 ** random.uniform(0, 16)), limit // 16)
    end = data.find(b",", cut)
    end = len(data) if end < 0 else end
    return (
        data[:cut]
        + opened * times
        + data[cut:end]
        + closed * times * (random.random() < 0.7)
        + data[end:]
    )


def _recode(random: Random, data: bytes, _: bytes, __: int) -> bytes:
    text = data.decode(errors="replace").removeprefix("\ufeff")
    return text.encode(random.choice(_ENCODINGS), errors="replace")


def _mark(random: Random, data: bytes, _: bytes, __: int) -> bytes:
    if random.random() < 0.5:
        return data.removeprefix(codecs.BOM_UTF8)
    return codecs.BOM_UTF8 + data


def _end_lines(random: Random, data: bytes, _: bytes, __: int) -> bytes:
    return data.replace(
        b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\n \n", b"", b" ", b"\xe2\x80\xa8"))
    )


def _many_lines(random: Random, data: bytes, _: bytes, limit: int) -> bytes:
    """Repeat the lines, at random with a number in each of them."""
    lines = data.splitlines()[:50] or [b""]
    most = limit // max(len(data), 1)
    times = max(min(int(2 ** random.uniform(1, 12)), most), 1)
    if random.random() < 0.5:
        return b"\n".join(lines * times)
    numbered = (line.replace(b'":"', b'":"%d' % n, 3).replace(b'": "', b'": "%d' % n, 3)
                for n in range(times) for line in lines)  # fmt: skip
    return b"\n".join(numbered)


def _shuffle(random: Random, data: bytes, _: bytes, __: int) -> bytes:
    lines = data.split(b"\n")
    random.shuffle(lines)
    return b"\n".join(lines)


_MUTATIONS: tuple[Callable[[Random, bytes, bytes, int], bytes], ...] = (
    _flip, _flip, _insert, _insert, _insert, _delete, _repeat, _repeat, _splice, _nest,
    _nest, _recode,
    _mark, _end_lines, _many_lines, _many_lines, _many_lines, _shuffle,
)  # fmt: skip


def fragments(random: Random, limit: int) -> bytes:
    """Return text of fragments that are not JSON, as a file to begin with."""
    unit = b"".join(vocabulary.fragment(random).encode(errors="replace") for _ in range(3))
    return (unit * (limit // max(len(unit), 1)))[: random.randint(0, limit)]
