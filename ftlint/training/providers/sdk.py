"""Options of the official SDK: no retries, no redirects, redacted logs."""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ftlint.core.errors import Failure
from ftlint.core.redact import redact, secret
from ftlint.core.text import sanitize_line
from ftlint.training.providers.endpoint import ANSWER, CONNECT, Endpoint, proxies
from ftlint.version import __version__

_LOGGERS = ("openai", "httpx2", "httpcore2", "azure", "msal", "urllib3")

_KEY = 16
"""Minimum characters of a word in a header to be taken for a key."""


class Redacting(logging.Filter):
    """A filter that redacts and neutralises the log records of libraries."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Format a record, and make it safe; return True."""
        record.msg, record.args = _safe(record.getMessage()), None
        if record.exc_info:
            record.exc_text = _safe(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        if record.stack_info:
            record.stack_info = _safe(record.stack_info)
        return True


def _safe(text: str) -> str:
    return "\n".join(map(sanitize_line, redact(text).split("\n")))


def guard_logs() -> None:
    """Add the filter to all handlers of the root logger and the libraries."""
    handlers = [*logging.getLogger().handlers, *(logging.lastResort,)]
    for name in _LOGGERS:
        handlers += logging.getLogger(name).handlers
    for handler in handlers:
        if handler and not any(isinstance(each, Redacting) for each in handler.filters):
            handler.addFilter(Redacting())


def options(where: Endpoint) -> dict[str, Any]:
    """Return the arguments of the SDK's clients.

    For loopback, the only unencrypted address, a proxy is bypassed: it would see the key.
    """
    import httpx2  # noqa: PLC0415 - comes with the SDK, an extra
    from openai import DefaultHttpxClient  # noqa: PLC0415 - as above

    for word in os.environ.get("OPENAI_CUSTOM_HEADERS", "").split():  # the SDK sends them
        if len(word) >= _KEY:
            secret(word)
    guard_logs()
    timeout = httpx2.Timeout(ANSWER, connect=CONNECT)
    encrypted = where.base.startswith("https:")
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # no certificates to load for http
    with _environment_errors():
        client = DefaultHttpxClient(
            timeout=timeout,
            follow_redirects=False,
            trust_env=encrypted,
            verify=True if encrypted else unused,
        )
    return {
        "max_retries": 0,
        "timeout": timeout,
        "http_client": client,
        "default_headers": {"User-Agent": f"ftlint/{__version__}"},
    }


@contextmanager
def _environment_errors() -> Iterator[None]:
    """Convert what the SDK's library raises for proxies and certificates to `Failure`."""
    import httpx2  # noqa: PLC0415 - as above

    try:
        yield
    except OSError as error:
        words = (
            f"SSL_CERT_FILE or SSL_CERT_DIR is not usable: {(error.strerror or str(error)).lower()}"
        )
        raise Failure(f"{words}; name a file of certificates (PEM), or unset it") from None
    except (ValueError, ImportError, httpx2.InvalidURL) as error:
        words = f"{' or '.join(proxies()) or 'a proxy variable'} is not usable: {error}"
        raise Failure(f"{words}; write http://HOST:PORT, or unset it") from None
