"""The plain values that every part of ftlint speaks in.

Nothing here imports the rest of ftlint. All values are frozen and picklable;
a `Finding` and a `Location` also make a round trip through JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

Pointer = tuple[str | int, ...]
"""A place in an example, as the keys (str) and 0-based indices (int) that lead to it."""


class Severity(StrEnum):
    """How much a finding weighs: an error fails the input, a warning only with `--strict`."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class FtlintError(Exception):
    """A fault in how ftlint was called or in what it was given; the message holds the remedy."""


def json_pointer(pointer: Pointer) -> str:
    """Write `pointer` in the notation of RFC 6901; the empty string is the whole example."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in pointer)


class Span(NamedTuple):
    """Bytes `start` (included) to `end` (excluded), 0-based from the first byte of a line."""

    start: int
    end: int


class Edit(NamedTuple):
    """Replace the bytes of a line within `span` by `replacement`."""

    span: Span
    replacement: bytes


class SetValue(NamedTuple):
    """Replace the JSON value at `pointer` by `value`; resolved to an `Edit` when applied."""

    pointer: Pointer
    value: Any


class DropKey(NamedTuple):
    """Remove the key at `pointer`, its value and one comma; resolved to an `Edit` when applied."""

    pointer: Pointer


class QuoteValue(NamedTuple):
    """Replace the JSON value at `pointer` by a string of the JSON that stands there."""

    pointer: Pointer


class WrapValue(NamedTuple):
    """Write bytes around the JSON value at `pointer`, which stays as it stands there."""

    pointer: Pointer
    before: bytes
    after: bytes


class RenameKey(NamedTuple):
    """Give the key that `pointer` ends in another name."""

    pointer: Pointer
    name: str


class MoveKey(NamedTuple):
    """Move the key at `pointer`, with its value as it stands, to the end of another object.

    `into` is the pointer of that object, which holds keys, but none of that name.
    """

    pointer: Pointer
    into: Pointer


Change = Edit | SetValue | DropKey | QuoteValue | WrapValue | RenameKey | MoveKey


class Fix(NamedTuple):
    """How a fault is mended.

    `safe` means that the meaning of the data stays the same. `edits` change bytes of the line
    where the fault was found (for a fault of the whole file: of line 1, its byte-order mark
    included). `rewrite` names a conversion of the whole file instead (see `ftlint.fix`).
    """

    title: str
    safe: bool
    edits: tuple[Change, ...] = ()
    rewrite: str | None = None


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
    apart what a rule finds at every example; see `everywhere` in `ftlint.registry.Rule`.
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


class Example:
    """One line that parsed to an object.

    `offset` is the 0-based byte in the file where the line starts, `raw` all its bytes, `data` the
    object.
    """

    __slots__ = ("data", "offset", "path", "raw")

    def __init__(self, path: str, offset: int, raw: bytes, data: dict[str, Any]) -> None:
        self.path, self.offset, self.raw, self.data = path, offset, raw, data
