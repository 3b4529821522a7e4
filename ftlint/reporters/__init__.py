"""Reporters, one module for each output format, with `render`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import IO, NamedTuple, Protocol, cast

from ftlint.core.report import Report

BLOCKS = "▏▎▍▌▋▊▉█"
"""Blocks of one to eight eighths of a cell."""


class Style(NamedTuple):
    """Layout of a report: width in terminal cells, colours, and the number of -v less that of -q.

    `blocks` tells whether bars are drawn with block characters or with `#`.
    """

    width: int = 100
    color: bool = False
    verbosity: int = 0
    blocks: bool = True


def drawable(stream: IO[str] | None) -> bool:
    """Return whether a stream can encode block characters."""
    try:
        BLOCKS.encode(getattr(stream, "encoding", None) or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


class Reporter(Protocol):
    """Interface of a reporter module."""

    def render(self, report: Report, style: Style) -> Iterator[str]:
        """Yield the lines of the report, without line ends."""


REPORTERS = {"full": "full", "concise": "concise", "json": "json_", "html": "html_"}
"""Module by output format."""

PICTURED = ("html",)
"""Formats that also show statistics and all token counts."""


def reporter(name: str) -> Reporter:
    """Load the reporter of an output format."""
    return cast("Reporter", import_module(f"{__name__}.{REPORTERS[name]}"))
