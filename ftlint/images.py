"""Images in training data: where they stand in messages, and what a data URI says of itself.

Only headers are read, never pixels, so that no image can unfold in memory. Pillow reads those of
PNG and JPEG, and is imported when there is one; its WebP plugin allocates the whole canvas when
it opens a file, so that header (thirty bytes) is read here. Other formats are told by their first
bytes and not looked into.
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

from ftlint.locate import show
from ftlint.model import Pointer

PREFIX = re.compile(r"data:image/([A-Za-z0-9.+-]+);base64,")
"""How a data URI of an image begins; the group is the format that it claims."""

MIME = {"svg+xml": "svg", "x-ms-bmp": "bmp", "x-icon": "ico", "vnd.microsoft.icon": "ico"}
"""Formats as they are claimed, where that is not how `Image.format` has them."""

LOOSE = {"jpg": "jpeg", "pjpeg": "jpeg", "x-png": "png"}
"""Names of formats that are in use, but are not those of the register of media types."""

_KEPT = 256
_OUTSIDE = r"[^A-Za-z0-9+/]"
_IEND = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_HEAD = 4096
"""Bytes in which a text that is no image is told by its markup."""


class Picture(NamedTuple):
    """An image of a message: the place of its `image_url` object, the URL, and the detail."""

    at: Pointer
    url: str
    detail: str | None

    @property
    def place(self) -> Pointer:
        """The place of the URL."""
        return (*self.at, "url")


class Image(NamedTuple):
    """What the bytes of a data URI say.

    `claimed` is the format in the URI (lower case), `format` that of the bytes ("" for none that
    is known), `size` their number. `width` and `height` (pixels), `mode` (as Pillow names it) and
    `bits` (of a channel) are 0 and "" where they are not known. `fault` says in words why the
    image cannot be read, "" where it can.
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
    """Yield the images of the content (a list of parts, or anything) at `at`."""
    for index, part in enumerate(content if isinstance(content, list) else ()):
        if isinstance(part, dict) and part.get("type") == "image_url":
            image = part.get("image_url")
            if isinstance(image, dict) and isinstance(image.get("url"), str):
                detail = image.get("detail")
                yield Picture((*at, index, "image_url"), image["url"], detail)


def in_example(data: dict[str, Any]) -> Iterator[Picture]:
    """Yield the images of the conversation in an example whose shape is sound."""
    base: Pointer = ("messages",) if "messages" in data else ("input", "messages")
    messages = data["messages"] if "messages" in data else data["input"]["messages"]
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict):
            yield from pictures((*base, index, "content"), message.get("content"))


def is_data(url: str) -> bool:
    """Tell whether a URL means to hold the image itself."""
    return url[:64].lstrip()[:5].lower() == "data:"


_known: dict[tuple[int, int], Image | None] = {}


def read(url: str) -> Image | None:
    """Return what the image in a data URI is; None where that is malformed, or not base64.

    Several rules ask for the same image, so the last few answers are kept, by a hash of the URI.
    """
    key = (hash(url), len(url))
    try:
        return _known[key]
    except KeyError:
        found = _read(url)
    if len(_known) >= _KEPT:
        _known.clear()
    _known[key] = found
    return found


def _read(url: str) -> Image | None:
    match = PREFIX.match(url)
    data = match and decode(url[match.end() :])
    if not match or data is None:
        return None
    claimed = match[1].lower()
    image = Image(MIME.get(claimed, claimed), format_of(data), len(data))
    look = {"png": _png, "jpeg": _jpeg, "webp": _webp}.get(image.format)
    if look is not None:
        return look(image, data)
    if image.format:
        return image
    return image._replace(fault="of no format that is known" if data else "empty")


def decode(payload: str) -> bytes | None:
    """Decode base64, strictly; None where that cannot be done."""
    try:
        return binascii.a2b_base64(payload, strict_mode=True)
    except ValueError:
        return None


def mend(payload: str) -> str | None:
    """Return base64 without white space, in the standard alphabet and padded, if that decodes."""
    text = "".join(payload.split()).rstrip("=")
    if not {"+", "/"} & set(text):
        text = text.replace("-", "+").replace("_", "/")
    text += "=" * (-len(text) % 4)
    return text if decode(text) is not None else None


def base64_fault(payload: str) -> str:
    """Say in words why `decode` refuses a payload."""
    body = payload.rstrip("=")
    match = re.search(_OUTSIDE, body)
    if match is None:
        return "wrongly padded, or cut off"
    if match[0].isspace():
        return f"broken by white space after {match.start():,} characters"
    if match[0] in "-_" and mend(payload) is not None:
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
    """Name the format of an image, or of what is taken for one, by its first bytes; "" if none."""
    for at, magic, name in _MAGIC:
        if data.startswith(magic, at) and (name != "webp" or data.startswith(b"RIFF")):
            return name
    head = data[:_HEAD].lower().removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        return next((name for mark, name in _MARKUP if mark in head), "")
    return ""


def _png(image: Image, data: bytes) -> Image:
    found = _opened("PngImagePlugin", "PngImageFile", BytesIO(data), image)
    found = found._replace(bits=data[24] if len(data) > 24 else 0)
    return found if found.fault or _IEND in data else found._replace(fault=_cut("IEND"))


def _jpeg(image: Image, data: bytes) -> Image:
    stream = BytesIO(data)
    found = _opened("JpegImagePlugin", "JpegImageFile", stream, image)
    ends = data.find(b"\xff\xd9", stream.tell()) >= 0  # what stands before is a thumbnail's
    return found if found.fault or ends else found._replace(fault=_cut("EOI"))


def _cut(marker: str) -> str:
    return f"cut off: the marker of its end ({marker}) is missing"


_LOCK = threading.Lock()


def _opened(module: str, name: str, stream: BytesIO, image: Image) -> Image:
    """Read a header with one plugin of Pillow and nothing else of it."""
    plugin = getattr(import_module(f"PIL.{module}"), name)
    with _LOCK, warnings.catch_warnings():  # filters are the process's own, hence the lock
        warnings.simplefilter("ignore")
        try:
            opened = plugin(stream)
        except Exception:  # noqa: BLE001 - whatever Pillow makes of hostile bytes, it is the image
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
