"""Reports for people and programs: one module a format, each with `render`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import IO, NamedTuple, Protocol, cast

from ftlint.report import Report

BLOCKS = "▏▎▍▌▋▊▉█"
"""Blocks of one to eight eighths of a cell."""


class Style(NamedTuple):
    """How a report is written: cells a line may take, colours or not, and -v less -q.

    `blocks` says whether bars are drawn with block characters, or with `#`.
    """

    width: int = 100
    color: bool = False
    verbosity: int = 0
    blocks: bool = True


def drawable(stream: IO[str] | None) -> bool:
    """Tell whether a stream can encode block characters."""
    try:
        BLOCKS.encode(getattr(stream, "encoding", None) or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


class Reporter(Protocol):
    """What a reporter module offers."""

    def render(self, report: Report, style: Style) -> Iterator[str]:
        """Yield the report as lines, without line ends."""


REPORTERS = {"full": "full", "concise": "concise", "json": "json_", "html": "html_"}
"""Module by output format."""

PICTURED = ("html",)
"""The formats that show more than findings: statistics, and all tokens."""


def reporter(name: str) -> Reporter:
    """Load the reporter of an output format."""
    return cast("Reporter", import_module(f"{__name__}.{REPORTERS[name]}"))
