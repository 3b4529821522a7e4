"""Marks of secrets: a quick test of texts, since few of them hold one and redaction is slower."""

from __future__ import annotations

_MARKS = (
    "api-key", "subscription-key", "authorization", "bearer", "accountkey", "sharedaccess", "sig=",
    "sig%3d", 'sig"', "sig'", "sig\\", "password", "client_secret", "eyj", "sk-", "jqqj9", "==",
)  # fmt: skip
"""What each secret that `redact` knows by its shape contains, in lower case."""

KNOWN: list[str] = []
"""Parts of known secrets in lower case, one of which is in any text that `redact` would change."""


def may_leak(text: str) -> bool:
    """Return whether a text may hold a secret; this is quick, and `redact` decides."""
    lowered = text.lower()
    if any(mark in lowered for mark in _MARKS) or any(part in lowered for part in KNOWN):
        return True
    return "@" in lowered and "://" in lowered
