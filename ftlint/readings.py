"""What a message of a service means: `readings.toml`, read by the message."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

_LONGEST = 10_000
"""Characters of a message that are looked at."""


class Reading(NamedTuple):
    """What a message means.

    `rules` are the ids of those that find the cause before an upload, the likeliest first; none
    where the cause is not in the shape of the data. `means` says it in plain words, `source` where
    the message was seen.
    """

    rules: tuple[str, ...]
    means: str
    source: str


def reading(message: str) -> Reading | None:
    """Return what a service's message means, None for one that is not known."""
    looked_at = message[:_LONGEST]
    return next((known for pattern, known in _table() if pattern.search(looked_at)), None)


def readings() -> tuple[Reading, ...]:
    """Return all that is known."""
    return tuple(known for _, known in _table())


@cache
def _table() -> tuple[tuple[re.Pattern[str], Reading], ...]:
    text = (Path(__file__).parent / "readings.toml").read_text(encoding="utf-8")
    return tuple(
        (
            re.compile(row["pattern"], re.IGNORECASE | re.MULTILINE),
            Reading(tuple(row["rules"]), row["means"], row["source"]),
        )
        for row in tomllib.loads(text)["reading"]
    )


def explained(words: str, message: str) -> str:
    """Add to `words` what a service's message means, where that is known."""
    known = reading(message)
    if known is None:
        return words
    rules = "".join(f"; see ftlint rule {rule}" for rule in known.rules[:1])
    return f"{words} (ftlint: {known.means}{rules})"
