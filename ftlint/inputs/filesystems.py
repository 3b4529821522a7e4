"""fsspec clients for URLs, created on first use, and messages for their errors.

The clients read credentials from the environment; no option takes them. The clients' own messages
are never passed on, since they may contain a key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

AZURE = ("az", "abfs", "abfss")
HTTP = ("http", "https")

_CONNECT, _READ = 30, 60
"""Timeouts in seconds for connecting to an HTTP server, and for the next bytes."""

_CLIENTS: dict[tuple[int, str, str], Any] = {}

_LOGGERS = ("adlfs", "aiobotocore", "aiohttp", "asyncio", "azure", "botocore", "fsspec", "s3fs")

_AZURE_HINT = "set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME and sign in"
_HINTS = {
    **dict.fromkeys(AZURE, _AZURE_HINT),
    **dict.fromkeys(HTTP, "the URL may have expired, or need credentials"),
    "s3": "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
}
"""Remedies for refused access by scheme; the schemes are those of `ftlint[remote]`."""


class RemoteError(OSError):
    """The error of a server or its client, with a message that contains no secret."""


def scheme_of(url: str) -> str:
    """Return the scheme of a URL, in lower case."""
    return url.partition("://")[0].lower()


def connect(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it.

    Each process has its own client, since connections do not survive a fork. Clients are shared
    between threads if they are asynchronous; fsspec would create one for each thread.
    Raises the exceptions of fsspec and the client; see `translated_errors`.
    """
    import logging  # noqa: PLC0415 - 10 ms, as below

    import fsspec  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra, and slow to import

    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not logger.handlers:  # without one, warnings that contain URLs go to standard error
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
    """Return options that disable content encoding and set timeouts."""
    from aiohttp import ClientTimeout  # noqa: PLC0415 - an extra

    timeout = ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_READ)
    session = {"timeout": timeout, "auto_decompress": False, "trust_env": True}
    return {"headers": {"Accept-Encoding": "identity"}, "client_kwargs": session}


@contextmanager
def translated_errors(url: str) -> Iterator[None]:
    """Convert the exceptions of clients, which have no common base, to `RemoteError`."""
    try:
        yield
    except RemoteError:
        raise
    except Exception as error:  # noqa: BLE001 - no common base, see above
        raise RemoteError(_reason(scheme_of(url), error)) from None


def _reason(scheme: str, error: Exception) -> str:
    """Return the reason of an error; the client's own message may contain the URL or a key."""
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
    """Return the reason for an HTTP status (0: none), or for the class names of exceptions."""
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
