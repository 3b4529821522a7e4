"""A pool of worker processes.

No pool at hand survives the death of a worker as this one does: `concurrent.futures` gives up
every task under way, `multiprocessing.Pool` waits for ever, and `pebble` (LGPL) takes 200 ms more
to start. Here each worker has a connection of its own and one batch at a time, so that its death
is noticed at once, its range is known, and the others go on.

Workers are forked where that is safe, on Linux while this process has one thread, and spawned
elsewhere: to have two of them ready took 7 ms forked, 240 ms spawned, 205 ms by a fork server
(2 cores, CPython 3.11). A spawned one imports the main module again, which then has to be
importable without effects (`if __name__ == "__main__":`).
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import Any, cast

from ftlint.batches import Batch, lost, words_of
from ftlint.core.errors import FtlintError
from ftlint.tally import Tally

_LOSSES = 16
"""Ranges that may be lost in one run before dead workers are replaced no more."""

_GRACE = 10
"""Seconds that a process which has closed its connection has to end by itself."""


class Pool:
    """Worker processes, and the ranges that a dead one leaves to the others."""

    def __init__(self, check: Callable[[Batch], Tally], jobs: int) -> None:
        forks = sys.platform == "linux" and threading.active_count() == 1
        context = multiprocessing.get_context
        self._worker = partial(_Worker, check, context("fork") if forks else context("spawn"))
        self._workers: list[_Worker] = []
        self._again: deque[Batch] = deque()
        self._losses = 0
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
        """Yield tallies as they come, and end the workers with the last one."""
        try:
            while busy := self._hand_out(batches):
                ready = wait([worker.connection for worker, _ in busy])
                for worker, batch in [each for each in busy if each[0].connection in ready]:
                    try:
                        answer: Tally | Exception = worker.connection.recv()
                    except (EOFError, OSError):
                        yield from self._bury(worker, batch)
                        continue
                    if isinstance(answer, Exception):
                        raise answer
                    worker.batch = None
                    self._hand_out(batches)
                    yield answer
            for batch in chain(self._again, batches):  # no worker is left
                words = f"not all of it was checked, for {self._losses} worker processes died"
                for part in batch.ranges:
                    yield lost(part, f"{words}; try --jobs 1", alone=False)
        finally:
            for worker in self._workers:
                worker.kill()

    def _hand_out(self, batches: Iterator[Batch]) -> list[tuple[_Worker, Batch]]:
        """Give each idle worker a batch, as long as there are some; return who is at which."""
        for worker in self._workers:
            if worker.batch is None:
                worker.batch = self._again.popleft() if self._again else next(batches, None)
                if worker.batch is not None:
                    with suppress(OSError):  # a dead worker is noticed where its answer is read
                        worker.connection.send(worker.batch)
        return [(worker, worker.batch) for worker in self._workers if worker.batch]

    def _bury(self, worker: _Worker, batch: Batch) -> Iterator[Tally]:
        """Replace a dead worker. One range is lost then; several are tried again, each alone."""
        self._workers.remove(worker)
        how, (part, *others) = worker.end(), batch.ranges
        if others:
            self._again.extend(batch._replace(ranges=(each,)) for each in batch.ranges)
        else:
            self._losses += 1
            words = f"the worker process checking {words_of(part)} died ({how}), and they were not"
            yield lost(
                part, f"{words} checked; if memory ran out, give it more or try fewer --jobs"
            )
        if self._losses < _LOSSES:
            self._start()


class _Worker:
    """A process, the connection to it, and the batch that it checks, if any."""

    def __init__(
        self, check: Callable[[Batch], Tally], context: ForkContext | SpawnContext
    ) -> None:
        self.batch: Batch | None = None
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=_serve, args=(check, theirs, self.connection), name="ftlint-worker", daemon=True
        )
        with theirs, _without_interrupts():
            self.process.start()

    def end(self) -> str:
        """Reap a process that has closed its connection, and say how it ended."""
        self.process.join(_GRACE)
        code = self.process.exitcode
        self.kill()
        if code is None:
            return "it closed its connection"
        names = {-each.value: f", {each.name}" for each in signal.Signals}
        return f"killed by signal {-code}{names.get(code, '')}" if code < 0 else f"exit code {code}"

    def kill(self) -> None:
        """End the process now; it holds nothing that needs to be put away."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def _serve(
    check: Callable[[Batch], Tally],
    connection: Connection[Any, Any],
    inherited: Connection[Any, Any],
) -> None:
    """Check batches until the parent closes its end, of which no copy may be `inherited`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets it too, and ends this process
    inherited.close()
    with suppress(EOFError, OSError):  # the parent has ended
        while True:
            batch = connection.recv()
            try:
                answer = pickle.dumps(check(batch))
            except Exception as error:  # noqa: BLE001 - it is raised again in the parent
                answer = pickle.dumps(_portable(error))
            connection.send_bytes(answer)


def _portable(error: Exception) -> Exception:
    """Return an exception that can be sent, with its traceback as a note."""
    error.add_note(f"in a worker process:\n{''.join(traceback.format_exception(error))}")
    try:
        return cast("Exception", pickle.loads(pickle.dumps(error)))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever keeps it from being pickled
        return RuntimeError(*error.__notes__)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold an interrupt back while a process is started, until it ignores them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
