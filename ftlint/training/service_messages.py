"""Explanations of service messages, looked up in `service_messages.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

_LONGEST = 10_000
"""Maximum characters of a message to search."""


class Reading(NamedTuple):
    """An explanation of a message.

    `rules` are the ids of the rules that find the cause before an upload, the likeliest first,
    empty where the cause is not in the data. `source` is where the message was seen.
    """

    rules: tuple[str, ...]
    means: str
    source: str


def reading(message: str) -> Reading | None:
    """Return the explanation of a service message, None for an unknown one."""
    start = message[:_LONGEST]
    return next((entry for pattern, entry in _table() if pattern.search(start)), None)


def readings() -> tuple[Reading, ...]:
    """Return all explanations."""
    return tuple(entry for _, entry in _table())


@cache
def _table() -> tuple[tuple[re.Pattern[str], Reading], ...]:
    text = (Path(__file__).parent / "service_messages.toml").read_text(encoding="utf-8")
    return tuple(
        (
            re.compile(row["pattern"], re.IGNORECASE | re.MULTILINE),
            Reading(tuple(row["rules"]), row["means"], row["source"]),
        )
        for row in tomllib.loads(text)["reading"]
    )


def explained(words: str, message: str) -> str:
    """Append the explanation of a service message to `words`, if there is one."""
    found = reading(message)
    if found is None:
        return words
    rules = "".join(f"; see ftlint rule {rule}" for rule in found.rules[:1])
    return f"{words} (ftlint: {found.means}{rules})"
