"""Secrets are taken out of whatever is shown, logged or raised."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

_MASK = "[redacted]"

_LEAST = 4
"""Characters of a secret; what is shorter would take words out of messages."""

_SECRETS: set[str] = set()
_KNOWN = re.compile("")
"""The secrets, and one pattern for all of them; nothing is replaced while there are none."""

_INTEGERS = range(-(2**63), 2**64)
"""What a number of JSON may be, for programs that read it."""

_LOWER = re.compile("%[0-9A-F]{2}")

_SHAPES = re.compile(
    r"""(?ix)
    ( \b(?:api-key|x-api-key|ocp-apim-subscription-key|authorization|proxy-authorization)
        ["']?\s*[:=,]\s*(?:b(?=["']))?["']?(?:bearer\s+|basic\s+|sharedkey\s+)?
    | \bbearer\s+(?=[\w.~+/=-]{16})
    | (?<![a-z_-])(?:accountkey|sharedaccesssignature|sig|password|client_secret)
        (?:=|%3d|["']\s*:\s*["'])
    | ://[^/\s:@]*:(?=[^/\s@]*@)
    )
    [^\s"'&;,<>@]+
    """
)
"""What goes before a secret that nobody registered, and the secret."""


def secret(value: str) -> str:
    """Take note of a secret, so that it is redacted from now on; return it."""
    global _KNOWN  # noqa: PLW0603 - what is secret is so for the whole process
    if len(value) >= _LEAST:
        _SECRETS.update(filter(None, _written(value)))
        longest_first = sorted(_SECRETS, key=len, reverse=True)
        _KNOWN = re.compile("|".join(map(re.escape, longest_first)))
    return value


def _written(value: str) -> Iterator[str]:
    """Yield a secret as it stands in texts, URLs, JSON, Python's repr, and in Base64."""
    yield from (value, " ".join(value.split()))
    for quoted in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield from (quoted, _LOWER.sub(lambda match: match[0].lower(), quoted))
    yield from (json.dumps(value)[1:-1], repr(value)[1:-1])
    raw = value.encode()
    for before in range(3):  # bytes: what stands before it shifts all characters of Base64
        whole = len(raw) + before - (len(raw) + before) % 3
        for encode in (b64encode, urlsafe_b64encode):
            found = encode(bytes(before) + raw)[: whole // 3 * 4].decode()[-(-before * 4 // 3) :]
            if len(found) > _LEAST:
                yield found


def redact(text: str) -> str:
    """Return a text without the secrets that are known, and without what looks like one."""
    if _SECRETS:
        text = _KNOWN.sub(_MASK, text)
    return _SHAPES.sub(lambda match: f"{match[1]}{_MASK}", text)


def harmless(value: object) -> Any:
    """Return JSON data of a service as every program can read it, and without known secrets."""
    if isinstance(value, str):
        return redact(value.encode("utf-8", "replace").decode())
    if isinstance(value, Mapping):
        return {str(harmless(str(key))): harmless(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(entry) for entry in value]
    if isinstance(value, int) and value not in _INTEGERS:
        return str(value)
    return value
