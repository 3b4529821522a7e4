"""One worker process, seen from both ends: the process itself, and what hands it its work."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from ftlint.batches import Batch
from ftlint.tally import Tally

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkContext, SpawnContext
    from multiprocessing.process import BaseProcess

_GRACE = 10
"""Seconds that a process which has closed its connection has to end by itself."""


class Check(Protocol):
    """What workers do; `at` is called with the index of the range that comes next."""

    def __call__(self, batch: Batch, *, at: Callable[[int], object] | None = None) -> Tally:
        """Check a batch."""


class Worker:
    """A process, the connection to it, the batches that it has, and how many it has `done`."""

    def __init__(self, check: Check, context: ForkContext | SpawnContext) -> None:
        self.connection, theirs = context.Pipe()
        self._places, places = context.Pipe(duplex=False)
        ours = (self.connection, self._places)
        self.process: BaseProcess = context.Process(
            target=_serve, args=(check, theirs, places, ours), name="ftlint-worker", daemon=True
        )
        self.pending: deque[Batch] = deque()
        self.done = 0
        try:
            with _without_interrupts():
                self.process.start()
        finally:
            theirs.close()
            places.close()

    def give(self, batch: Batch) -> None:
        """Hand over a batch; that the worker has died is seen where its results are read."""
        self.pending.append(batch)
        with suppress(OSError):
            self.connection.send(batch)

    def take(self) -> Tally | Exception:
        """Receive a result, or what was raised.

        Raises `EOFError` or `OSError` where the worker has died.
        """
        found: Tally | Exception = self.connection.recv()
        batch = self.pending.popleft()
        self.done += 1
        if isinstance(found, Tally) and len(batch.ranges) > 1:
            for _ in batch.ranges:
                self._places.recv_bytes()
        return found

    def place(self) -> int:
        """Return the index of the range, in its first batch, that a dead worker was at."""
        place = 0
        with suppress(EOFError, OSError):
            while self._places.poll():
                place = int.from_bytes(self._places.recv_bytes(), "little")
        return place

    def end(self) -> str:
        """Say how a worker ended that has closed its connection."""
        self.process.join(_GRACE)
        code = self.process.exitcode
        self.kill()
        if code is None or code >= 0:
            return "it closed its connection" if code is None else f"exit code {code}"
        try:
            return f"killed by signal {-code}, {signal.Signals(-code).name}"
        except ValueError:  # a number without a name
            return f"killed by signal {-code}"

    def kill(self) -> None:
        """End the process now; it holds nothing that needs to be put away."""
        self.process.kill()
        self.process.join()
        self.connection.close()
        self._places.close()


def _serve(
    check: Check,
    connection: Connection[Any, Any],
    places: Connection[Any, Any],
    inherited: tuple[Connection[Any, Any], ...],
) -> None:
    """Be a worker: check what comes, until the other end is closed.

    `inherited` is the other end, which the parent alone must hold: else its death would go unseen.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told too, and ends this process
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    for end in inherited:
        end.close()
    tasks: SimpleQueue[Batch] = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, tasks), daemon=True).start()
    while True:
        batch = tasks.get()
        try:
            result = pickle.dumps(check(batch, at=_teller(batch, places)))
        except Exception as error:  # noqa: BLE001 - it is raised again in the parent
            result = pickle.dumps(_portable(error))
        with suppress(OSError):  # the parent has ended, and so will this process
            connection.send_bytes(result)


def _teller(batch: Batch, places: Connection[Any, Any]) -> Callable[[int], object] | None:
    """Return what tells the parent which range of a batch comes next."""
    if len(batch.ranges) == 1:
        return None
    return lambda place: places.send_bytes(place.to_bytes(2, "little"))


def _receive(connection: Connection[Any, Any], tasks: SimpleQueue[Batch]) -> None:
    """Take what the parent sends, so that it never has to wait; end when the parent has ended."""
    try:
        while True:
            tasks.put(connection.recv())
    except (EOFError, OSError):
        os._exit(0)


def _portable(error: Exception) -> Exception:
    """Return an exception that can be sent, with the place where it was raised as a note."""
    error.add_note(f"in a worker process:\n{''.join(traceback.format_exception(error))}")
    try:
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - of our own making
    except Exception:  # noqa: BLE001 - whatever keeps it from being pickled
        again = None
    return error if again is not None else RuntimeError(f"{type(error).__name__}: {error}")


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
