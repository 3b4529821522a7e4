"""Images for the benchmark's files: small ones and large ones of random pixels, as data URIs."""

from __future__ import annotations

import binascii
import math
import struct
import zlib
from random import Random


def data_uri(random: Random, size: int) -> str:
    """Return the data URI of a JPEG or PNG of about `size` bytes."""
    kind, make = ("png", png) if random.random() < 0.5 else ("jpeg", jpeg)
    payload = binascii.b2a_base64(make(random, size), newline=False).decode()
    return f"data:image/{kind};base64,{payload}"


def png(random: Random, size: int) -> bytes:
    """Return a square PNG in RGB, of noise that is stored without compression."""
    side = max(1, math.isqrt(size // 3))
    rows = random.randbytes(side * side * 3)
    width = side * 3
    pixels = b"".join(b"\0" + rows[at : at + width] for at in range(0, len(rows), width))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(pixels, 0)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg(random: Random, size: int) -> bytes:
    """Return a JPEG: the headers of a square in YCbCr, and noise for its scan.

    The noise holds no byte 0xFF, so that nothing in it is a marker.
    """
    side = max(8, math.isqrt(size))
    tables = b"".join(_segment(0xDB, bytes([number]) + b"\x10" * 64) for number in (0, 1))
    frame = struct.pack(">BHHB", 8, side, side, 3) + bytes((1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1))
    codes = b"".join(
        _segment(0xC4, bytes([number]) + bytes(7) + b"\x10" + bytes(8) + bytes(range(16)))
        for number in (0x00, 0x10)
    )
    scan = bytes((3, 1, 0, 2, 0, 3, 0, 0, 63, 0))
    noise = random.randbytes(size).replace(b"\xff", b"\x7f")
    head = _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0") + tables + _segment(0xC0, frame)
    return b"\xff\xd8" + head + codes + _segment(0xDA, scan) + noise + b"\xff\xd9"


def _segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data
