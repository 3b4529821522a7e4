"""Hits, which rules yield, and findings, which reports hold, with their locations.

All values are immutable and picklable, so that workers can return them; a `Finding` and a
`Location` also survive a round trip through JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ftlint.core.edits import Fix
from ftlint.core.json_spans import Pointer, Span


class Severity(StrEnum):
    """The severity of a finding: an error fails the input, a warning only with `--strict`."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Related(NamedTuple):
    """A second location in the same line that explains a fault."""

    message: str
    pointer: Pointer | None = None
    span: Span | None = None


class Hit(NamedTuple):
    """A fault that a rule yields: its location in the line, and a message.

    `pointer` is None for a fault below JSON; `span` then locates it (None: the whole line).
    `on_key` locates the finding at the key that `pointer` ends in, not at its value. `part` limits
    it to some code points (start, end) of the string at `pointer`. `case` names a variant of the
    rule, which may have its own severity. `about` distinguishes the hits of one rule that are
    summed up per input; see `everywhere` in `ftlint.core.rule.Rule`.
    """

    pointer: Pointer | None
    message: str
    help: str | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    span: Span | None = None
    case: str = ""
    on_key: bool = False
    part: tuple[int, int] | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A location in an input.

    `line`, `example` and `column` are 1-based; `example` counts the non-blank lines, `column`
    code points after any byte-order mark. `byte_offset` is 0-based from the first byte of the
    file. `pointer` is an RFC 6901 JSON pointer. A fault of the whole file has line 1, column 1,
    and neither example nor pointer.
    """

    path: str
    line: int
    example: int | None
    column: int
    byte_offset: int
    pointer: str | None


@dataclass(frozen=True, slots=True)
class RelatedPlace:
    """A `Related`, located."""

    message: str
    location: Location


@dataclass(frozen=True, slots=True)
class FixSummary:
    """The fix in a report: its title, and whether it keeps the meaning of the data."""

    title: str
    safe: bool


class Excerpt(NamedTuple):
    """The text around a finding, for terminals and HTML; JSON reports leave it out.

    `start` and `end` delimit the marked code points of `text`, 0-based; `cut_before` and
    `cut_after` say whether the line continues beyond `text`.
    """

    text: str
    start: int
    end: int
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """A located fault.

    `fingerprint` is 32 hexadecimal digits that stay the same when other lines are inserted,
    removed or re-ordered.
    """

    rule: str
    severity: Severity
    message: str
    help: str | None
    location: Location
    related: tuple[RelatedPlace, ...]
    fix: FixSummary | None
    fingerprint: str
    excerpt: Excerpt | None = None
