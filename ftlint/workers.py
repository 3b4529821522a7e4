"""Worker processes on this machine, as a lazy map over batches.

The pool is our own because of what happens when a worker dies. `concurrent.futures` gives up the
whole pool then, with every result under way, and does not say which task the process had;
`multiprocessing.Pool` waits for ever. Here each worker has a connection of its own, so that its end
is seen at once, the range it was at is known, and the others go on. Processes, connections and
waiting for them are those of `multiprocessing`.

Workers are forked where that is safe, on Linux while this process has one thread, and spawned
elsewhere: to have two of them ready took 7 ms forked, 240 ms spawned, 205 ms by a fork server
(2 cores, CPython 3.11). What is spawned imports the main module again, which then has to be
importable without effects (`if __name__ == "__main__":`).
"""

from __future__ import annotations

import builtins
import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Literal

from ftlint.batches import Batch, Map, lost, words_of
from ftlint.model import FtlintError
from ftlint.tally import Tally

if TYPE_CHECKING:
    from ftlint.worker import Check, Worker

INLINE = 16 << 20
"""Bytes of data up to which `auto` starts no workers: they would save nothing.

Wall time of two to that of none, medians of 7 pairs on 2 cores: 16 MB 0.95, 32 MB 0.80.
"""

INLINE_EXACT = 4 << 20
"""The same where all tokens are counted: medians of 5 pairs, 5 MB 0.86, 8 MB 0.73."""

_AHEAD = 2
"""Batches that a worker has at a time: one at work, and one so that it need not wait.

The second comes when a first is done: by then it may be known what need not be worded any more.
"""

_DEATHS = 16
"""Workers that may die in one run before the rest is given up."""


def spread(jobs: int | Literal["auto"], *, exact: bool = False) -> Map:
    """Return a map over `jobs` processes; "auto" is one for each processor, where that pays.

    With `exact`, tokens are counted, and it pays for less data. Raises `FtlintError` for a number
    below 1, and when the map is called and no process starts.
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


def _map(jobs: int | None, inline: int, check: Check, batches: Iterable[Batch]) -> Iterator[Tally]:
    """Start workers now, while this process may have one thread; hand out work lazily.

    `inline` are the bytes up to which none are started, where `jobs` does not say how many.
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
    return _Pool(check, jobs).run(chain(first, rest))


class _Pool:
    """Workers, and what is under way."""

    def __init__(self, check: Check, jobs: int) -> None:
        import multiprocessing  # noqa: PLC0415 - 6 ms that a check in this process need not pay

        from ftlint.worker import Worker  # noqa: PLC0415 - as above

        forks = sys.platform == "linux" and threading.active_count() == 1
        context = multiprocessing.get_context
        self._worker = partial(Worker, check, context("fork") if forks else context("spawn"))
        self._again: deque[Batch] = deque()
        self._deaths = 0
        self._workers: list[Worker] = []
        for _ in range(jobs):
            failure = self._start()
        if not self._workers:
            raise FtlintError(f"cannot start a worker process ({failure}); try --jobs 1")

    def _start(self) -> Exception | None:
        try:
            self._workers.append(self._worker())
        except (OSError, AssertionError) as error:  # of a daemon of `multiprocessing`, the latter
            return error
        return None

    def run(self, batches: Iterator[Batch]) -> Iterator[Tally]:
        """Yield what is found in each batch, as it comes; end the workers with it."""
        from multiprocessing.connection import wait  # noqa: PLC0415 - as above

        try:
            while self._hand_out(batches):
                ready = wait([worker.connection for worker in self._workers if worker.pending])
                for worker in [worker for worker in self._workers if worker.connection in ready]:
                    try:
                        found = worker.take()
                    except (EOFError, OSError):
                        yield from self._bury(worker)
                        continue
                    if isinstance(found, Exception):
                        raise found
                    self._hand_out(batches)
                    yield found
            for batch in chain(self._again, batches):  # no worker is left
                words = f"not all of it was checked, for {self._deaths} worker processes died"
                for part in batch.ranges:
                    yield lost(part, f"{words}; try --jobs 1", alone=False)
        finally:
            for worker in self._workers:
                worker.kill()

    def _hand_out(self, batches: Iterator[Batch]) -> bool:
        """Give each worker what it can take, those without work first; return if any has some."""
        for held in range(_AHEAD):
            for worker in self._workers:
                if len(worker.pending) == held <= worker.done:
                    batch = self._again.popleft() if self._again else next(batches, None)
                    if batch is None:
                        return any(worker.pending for worker in self._workers)
                    worker.give(batch)
        return bool(self._workers)

    def _bury(self, worker: Worker) -> Iterator[Tally]:
        """Name the range that a dead worker was at; put the rest of its work back."""
        place, how = worker.place(), worker.end()
        self._workers.remove(worker)
        first, *others = worker.pending
        part = first.ranges[place]
        left = tuple(entry for entry in first.ranges if entry is not part)
        self._again.extend([first._replace(ranges=left)] if left else [])
        self._again.extend(others)
        self._deaths += 1
        if self._deaths < _DEATHS:
            self._start()
        words = f"the worker process checking {words_of(part)} died ({how}), and they were not"
        yield lost(part, f"{words} checked; if memory ran out, give it more or try fewer --jobs")
