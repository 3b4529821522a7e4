"""What goes wrong with a request, in words and with the exit code that belongs to it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

from ftlint.failures import Failure, Rejected, Unauthorized, Unreachable
from ftlint.locate import sanitize
from ftlint.retry import Again

_PASSING = (408, 425, 429, 500, 502, 503, 504)
"""HTTP statuses of what may pass. 429 alone says that nothing was done."""

_LONGEST = 600
"""Characters of a service's message that are shown."""


@contextmanager
def failure_of(verb: str, path: str, host: str) -> Iterator[None]:
    """Turn what the SDK raises into a `Failure`."""
    import openai  # noqa: PLC0415 - an extra, and slow to import

    asked = f"{verb.upper()} {path}"
    try:
        yield
    except Failure:
        raise
    except openai.APIStatusError as error:
        raise _refusal(asked, host, error) from None
    except openai.APIConnectionError as error:
        raise _unanswered(asked, host, error) from None
    except ValueError:
        raise Rejected(f"{asked}: {host} answers with what is no JSON") from None
    except openai.OpenAIError as error:
        raise Unauthorized(f"{host}: {_first_line(str(error))}") from None


def _refusal(asked: str, host: str, error: Any) -> Failure:
    status = int(error.status_code)
    code, said = _message(error.body)
    words = f"{asked}: {host} answers {status}{f' ({code})' if code else ''}"
    words += f": {said}" if said else ""
    if status in (401, 403):
        hint = "check the key or the role, and that the endpoint is the one they are for"
        return Unauthorized(f"{words}; {hint}")
    if status in _PASSING:
        return Again(words, after=_after(error.response.headers), sent=status != 429)
    if 300 <= status < 400:
        return Rejected(f"{words}: a redirect, which is not followed; check the endpoint",
                        status=status)  # fmt: skip
    return Rejected(words, status=status, answer=code, said=said)


def _unanswered(asked: str, host: str, error: Exception) -> Failure:
    """Word a failure of the connection; one that was never made has sent nothing."""
    cause = error.__cause__
    if isinstance(cause, Failure):  # raised while the body was read
        return cause
    kind = type(cause).__name__ if cause else type(error).__name__
    if kind in ("UnsupportedProtocol", "InvalidURL"):
        return Unreachable(f"{host}: no address that can be asked; check the endpoint")
    sent = kind not in ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError")
    why = "the connection was lost" if sent else "no connection"
    if "Timeout" in kind:
        why = "no answer in time"
    return Again(f"{asked}: {why} to {host}" if not sent else f"{asked}: {host}: {why}", sent=sent)


def _message(body: object) -> tuple[str, str]:
    """Return code and message of an error, as services write them."""
    error = body.get("error", body) if isinstance(body, Mapping) else {}
    if not isinstance(error, Mapping):
        error = {"message": error}
    said = _first_line(str(error.get("message") or ""))
    return sanitize(str(error.get("code") or "")), said


def _first_line(text: str) -> str:
    words = sanitize(" ".join(text.split()))
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def _after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a service asks to wait."""
    given = headers.get("retry-after-ms")
    if given and given.replace(".", "", 1).isdigit():
        return float(given) / 1000
    given = headers.get("retry-after", "").strip()
    if given.replace(".", "", 1).isdigit():
        return float(given)
    try:
        return max(parsedate_to_datetime(given).timestamp() - time.time(), 0)
    except ValueError:
        return None
