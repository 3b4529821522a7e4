"""A time in seconds, as an option has it."""

from __future__ import annotations

from typing import Any

import click

_MOST = 2_592_000
"""Thirty days: more than the longest job takes (Azure's quotas: 720 hours)."""


class Seconds(click.ParamType[float]):
    """A number of seconds from 0; not nan, which click's own ranges let through."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number. Raises `click.BadParameter` for what is none, or too much."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= _MOST:
            self.fail(f"{value!r} is no time from 0 to {_MOST:,} seconds", param, ctx)
        return seconds


SECONDS = Seconds()
