"""Batches of ranges, one per task, and the tally of a range that was not checked.

A task of many small ranges costs less to hand over than many tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from ftlint.core.report import RunError
from ftlint.engine.tally import CappedRules, Segment, StorageCap, Tally
from ftlint.inputs import discovery
from ftlint.inputs.discovery import Range
from ftlint.inputs.filetype import BOM
from ftlint.inputs.ranges import lines as lines_of

_MOST = 64
"""Maximum ranges per task: with 64 tiny files, handing over takes little of the time."""

_BLANK = BOM + b" \t\n\r\v\f"
"""The bytes of a blank line."""


class Batch(NamedTuple):
    """The ranges of one task; findings of the rules `capped` are only counted."""

    ranges: tuple[Range, ...]
    capped: CappedRules = frozenset()

    @property
    def size(self) -> int:
        """The bytes of all its ranges."""
        return sum(part.end - part.start for part in self.ranges)


Map = Callable[[Callable[[Batch], Tally], Iterable[Batch]], Iterable[Tally]]
"""A lazy map. Its results may come in any order, and several may be merged into one."""


def pack(ranges: Iterable[Range], cap: StorageCap) -> Iterator[Batch]:
    """Yield batches of about `discovery.RANGE_SIZE` bytes."""
    batch: list[Range] = []
    size = 0
    for part in ranges:
        batch.append(part)
        size += part.end - part.start
        if size >= discovery.RANGE_SIZE or len(batch) == _MOST:
            yield _batch(batch, cap)
            batch, size = [], 0
    if batch:
        yield _batch(batch, cap)


def _batch(ranges: list[Range], cap: StorageCap) -> Batch:
    starts = {part.path: part.start for part in reversed(ranges)}
    capped = [cap.capped(path, start) for path, start in starts.items()]
    return Batch(tuple(ranges), frozenset().union(*capped))


def lost(part: Range, why: str, *, alone: bool = True) -> Tally:
    """Return the tally of a range that was not checked: an error, and its line counts.

    `why` completes the message after the path. The error is about this range `alone`, or about the
    whole input, which then gets it once. Lines are counted so that findings after them get the
    right line numbers; each non-blank line counts as an example.
    """
    tally = Tally(0)
    tally.done = part.end - part.start
    start = part.start if alone else None
    tally.fail(RunError(None, part.path, start, f"{part.path}: {why}"))
    with suppress(OSError):
        lines = records = 0
        for _, raw, _ in lines_of(part, discovery.RANGE_SIZE):
            lines += 1
            records += bool(raw.strip(_BLANK))
        tally.segments[part.path] = {part.start: Segment(lines, records, records)}
    return tally


def words_of(part: Range) -> str:
    """Return the location of a range in words: "bytes 0 to 4,194,304"."""
    return f"bytes {part.start:,} to {part.end:,}"
