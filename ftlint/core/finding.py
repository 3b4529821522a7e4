"""What rules yield and what reports hold: hits, findings and their places.

All values are frozen and picklable;
a `Finding` and a `Location` also make a round trip through JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ftlint.core.edits import Fix
from ftlint.core.json_spans import Pointer, Span


class Severity(StrEnum):
    """How much a finding weighs: an error fails the input, a warning only with `--strict`."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Related(NamedTuple):
    """A second place in the same line that explains a fault."""

    message: str
    pointer: Pointer | None = None
    span: Span | None = None


class Hit(NamedTuple):
    """What a rule yields: where in the line, and why. The engine adds everything else.

    `pointer` is None for a fault below JSON; `span` then says where (None: the whole line).
    `on_key` puts the finding on the key that `pointer` ends in, not on its value.
    `part` are code points (start, end) of the string at `pointer` that are meant, if not all.
    `case` names the variant of the rule, which may have a severity of its own. `about` tells
    apart what a rule finds at every example; see `everywhere` in `ftlint.core.rule.Rule`.
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
    """A place in an input.

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
    """What a report says of a fix: its title, and whether it keeps the meaning of the data."""

    title: str
    safe: bool


class Excerpt(NamedTuple):
    """A piece of the line around a finding, for people; it is not part of a JSON report.

    `start` and `end` are the 0-based code points of `text` that are marked; `cut_before` and
    `cut_after` say whether the line goes on beyond `text`.
    """

    text: str
    start: int
    end: int
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, located.

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
