"""The number of worker processes, and whether they pay, as a lazy map over batches."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Literal

from ftlint.core.errors import FtlintError
from ftlint.engine.parallel.batches import Batch, Map
from ftlint.engine.tally import Tally

INLINE = 16 << 20
"""Bytes of data up to which `auto` starts no workers, since they would save nothing.

Wall time of two to that of none, medians of 7 pairs on 2 cores: 16 MB 0.95, 32 MB 0.80.
"""


INLINE_EXACT = 4 << 20
"""The same if all tokens are counted: medians of 5 pairs, 5 MB 0.86, 8 MB 0.73."""


def spread(jobs: int | Literal["auto"], *, exact: bool = False) -> Map:
    """Return a map over `jobs` processes; "auto" means one per processor if that pays.

    With `exact`, tokens are counted, so it pays for less data. Raises `FtlintError` if `jobs` is
    below 1; the map raises it if no process starts.
    """
    if jobs == "auto":
        return partial(_map, None, INLINE_EXACT if exact else INLINE)
    if jobs < 1:
        raise FtlintError(f"jobs is {jobs}; give a number from 1 up, or auto")
    return builtins.map if jobs == 1 else partial(_map, jobs, 0)


def usable() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _map(
    jobs: int | None, inline: int, check: Callable[[Batch], Tally], batches: Iterable[Batch]
) -> Iterator[Tally]:
    """Start workers now, before this process starts threads; hand out batches lazily.

    Without `jobs`, data of up to `inline` bytes is checked in this process.
    """
    rest = iter(batches)
    first: list[Batch] = []
    if jobs is None:
        size = 0
        for batch in rest:
            first.append(batch)
            size += batch.size
            if size > inline:
                break
        else:
            return builtins.map(check, first)
        jobs = usable()
    first += islice(rest, max(jobs - len(first), 0))
    jobs = min(jobs, len(first))
    if jobs <= 1:
        return builtins.map(check, chain(first, rest))
    from ftlint.engine.parallel.worker import Pool  # noqa: PLC0415 - 10 ms, where it is used only

    return Pool(check, jobs).run(chain(first, rest))
