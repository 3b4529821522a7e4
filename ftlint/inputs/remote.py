"""Files behind URLs: what a URL names, and bytes of it by range."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple, cast

from ftlint.inputs.filesystems import AZURE, HTTP, RemoteError, connect, scheme_of, worded

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_MAGIC = re.compile(r"[*?[]")

_MOST = 8 << 20
"""Bytes of one request: a range of lines (4 MiB by default) and the rest of its last line."""

_SMALL, _FILES = 1 << 17, 256
"""Bytes of a file that is kept when it has been read, and how many files are kept."""

_KEPT: dict[tuple[str, int], bytes] = {}
"""What small files hold, by URL and size."""

_VERSIONS = ("etag", "ETag", "last_modified", "LastModified", "Last-Modified", "mtime", "created")
"""What tells one version of a file from another, the best first."""


class Facts(NamedTuple):
    """What a server says of a file: its size in bytes, None where it does not know.

    `version` changes when the file does: an entity tag or a time. `ranged` says whether a part of
    the file can be asked for.
    """

    size: int | None
    version: str
    ranged: bool


def is_url(name: str) -> bool:
    """Tell whether a name is that of a file behind a URL."""
    return _URL.match(name) is not None


def shown(url: str) -> str:
    """Return a URL without what may be secret: query, fragment, user and password.

    In `abfs://container@account...` what stands before the `@` is the container, and stays.
    """
    scheme, rest = scheme_of(url), url.partition("://")[2]
    place, _, query = rest.partition("?")
    if scheme in HTTP:
        place = place.partition("#")[0]
    elif query and "=" not in query:  # a pattern, or a name with a question mark
        place = rest
    authority, slash, path = place.partition("/")
    user, _, host = authority.rpartition("@")
    if scheme not in AZURE or ":" in user:
        authority = host
    return f"{scheme}://{authority}{slash}{path}"


def find(url: str, wanted: Callable[[str], bool]) -> list[tuple[str, Facts]]:
    """Return the files that a URL names, as (URL, facts) in order: a file, a directory, a pattern.

    Of a directory these are the files whose path below it is `wanted`. HTTP lists nothing: such a
    URL is one file. The list is empty where nothing is found below a directory or by a pattern.
    Raises `RemoteError`.
    """
    with worded(url):
        system, path = connect(url)
        if scheme_of(url) in HTTP:
            facts = _facts(system.info(path))
            return [(url, facts._replace(ranged=facts.ranged and _serves_ranges(system, path)))]
        info = _info(system, path)
        if info and info["type"] == "file":
            return [(url, _facts(info))]
        magic = _MAGIC.search(url)
        if info or url.endswith("/"):
            root = url if url.endswith("/") else f"{url}/"
            listed = system.find(path, detail=True)
        elif magic:
            root = url[: url.rindex("/", 0, magic.start()) + 1]
            listed = system.glob(path, detail=True)
            wanted = bool  # a pattern takes what it matches
        else:
            raise FileNotFoundError(url)
        return sorted(_below(system, root, listed, wanted), key=lambda found: found[0])


def _below(
    system: Any, root: str, listed: dict[str, Any], wanted: Callable[[str], bool]
) -> Iterator[tuple[str, Facts]]:
    """Yield the files below a URL that ends with a slash; names come without scheme and account."""
    skip = len(system._strip_protocol(root).strip("/"))  # noqa: SLF001 - as each file system says
    for name, info in listed.items():
        below = name.strip("/")[skip:].strip("/")
        if info["type"] == "file" and wanted(below):
            yield root + below, _facts(info)


def look(url: str) -> Facts:
    """Return what the server says of a file now. Raises `RemoteError`."""
    with worded(url):
        system, path = connect(url)
        system.invalidate_cache()
        return _facts(system.info(path))


def stream(url: str) -> BinaryIO:
    """Open a file to be read from its start on, once, where a server serves no ranges.

    Raises `RemoteError`, here and when it is read.
    """
    with worded(url):
        system, path = connect(url)
        return io.BufferedReader(_Once(url, system.open(path, "rb", block_size=0)), 1 << 20)


def _facts(info: dict[str, Any]) -> Facts:
    version = next((info[key] for key in _VERSIONS if info.get(key)), "")
    if isinstance(version, datetime):  # which the same client gives as a number elsewhere
        version = version.timestamp()
    return Facts(info.get("size"), str(version).strip('"'), ranged=info.get("partial", True))


def _info(system: Any, path: str) -> dict[str, Any] | None:
    try:
        return cast("dict[str, Any]", system.info(path))
    except FileNotFoundError:
        return None


def _serves_ranges(system: Any, path: str) -> bool:
    """Ask an HTTP server for the second byte; one without ranges would send the whole file."""
    with system.open(path, "rb", size=2, cache_type="none") as file:
        file.seek(1)
        try:
            return len(file.read(1)) <= 1
        except ValueError:
            return False


def forget() -> None:
    """Forget the small files that were read: from now on they are looked at anew."""
    _KEPT.clear()


def _keep(url: str, data: bytes) -> None:
    """Keep a small file, which is read to look at it, to check it and to hash it."""
    _KEPT[url, len(data)] = data
    with suppress(RuntimeError, StopIteration):  # another thread may do the same
        while len(_KEPT) > _FILES:
            _KEPT.pop(next(iter(_KEPT)), None)


class RemoteFile(io.RawIOBase):
    """The bytes of a file behind a URL, up to byte `end`; a part of them is asked for at a time.

    What is read on and on is asked for in parts that double, up to 8 MiB; at once in parts of
    that size where the file will be read `through`.
    """

    def __init__(self, url: str, end: int, *, through: bool) -> None:
        self._url, self._end = url, end
        self._first = _MOST if through else 0
        self._at, self._held, self._ahead = 0, memoryview(b""), self._first
        with worded(url):
            self._system, self._path = connect(url)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that any part can be read."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte; what was held is dropped."""
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        if at != self._at:
            self._at, self._held, self._ahead = at, memoryview(b""), self._first
        return at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read the next bytes. Raises `RemoteError`."""
        if not self._held and self._at < self._end:
            wanted = max(len(buffer), self._ahead)
            self._held = self._fetch(self._at, min(self._at + wanted, self._end))
            self._ahead = min(2 * wanted, _MOST)
        data = self._held[: len(buffer)]
        buffer[: len(data)] = data
        self._held = self._held[len(data) :]
        self._at += len(data)
        return len(data)

    def _fetch(self, start: int, end: int) -> memoryview:
        kept = _KEPT.get((self._url, self._end))
        if kept is not None:
            return memoryview(kept)[start:end]
        with worded(self._url):
            data = self._system.cat_file(self._path, start=start, end=end)
        if len(data) != end - start:
            words = f"the server gives {len(data):,} bytes where {end - start:,} are asked for"
            raise RemoteError(f"{words}; the file may have changed, check it again")
        if end - start == self._end <= _SMALL:
            _keep(self._url, data)
        return memoryview(data)


class _Once(io.RawIOBase):
    """The bytes of a stream of a client, whose failures are put into words."""

    def __init__(self, url: str, stream: BinaryIO) -> None:
        self._url, self._stream = url, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with worded(self._url):
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
