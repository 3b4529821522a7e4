"""Ranges put together to tasks, and what to say of a range that was not checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from ftlint.core.report import RunError
from ftlint.engine.tally import Full, Segment, Stored, Tally
from ftlint.inputs import discovery
from ftlint.inputs import ranges as reading
from ftlint.inputs.discovery import Range
from ftlint.inputs.filetype import BOM

_MOST = 64
"""Ranges of one task: enough that a task of tiny files takes far longer than handing it over."""

_BLANK = BOM + b" \t\n\r\v\f"
"""What a blank line consists of."""


class Batch(NamedTuple):
    """Ranges that one task checks, one by one; `full` is what it need not store of them."""

    ranges: tuple[Range, ...]
    full: Full = frozenset()

    @property
    def size(self) -> int:
        """The bytes of all its ranges."""
        return sum(part.end - part.start for part in self.ranges)


Map = Callable[[Callable[[Batch], Tally], Iterable[Batch]], Iterable[Tally]]
"""A lazy map. Its results may come in any order, and several may be merged into one."""


def pack(ranges: Iterable[Range], stored: Stored) -> Iterator[Batch]:
    """Put ranges together to batches of about `source.RANGE_SIZE` bytes."""
    held: list[Range] = []
    size = 0
    for part in ranges:
        held.append(part)
        size += part.end - part.start
        if size >= discovery.RANGE_SIZE or len(held) == _MOST:
            yield _batch(held, stored)
            held, size = [], 0
    if held:
        yield _batch(held, stored)


def _batch(ranges: list[Range], stored: Stored) -> Batch:
    starts = {part.path: part.start for part in reversed(ranges)}
    full = [stored.full(path, start) for path, start in starts.items()]
    return Batch(tuple(ranges), frozenset().union(*full))


def lost(part: Range, why: str, *, alone: bool = True) -> Tally:
    """Return the tally of a range that was not checked: an error, and what lines it holds.

    `why` says what happened, and goes behind the path; it is said of this range `alone`, or once of
    the whole input. The lines are counted for the places of findings behind them; each line that
    is not blank counts as an example.
    """
    tally = Tally(0)
    tally.done = part.end - part.start
    start = part.start if alone else None
    tally.fail(RunError(None, part.path, start, f"{part.path}: {why}"))
    with suppress(OSError):
        lines = records = 0
        for _, raw, _ in reading.lines(part, discovery.RANGE_SIZE):
            lines += 1
            records += bool(raw.strip(_BLANK))
        tally.segments[part.path] = {part.start: Segment(lines, records, records)}
    return tally


def words_of(part: Range) -> str:
    """Return the words for the place of a range: "bytes 0 to 4,194,304"."""
    return f"bytes {part.start:,} to {part.end:,}"
