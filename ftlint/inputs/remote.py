"""Remote files: listing, metadata and range reads, so that no file is downloaded first."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple, cast

from ftlint.inputs.filesystems import (
    AZURE,
    HTTP,
    RemoteError,
    connect,
    scheme_of,
    translated_errors,
)

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_MAGIC = re.compile(r"[*?[]")

_MAXIMUM_REQUEST = 8 << 20
"""Maximum bytes of a request: a range (4 MiB by default) and the rest of its last line."""

_CACHED_BYTES, _CACHED_FILES = 1 << 17, 256
"""Maximum bytes of a cached file, and maximum number of cached files."""

_CACHE: dict[tuple[str, int], bytes] = {}
"""Contents of small files, by URL and size."""

_VERSIONS = ("etag", "ETag", "last_modified", "LastModified", "Last-Modified", "mtime", "created")
"""Metadata that identify the version of a file, by preference."""


class RemoteStat(NamedTuple):
    """Metadata of a remote file.

    `size` is in bytes, None if the server does not give it. `version` is an entity tag or a time,
    and changes with the file. `ranged` is whether the server supports range requests.
    """

    size: int | None
    version: str
    ranged: bool


def is_url(name: str) -> bool:
    """Return whether a name is a URL."""
    return _URL.match(name) is not None


def shown(url: str) -> str:
    """Return a URL without its secret parts: query, fragment, user and password.

    In `abfs://container@account...` the part before the `@` is the container, and is kept.
    """
    scheme, rest = scheme_of(url), url.partition("://")[2]
    location, _, query = rest.partition("?")
    if scheme in HTTP:
        location = location.partition("#")[0]
    elif query and "=" not in query:  # a pattern, or a name with a question mark
        location = rest
    authority, slash, path = location.partition("/")
    user, _, host = authority.rpartition("@")
    if scheme not in AZURE or ":" in user:
        authority = host
    return f"{scheme}://{authority}{slash}{path}"


def find(url: str, wanted: Callable[[str], bool]) -> list[tuple[str, RemoteStat]]:
    """Return the files of a URL (a file, a directory or a pattern) and their metadata, by URL.

    Files in a directory are filtered by `wanted`, called with the path relative to it. HTTP has no
    directories, so such a URL is one file. The list is empty for a directory or a pattern without
    matches. Raises `RemoteError`.
    """
    with translated_errors(url):
        system, path = connect(url)
        if scheme_of(url) in HTTP:
            remote_stat = _stat_of(system.info(path))
            ranged = remote_stat.ranged and _supports_ranges(system, path)
            return [(url, remote_stat._replace(ranged=ranged))]
        info = _info(system, path)
        if info and info["type"] == "file":
            return [(url, _stat_of(info))]
        magic = _MAGIC.search(url)
        if info or url.endswith("/"):
            root = url if url.endswith("/") else f"{url}/"
            listed = system.find(path, detail=True)
        elif magic:
            root = url[: url.rindex("/", 0, magic.start()) + 1]
            listed = system.glob(path, detail=True)
            wanted = bool  # a pattern is not filtered by extension
        else:
            raise FileNotFoundError(url)
        return sorted(_below(system, root, listed, wanted), key=lambda match: match[0])


def _below(
    system: Any, root: str, listed: dict[str, Any], wanted: Callable[[str], bool]
) -> Iterator[tuple[str, RemoteStat]]:
    """Yield the wanted files below a URL that ends with a slash.

    The names in `listed` have no scheme and account.
    """
    skip = len(system._strip_protocol(root).strip("/"))  # noqa: SLF001 - no public equivalent
    for name, info in listed.items():
        below = name.strip("/")[skip:].strip("/")
        if info["type"] == "file" and wanted(below):
            yield root + below, _stat_of(info)


def stat(url: str) -> RemoteStat:
    """Return the current metadata of a file, uncached. Raises `RemoteError`."""
    with translated_errors(url):
        system, path = connect(url)
        system.invalidate_cache()
        return _stat_of(system.info(path))


def stream(url: str) -> BinaryIO:
    """Open a file to read it once from its start, for servers without range requests.

    Raises `RemoteError`, also on reading.
    """
    with translated_errors(url):
        system, path = connect(url)
        return io.BufferedReader(
            _ForwardStream(url, system.open(path, "rb", block_size=0)), 1 << 20
        )


def _stat_of(info: dict[str, Any]) -> RemoteStat:
    version = next((info[key] for key in _VERSIONS if info.get(key)), "")
    if isinstance(version, datetime):  # the same client also returns a number
        version = version.timestamp()
    return RemoteStat(info.get("size"), str(version).strip('"'), ranged=info.get("partial", True))


def _info(system: Any, path: str) -> dict[str, Any] | None:
    try:
        return cast("dict[str, Any]", system.info(path))
    except FileNotFoundError:
        return None


def _supports_ranges(system: Any, path: str) -> bool:
    """Request the second byte from an HTTP server; without ranges it sends the whole file."""
    with system.open(path, "rb", size=2, cache_type="none") as file:
        file.seek(1)
        try:
            return len(file.read(1)) <= 1
        except ValueError:
            return False


def clear_cache() -> None:
    """Clear the cache of small files."""
    _CACHE.clear()


def _cache(url: str, data: bytes) -> None:
    """Cache a small file, which is read by the probe, the check and the hash."""
    _CACHE[url, len(data)] = data
    with suppress(RuntimeError, StopIteration):  # another thread may evict at the same time
        while len(_CACHE) > _CACHED_FILES:
            _CACHE.pop(next(iter(_CACHE)), None)


class RemoteFile(io.RawIOBase):
    """Seekable stream of a remote file up to byte `end`, with read-ahead.

    Requests double in size up to 8 MiB while reads are sequential; with `sequential` they start at
    that size.
    """

    def __init__(self, url: str, end: int, *, sequential: bool) -> None:
        self._url, self._end = url, end
        self._initial_read_ahead = _MAXIMUM_REQUEST if sequential else 0
        self._position, self._buffered, self._read_ahead = (
            0,
            memoryview(b""),
            self._initial_read_ahead,
        )
        with translated_errors(url):
            self._system, self._path = connect(url)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set the position, dropping buffered bytes if it changes; return it."""
        position = (
            offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._end}[whence]
        )
        if position != self._position:
            self._position, self._buffered, self._read_ahead = (
                position,
                memoryview(b""),
                self._initial_read_ahead,
            )
        return position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read the next bytes and return their number. Raises `RemoteError`."""
        if not self._buffered and self._position < self._end:
            size = max(len(buffer), self._read_ahead)
            self._buffered = self._fetch(self._position, min(self._position + size, self._end))
            self._read_ahead = min(2 * size, _MAXIMUM_REQUEST)
        data = self._buffered[: len(buffer)]
        buffer[: len(data)] = data
        self._buffered = self._buffered[len(data) :]
        self._position += len(data)
        return len(data)

    def _fetch(self, start: int, end: int) -> memoryview:
        cached = _CACHE.get((self._url, self._end))
        if cached is not None:
            return memoryview(cached)[start:end]
        with translated_errors(self._url):
            data = self._system.cat_file(self._path, start=start, end=end)
        if len(data) != end - start:
            words = f"the server gives {len(data):,} bytes where {end - start:,} are asked for"
            raise RemoteError(f"{words}; the file may have changed, check it again")
        if end - start == self._end <= _CACHED_BYTES:
            _cache(self._url, data)
        return memoryview(data)


class _ForwardStream(io.RawIOBase):
    """Stream of a client whose exceptions are converted to `RemoteError`."""

    def __init__(self, url: str, stream: BinaryIO) -> None:
        self._url, self._stream = url, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with translated_errors(self._url):
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
