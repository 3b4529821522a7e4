"""Reporters, one module for each output format, with `render`."""

from __future__ import annotations

import os
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
    """Interface of a module of `ftlint.reporters.formats`.

    One that shows statistics and all token counts besides says so with a constant `PICTURED`.
    """

    def render(self, report: Report, style: Style) -> Iterator[str]:
        """Yield the lines of the report, without line ends."""


_MODULES = sorted(
    name.removesuffix(".py")
    for name in os.listdir(os.path.join(os.path.dirname(__file__), "formats"))
    if name.endswith(".py") and not name.startswith("__")
)
REPORTERS = {name.rstrip("_"): name for name in sorted(_MODULES, key=lambda name: name != "full")}
"""Module by output format, the default first: to add a format is to add a module."""


def reporter(name: str) -> Reporter:
    """Load the reporter of an output format."""
    return cast("Reporter", import_module(f"{__name__}.formats.{REPORTERS[name]}"))


def is_pictured(name: str) -> bool:
    """Return whether an output format shows statistics and all token counts besides."""
    return bool(getattr(reporter(name), "PICTURED", False))
