"""How the official SDK is used: it signs and sends; retries and redirects are not its own."""

from __future__ import annotations

import logging
import os
import ssl
from typing import Any

from ftlint.providers.endpoint import ANSWER, CONNECT, Endpoint
from ftlint.redact import redact, secret
from ftlint.version import __version__

_LOGGERS = ("openai", "httpx2", "httpcore2", "azure", "msal", "urllib3")

_KEY = 16
"""Characters from which on a word of a header is taken for a key."""


class Redacting(logging.Filter):
    """Takes secrets out of what a library logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Write the message out, without its secrets; let every record pass."""
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def guard_logs() -> None:
    """Redact what handlers write from now on, whichever logger it comes from."""
    handlers = [*logging.getLogger().handlers, *(logging.lastResort,)]
    for name in _LOGGERS:
        handlers += logging.getLogger(name).handlers
    for handler in handlers:
        if handler and not any(isinstance(each, Redacting) for each in handler.filters):
            handler.addFilter(Redacting())


def options(where: Endpoint) -> dict[str, Any]:
    """Return what every client of the SDK is made with.

    A proxy of the environment is passed by for loopback, the only place that is spoken with in
    clear: it would read the key.
    """
    import httpx2  # noqa: PLC0415 - comes with the SDK, an extra
    from openai import DefaultHttpxClient  # noqa: PLC0415 - as above

    for word in os.environ.get("OPENAI_CUSTOM_HEADERS", "").split():  # which the SDK sends
        if len(word) >= _KEY:
            secret(word)
    guard_logs()
    timeout = httpx2.Timeout(ANSWER, connect=CONNECT)
    away = where.base.startswith("https:")
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # of this machine no certificate is asked for
    return {
        "max_retries": 0,
        "timeout": timeout,
        "http_client": DefaultHttpxClient(
            timeout=timeout,
            follow_redirects=False,
            trust_env=away,
            verify=True if away else nobody,
        ),
        "default_headers": {"User-Agent": f"ftlint/{__version__}"},
    }
