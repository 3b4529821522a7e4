"""Redaction of secrets from anything shown, logged or raised."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

_MASK = "[redacted]"

_LEAST = 4
"""Minimum characters of a secret; shorter ones would match ordinary words."""

_SECRETS: set[str] = set()
_REGISTERED = re.compile("")
"""The registered secrets, and one pattern for all of them; unused while there are none."""

_INTEGERS = range(-(2**63), 2**64)
"""Integers that JSON parsers can be expected to read."""

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
"""An unregistered secret and its prefix (group 1)."""


def secret(value: str) -> str:
    """Register a secret for redaction in this process; return it."""
    global _REGISTERED  # noqa: PLW0603 - a secret is one for the whole process
    if len(value) >= _LEAST:
        _SECRETS.update(filter(None, _encodings(value)))
        longest_first = sorted(_SECRETS, key=len, reverse=True)
        _REGISTERED = re.compile("|".join(map(re.escape, longest_first)))
    return value


def _encodings(value: str) -> Iterator[str]:
    """Yield a secret as written in texts, URLs, JSON, Python's repr, and Base64."""
    yield from (value, " ".join(value.split()))
    for quoted in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield from (quoted, _LOWER.sub(lambda match: match[0].lower(), quoted))
    yield from (json.dumps(value)[1:-1], repr(value)[1:-1])
    raw = value.encode()
    for before in range(3):  # bytes before it, which shift the Base64 characters
        whole = len(raw) + before - (len(raw) + before) % 3
        for encode in (b64encode, urlsafe_b64encode):
            encoded = encode(bytes(before) + raw)[: whole // 3 * 4].decode()[-(-before * 4 // 3) :]
            if len(encoded) > _LEAST:
                yield encoded


def redact(text: str) -> str:
    """Return a text without registered secrets and without anything that looks like a secret."""
    if _SECRETS:
        text = _REGISTERED.sub(_MASK, text)
    return _SHAPES.sub(lambda match: f"{match[1]}{_MASK}", text)


def harmless(value: object) -> Any:
    """Return a service's JSON data redacted, and readable for any JSON parser."""
    if isinstance(value, str):
        return redact(value.encode("utf-8", "replace").decode())
    if isinstance(value, Mapping):
        return {str(harmless(str(key))): harmless(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(entry) for entry in value]
    if isinstance(value, int) and value not in _INTEGERS:
        return str(value)
    return value
