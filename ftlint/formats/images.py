"""Images in training data: location in messages, and headers of data URIs.

Only headers are read, never pixels, so that no image can exhaust memory. Pillow reads those of PNG
and JPEG, and is imported when needed; its WebP plugin allocates the whole canvas on opening, so
that header (30 bytes) is parsed here. Other formats are recognised by their first bytes only.
"""

from __future__ import annotations

import binascii
import re
import threading
import warnings
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from typing import Any, NamedTuple

from ftlint.core.json_spans import Pointer
from ftlint.core.text import show

PREFIX = re.compile(r"data:image/([A-Za-z0-9.+-]+);base64,")
"""The start of an image's data URI; the group is the claimed format."""

MIME = {"svg+xml": "svg", "x-ms-bmp": "bmp", "x-icon": "ico", "vnd.microsoft.icon": "ico"}
"""Claimed formats with another name in `Image.format`."""

LOOSE = {"jpg": "jpeg", "pjpeg": "jpeg", "x-png": "png"}
"""Common names of formats that are not registered media types."""

_CACHE_SIZE = 256
_OUTSIDE = r"[^A-Za-z0-9+/]"
_IEND = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_HEAD = 4096
"""Bytes to search for markup."""


class Picture(NamedTuple):
    """An image of a message: the pointer to its `image_url` object, its URL and detail."""

    pointer: Pointer
    url: str
    detail: str | None

    @property
    def url_pointer(self) -> Pointer:
        """The pointer to the URL."""
        return (*self.pointer, "url")


class Image(NamedTuple):
    """The header of an image in a data URI.

    `claimed` is the format in the URI (lower case), `format` that of the content (empty if
    unknown), `size` in bytes. `width` and `height` (pixels), `mode` (Pillow's name) and `bits` (per
    channel) are 0 or empty if unknown. `fault` is why the image cannot be read, empty if it can.
    """

    claimed: str
    format: str
    size: int
    width: int = 0
    height: int = 0
    mode: str = ""
    bits: int = 0
    fault: str = ""


def pictures(at: Pointer, content: object) -> Iterator[Picture]:
    """Yield the images of content of any shape; `at` is its pointer."""
    for index, part in enumerate(content if isinstance(content, list) else ()):
        if isinstance(part, dict) and part.get("type") == "image_url":
            image = part.get("image_url")
            if isinstance(image, dict) and isinstance(image.get("url"), str):
                detail = image.get("detail")
                yield Picture((*at, index, "image_url"), image["url"], detail)


def in_example(data: dict[str, Any]) -> Iterator[Picture]:
    """Yield the images of the conversation in a valid example."""
    base: Pointer = ("messages",) if "messages" in data else ("input", "messages")
    messages = data["messages"] if "messages" in data else data["input"]["messages"]
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict):
            yield from pictures((*base, index, "content"), message.get("content"))


def is_data(url: str) -> bool:
    """Return whether a URL is a data URI, valid or not."""
    return url[:64].lstrip()[:5].lower() == "data:"


_cache: dict[tuple[int, int], Image | None] = {}


def read(url: str) -> Image | None:
    """Return the image of a data URI, None if the URI is malformed or not base64.

    Several rules need the same image, so results are cached by a hash of the URI.
    """
    key = (hash(url), len(url))
    try:
        return _cache[key]
    except KeyError:
        image = _read(url)
    if len(_cache) >= _CACHE_SIZE:
        _cache.clear()
    _cache[key] = image
    return image


def _read(url: str) -> Image | None:
    match = PREFIX.match(url)
    data = match and decode(url[match.end() :])
    if not match or data is None:
        return None
    claimed = match[1].lower()
    image = Image(MIME.get(claimed, claimed), format_of(data), len(data))
    reader = {"png": _png, "jpeg": _jpeg, "webp": _webp}.get(image.format)
    if reader is not None:
        return reader(image, data)
    if image.format:
        return image
    return image._replace(fault="of no format that is known" if data else "empty")


def decode(payload: str) -> bytes | None:
    """Return strictly decoded base64, None if it is invalid."""
    try:
        return binascii.a2b_base64(payload, strict_mode=True)
    except ValueError:
        return None


