"""A pool of worker processes that outlives workers that die."""

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

from ftlint.core.errors import FtlintError
from ftlint.engine.parallel.batches import Batch, lost, words_of
from ftlint.engine.tally import Tally

_LOSSES = 16
"""Ranges that may be lost in one run before dead workers are no longer replaced."""


_GRACE = 10
"""Seconds to wait for a process to end by itself after it closed its connection."""


class Pool:
    """Worker processes, and the ranges of dead ones to be tried again."""

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
        """Yield tallies as they arrive; end the workers after the last one."""
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
        """Give each idle worker a batch, if any is left; return the busy workers with theirs."""
        for worker in self._workers:
            if worker.batch is None:
                worker.batch = self._again.popleft() if self._again else next(batches, None)
                if worker.batch is not None:
                    with suppress(OSError):  # a dead worker is noticed where its answer is read
                        worker.connection.send(worker.batch)
        return [(worker, worker.batch) for worker in self._workers if worker.batch]

    def _bury(self, worker: _Worker, batch: Batch) -> Iterator[Tally]:
        """Replace a dead worker; give up a batch of one range, and retry others range by range."""
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
    """A worker process, the connection to it, and the batch that it checks, if any."""

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
        """Reap a process that has closed its connection; return how it ended."""
        self.process.join(_GRACE)
        code = self.process.exitcode
        self.kill()
        if code is None:
            return "it closed its connection"
        names = {-each.value: f", {each.name}" for each in signal.Signals}
        return f"killed by signal {-code}{names.get(code, '')}" if code < 0 else f"exit code {code}"

    def kill(self) -> None:
        """Kill the process; it has nothing to clean up."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def _serve(
    check: Callable[[Batch], Tally],
    connection: Connection[Any, Any],
    inherited: Connection[Any, Any],
) -> None:
    """Check batches until the parent closes its end; close the copy of it that was `inherited`."""
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
    """Return a picklable exception, with the traceback as a note."""
    error.add_note(f"in a worker process:\n{''.join(traceback.format_exception(error))}")
    try:
        return cast("Exception", pickle.loads(pickle.dumps(error)))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever keeps it from being pickled
        return RuntimeError(*error.__notes__)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Block interrupts until a process that is started ignores them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
