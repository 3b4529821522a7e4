"""Secrets are taken out of whatever is shown, logged or raised."""

from __future__ import annotations

import re
from urllib.parse import quote

_MASK = "[redacted]"

_LEAST = 4
"""Characters of a secret; what is shorter would take words out of messages."""

_SECRETS: set[str] = set()

_SHAPES = re.compile(
    r"""(?ix)
    ( \b(?:api-key|x-api-key|ocp-apim-subscription-key|authorization|proxy-authorization)
        ["']?\s*[:=,]\s*["']?(?:bearer\s+|basic\s+|sharedkey\s+)?
    | \bbearer\s+
    | \b(?:accountkey|sharedaccesssignature|sig|password|client_secret)=
    | ://[^/\s:@]*:(?=[^/\s@]*@)
    )
    [^\s"'&;,<>@]+
    """
)
"""What goes before a secret that nobody registered, and the secret."""


def secret(value: str) -> str:
    """Take note of a secret, so that it is redacted from now on; return it."""
    if len(value) >= _LEAST:
        _SECRETS.update((value, quote(value, safe=""), quote(value)))
    return value


def redact(text: str) -> str:
    """Return a text without the secrets that are known, and without what looks like one."""
    for known in sorted(_SECRETS, key=len, reverse=True):
        text = text.replace(known, _MASK)
    return _SHAPES.sub(lambda match: f"{match[1]}{_MASK}", text)