def repair_base64(payload: str) -> str | None:
    """Return base64 without white space, in the standard alphabet and padded, None if invalid."""
    text = "".join(payload.split()).rstrip("=")
    if not {"+", "/"} & set(text):
        text = text.replace("-", "+").replace("_", "/")
    text += "=" * (-len(text) % 4)
    return text if decode(text) is not None else None


def base64_fault(payload: str) -> str:
    """Return the reason why `decode` rejects a payload, as a predicate."""
    body = payload.rstrip("=")
    match = re.search(_OUTSIDE, body)
    if match is None:
        return "wrongly padded, or cut off"
    if match[0].isspace():
        return f"broken by white space after {match.start():,} characters"
    if match[0] in "-_" and repair_base64(payload) is not None:
        return "in the alphabet for URLs (- and _ for + and /)"
    return f"interrupted by {show(match[0])} after {match.start():,} characters"


_MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (8, b"WEBP", "webp"),
    (0, b"GIF8", "gif"),
    (0, b"BM", "bmp"),
    (0, b"II*\x00", "tiff"),
    (0, b"MM\x00*", "tiff"),
    (4, b"ftypavi", "avif"),
    (4, b"ftyphe", "heic"),
    (4, b"ftypmif1", "heic"),
    (4, b"ftypmsf1", "heic"),
    (0, b"\x00\x00\x01\x00", "ico"),
    (0, b"%PDF-", "pdf"),
)
_MARKUP = ((b"<svg", "svg"), (b"<html", "html"), (b"<!doctype html", "html"))


def format_of(data: bytes) -> str:
    """Return the format of a file by its first bytes, empty if unknown."""
    for offset, magic, name in _MAGIC:
        if data.startswith(magic, offset) and (name != "webp" or data.startswith(b"RIFF")):
            return name
    head = data[:_HEAD].lower().removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        return next((name for mark, name in _MARKUP if mark in head), "")
    return ""


def _png(image: Image, data: bytes) -> Image:
    header = _opened("PngImagePlugin", "PngImageFile", BytesIO(data), image)
    header = header._replace(bits=data[24] if len(data) > 24 else 0)
    return header if header.fault or _IEND in data else header._replace(fault=_cut("IEND"))


def _jpeg(image: Image, data: bytes) -> Image:
    stream = BytesIO(data)
    header = _opened("JpegImagePlugin", "JpegImageFile", stream, image)
    ends = data.find(b"\xff\xd9", stream.tell()) >= 0  # an earlier one is a thumbnail's
    return header if header.fault or ends else header._replace(fault=_cut("EOI"))


def _cut(marker: str) -> str:
    return f"cut off: the marker of its end ({marker}) is missing"


_LOCK = threading.Lock()


def _opened(module: str, name: str, stream: BytesIO, image: Image) -> Image:
    """Read a header with a single plugin of Pillow."""
    plugin = getattr(import_module(f"PIL.{module}"), name)
    with _LOCK, warnings.catch_warnings():  # filters are global, hence the lock
        warnings.simplefilter("ignore")
        try:
            opened = plugin(stream)
        except Exception:  # noqa: BLE001 - hostile bytes may raise anything in Pillow
            return image._replace(fault="not readable: its header is broken or cut off")
    width, height = opened.size
    return image._replace(width=width, height=height, mode=opened.mode)


def _webp(image: Image, data: bytes) -> Image:
    kind, number = data[12:16], int.from_bytes
    if kind == b"VP8X" and len(data) >= 30:
        alpha = data[20] & 0x10
        width, height = number(data[24:27], "little") + 1, number(data[27:30], "little") + 1
    elif kind == b"VP8L" and len(data) >= 25 and data[20] == 0x2F:
        packed = number(data[21:25], "little")
        alpha = packed >> 28 & 1
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 " and len(data) >= 30 and data[23:26] == b"\x9d\x01\x2a":
        alpha = 0
        width = number(data[26:28], "little") & 0x3FFF
        height = number(data[28:30], "little") & 0x3FFF
    else:
        return image._replace(fault="not readable: its header is broken or cut off")
    missing = number(data[4:8], "little") + 8 - len(data)
    fault = f"cut off: {missing:,} bytes of it are missing" if missing > 0 else ""
    if not width or not height:
        fault = "without pixels"
    mode = "RGBA" if alpha else "RGB"
    return image._replace(width=width, height=height, mode=mode, bits=8, fault=fault)
