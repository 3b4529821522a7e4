"""Translation of failed requests to failures with a message and an exit code."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

from ftlint.core.errors import Failure, Rejected, Unauthorized, Unreachable
from ftlint.core.redact import redact
from ftlint.core.text import sanitize
from ftlint.training.providers.endpoint import proxies
from ftlint.training.providers.retry import Again

_TRANSIENT = (408, 425, 429)
_PERMANENT = (501, 505)
"""HTTP statuses of transient failures, and permanent ones above 500. Only 429 means that nothing
was done; 520 to 530 (proxies) leave it as open as 500 does."""

_NUMBER = re.compile(r"\d+(\.\d*)?", re.ASCII)

_LONGEST = 600
"""Maximum characters of a service's message to show."""


@contextmanager
def failure_of(verb: str, path: str, host: str) -> Iterator[None]:
    """Convert the SDK's exceptions to a `Failure`."""
    import httpx2  # noqa: PLC0415 - comes with the SDK, an extra
    import openai  # noqa: PLC0415 - an extra, and slow to import

    request = f"{verb.upper()} {path}"
    try:
        yield
    except Failure:
        raise
    except openai.APIStatusError as error:
        raise _refusal(request, host, error) from None
    except openai.APIConnectionError as error:
        raise _unanswered(request, host, error.__cause__ or error) from None
    except httpx2.RequestError as error:  # from an answer read block by block
        raise _unanswered(request, host, error) from None
    except ValueError:
        words = f"{request}: {host} answers with invalid JSON"
        raise Rejected(f"{words}; check the endpoint") from None
    except openai.OpenAIError as error:
        raise Unauthorized(f"{host}: {first_line(str(error))}") from None


def _refusal(request: str, host: str, error: Any) -> Failure:
    status = int(error.status_code)
    code, message = _code_and_message(error.body)
    words = f"{request}: {host} answers {status}{f' ({code})' if code else ''}"
    words += f": {message.rstrip('.')}" if message else ""
    if status in (401, 403):
        hint = "check the key or the role, and that the endpoint is the one they are for"
        return Unauthorized(f"{words}; {hint}")
    if may_pass(status):
        return Again(words, after=after(error.response.headers), sent=status != 429)
    if 300 <= status < 400:
        return Rejected(f"{words}: a redirect, which is not followed; check the endpoint",
                        status=status)  # fmt: skip
    return Rejected(words, status=status, service_code=code, service_message=message)


def _unanswered(request: str, host: str, error: BaseException) -> Failure:
    """Return the failure of a connection; one never made has sent nothing."""
    if isinstance(error, Failure):  # raised while the body was read
        return error
    kind = type(error).__name__
    if kind in ("UnsupportedProtocol", "InvalidURL"):
        return Unreachable(f"{host}: not a usable address; check the endpoint")
    sent = kind not in ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError")
    if not sent:
        return Again(f"{request}: no connection to {host}{_reason(error)}", sent=False)
    why = "no answer in time" if "Timeout" in kind else "the connection was lost"
    return Again(f"{request}: {host}: {why}")


def _reason(error: BaseException) -> str:
    """Return the reason of a failed connection as the end of a message, empty if unknown."""
    text = f"{type(error).__name__} {error}".lower()
    reasons = {
        "name or service": "unknown host name; check the endpoint",
        "name resolution": "the host name cannot be resolved",
        "refused": "connection refused; check the endpoint",
        "timeout": "timeout",
        "certificate": "its certificate is not trusted; set SSL_CERT_FILE, if a proxy's",
        "proxy": "the proxy blocks it",
    }
    reason = next((f": {reason}" for words, reason in reasons.items() if words in text), "")
    return f"{reason}{f'; check the proxy in {names[-1]} too' if (names := proxies()) else ''}"


def _code_and_message(body: object) -> tuple[str, str]:
    """Return the code and message of a service's error."""
    error = body.get("error", body) if isinstance(body, Mapping) else {}
    if not isinstance(error, Mapping):
        error = {"message": error}
    message = first_line(str(error.get("message") or ""))
    return first_line(str(error.get("code") or "")), message


def first_line(text: str) -> str:
    """Return a service's message as one line, safe for a terminal and limited in length."""
    words = sanitize(" ".join(redact(text).split()))  # redacted first: a cut secret has no match
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def may_pass(status: int) -> bool:
    """Return whether an HTTP status means a transient failure."""
    return status in _TRANSIENT or (status >= 500 and status not in _PERMANENT)


def after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a service asks to wait, None without a valid time."""
    given = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(given):
        return float(given) / 1000
    given = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(given):
        return float(given)
    try:
        return max(parsedate_to_datetime(given).timestamp() - time.time(), 0)
    except (ValueError, OverflowError):
        return None
