"""The clients that fsspec has for URLs: made where they are used, their failures put into words.

Credentials come from the environment, as the clients read them; they are in no option, and what
the clients say, which may hold a key, is never passed on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

AZURE = ("az", "abfs", "abfss")
HTTP = ("http", "https")

_CONNECT, _ANSWER = 30, 60
"""Seconds to wait for a connection, and for the next bytes, of an HTTP server."""

_CLIENTS: dict[tuple[int, str, str], Any] = {}

_LOGGERS = ("adlfs", "aiobotocore", "aiohttp", "asyncio", "azure", "botocore", "fsspec", "s3fs")

_AZURE_HINT = "set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME and sign in"
_HINTS = {
    **dict.fromkeys(AZURE, _AZURE_HINT),
    **dict.fromkeys(HTTP, "the URL may have expired, or need credentials"),
    "s3": "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
}
"""What may help where access is refused; the schemes are those of `ftlint[remote]`."""


class RemoteError(OSError):
    """What a server or its client refuses, in words that hold no secret."""


def scheme_of(url: str) -> str:
    """Return what stands before `://`, in lower case."""
    return url.partition("://")[0].lower()


def connect(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it.

    Each process has a client of its own: what it shares with a forked one would not answer there.
    fsspec keeps one for each thread too, which needs that only where calls run in the caller's.
    Raises what fsspec or a client raises; see `worded`.
    """
    import logging  # noqa: PLC0415 - 10 ms, as below

    import fsspec  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra, and slow to import

    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not logger.handlers:  # without one, warnings with URLs in them go to standard error
            logger.addHandler(logging.NullHandler())
    scheme = scheme_of(url)
    if scheme in ("file", "local"):
        raise RemoteError("a file on this machine is named without file://")
    kind = fsspec.get_filesystem_class(scheme)
    options = _http_options() if scheme in HTTP else kind._get_kwargs_from_urls(url)  # noqa: SLF001 - as fsspec's own functions do
    path = kind._strip_protocol(url)  # noqa: SLF001 - as above
    if not kind.async_impl:
        return kind(**options), path
    key = (os.getpid(), scheme, str(sorted(options.items())))
    client = _CLIENTS.get(key) or _CLIENTS.setdefault(key, kind(**options))
    return client, path


def _http_options() -> dict[str, Any]:
    """Ask for the bytes as they are stored, and do not wait for ever."""
    from aiohttp import ClientTimeout  # noqa: PLC0415 - an extra

    timeout = ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_ANSWER)
    session = {"timeout": timeout, "auto_decompress": False, "trust_env": True}
    return {"headers": {"Accept-Encoding": "identity"}, "client_kwargs": session}


@contextmanager
def worded(url: str) -> Iterator[None]:
    """Turn what clients raise, which has no common base, into `RemoteError`."""
    try:
        yield
    except RemoteError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        raise RemoteError(_reason(scheme_of(url), error)) from None


def _reason(scheme: str, error: Exception) -> str:
    """Say in words of our own what went wrong: the client's may hold the URL, or a key."""
    if isinstance(error, ImportError):
        package = "pip install 'ftlint[remote]'" if scheme in _HINTS else "see fsspec's documents"
        return f"{scheme}:// needs packages that are not installed: {package}"
    if "Protocol not known" in str(error):
        return f"{scheme}:// is no kind of URL that fsspec knows; use https://, az:// or s3://"
    if isinstance(error, ValueError) and scheme in AZURE:
        return f"no storage account that can be used; {_AZURE_HINT}"
    causes = [each for each in (error, error.__cause__, error.__context__) if each]
    codes = [getattr(each, name, 0) for each in causes for name in ("status", "status_code")]
    status = next((code for code in codes if isinstance(code, int) and code >= 400), 0)
    return _answer(scheme, status, " ".join(type(each).__name__ for each in causes))


def _answer(scheme: str, status: int, names: str) -> str:
    """Word the HTTP status of an answer (0: none), or the names of the classes of what failed."""
    answer = f" (HTTP {status})" if status else ""
    if status in (401, 403) or re.search("Permission|Credential|Authentication", names):
        return f"access is refused{answer}; {_HINTS.get(scheme, 'check the credentials')}"
    if status in (404, 410):
        return f"no such file{answer}; check the URL"
    if status:
        return f"the server does not give it{answer}; try again"
    if "Timeout" in names:
        return "the server does not answer in time; try again"
    if re.search("Connect|ServiceRe|Endpoint|Payload", names):
        return "the connection to the server fails; check the name, and try again"
    if "FileNotFound" in names:
        return "no such file; check the URL"
    return f"the client fails with {names}; {_HINTS.get(scheme, 'check the URL')}"
