"""Ids of a service: they become parts of URL paths, and hold nothing that has a meaning there."""

from __future__ import annotations

import re

from ftlint.core.errors import Rejected
from ftlint.core.redact import redact
from ftlint.core.text import plain

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,254}")


def is_id(value: object) -> bool:
    """Return whether a value is an id."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def in_path(name: str, host: str) -> str:
    """Return an id of a service. Raises `Rejected` for what is none."""
    if not is_id(name):
        shown = plain(redact(name))  # redacted first: a cut secret has no match
        words = f'{host} gives the id "{shown}": expected letters, digits, and . _ : -'
        raise Rejected(f"{words}; check the endpoint")
    return name
