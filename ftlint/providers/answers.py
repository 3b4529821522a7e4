"""What goes wrong with a request, in words and with the exit code that belongs to it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

from ftlint.failures import Failure, Rejected, Unauthorized, Unreachable
from ftlint.locate import sanitize
from ftlint.redact import redact
from ftlint.retry import Again

_PASSING = (408, 425, 429)
_LASTING = (501, 505)
"""HTTP statuses of what may pass, and those from 500 up that do not. 429 alone says that nothing
was done; of 520 to 530 (proxies), no more is known than of 500."""

_NUMBER = re.compile(r"\d+(\.\d*)?", re.ASCII)

_LONGEST = 600
"""Characters of a service's message that are shown."""


@contextmanager
def failure_of(verb: str, path: str, host: str) -> Iterator[None]:
    """Turn what the SDK raises into a `Failure`."""
    import httpx2  # noqa: PLC0415 - comes with the SDK, an extra
    import openai  # noqa: PLC0415 - an extra, and slow to import

    asked = f"{verb.upper()} {path}"
    try:
        yield
    except Failure:
        raise
    except openai.APIStatusError as error:
        raise _refusal(asked, host, error) from None
    except openai.APIConnectionError as error:
        raise _unanswered(asked, host, error.__cause__ or error) from None
    except httpx2.RequestError as error:  # of an answer that is read block by block
        raise _unanswered(asked, host, error) from None
    except ValueError:
        words = f"{asked}: {host} answers with what is no JSON"
        raise Rejected(f"{words}; check the endpoint") from None
    except openai.OpenAIError as error:
        raise Unauthorized(f"{host}: {first_line(str(error))}") from None


def _refusal(asked: str, host: str, error: Any) -> Failure:
    status = int(error.status_code)
    code, said = _message(error.body)
    words = f"{asked}: {host} answers {status}{f' ({code})' if code else ''}"
    words += f": {said.rstrip('.')}" if said else ""
    if status in (401, 403):
        hint = "check the key or the role, and that the endpoint is the one they are for"
        return Unauthorized(f"{words}; {hint}")
    if may_pass(status):
        return Again(words, after=after(error.response.headers), sent=status != 429)
    if 300 <= status < 400:
        return Rejected(f"{words}: a redirect, which is not followed; check the endpoint",
                        status=status)  # fmt: skip
    return Rejected(words, status=status, answer=code, said=said)


def _unanswered(asked: str, host: str, error: BaseException) -> Failure:
    """Word a failure of the connection; one that was never made has sent nothing."""
    if isinstance(error, Failure):  # raised while the body was read
        return error
    kind = type(error).__name__
    if kind in ("UnsupportedProtocol", "InvalidURL"):
        return Unreachable(f"{host}: no address that can be asked; check the endpoint")
    sent = kind not in ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError")
    if not sent:
        return Again(f"{asked}: no connection to {host}{_reason(error)}", sent=False)
    why = "no answer in time" if "Timeout" in kind else "the connection was lost"
    return Again(f"{asked}: {host}: {why}")


def _reason(error: BaseException) -> str:
    """Say why there is no connection, where that is told in known words."""
    told = f"{type(error).__name__} {error}".lower()
    known = {
        "name or service": "its name is not known; check the endpoint",
        "name resolution": "its name cannot be looked up",
        "refused": "it is refused; check the endpoint",
        "timeout": "it takes too long",
        "certificate": "its certificate is not trusted; set SSL_CERT_FILE, if a proxy's",
        "proxy": "the proxy does not let it through",
    }
    return next((f": {why}" for words, why in known.items() if words in told), "")


def _message(body: object) -> tuple[str, str]:
    """Return code and message of an error, as services write them."""
    error = body.get("error", body) if isinstance(body, Mapping) else {}
    if not isinstance(error, Mapping):
        error = {"message": error}
    said = first_line(str(error.get("message") or ""))
    return first_line(str(error.get("code") or "")), said


def first_line(text: str) -> str:
    """Return a service's message as one line that a terminal may have, cut where it is long."""
    words = sanitize(" ".join(redact(text).split()))  # a secret that is cut would not be found
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def may_pass(status: int) -> bool:
    """Tell whether what is answered with an HTTP status may go through later."""
    return status in _PASSING or (status >= 500 and status not in _LASTING)


def after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a service asks to wait; None for what is no time."""
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
