"""Ordered map over inputs that prefetches remote ones in threads, since latency dominates there."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ftlint.inputs.remote import is_url

if TYPE_CHECKING:
    from concurrent.futures import Future

_THREADS = 16
"""Maximum threads; a response takes 10 ms on loopback, and several times that elsewhere."""

_HELD = 16 << 20
"""Maximum bytes of inputs in flight; larger ones are read alone, so that memory is bounded."""

_Result = TypeVar("_Result")


class _Entry(Protocol):
    """An object with the path or URL of a file, and its size in bytes."""

    @property
    def file(self) -> str: ...
    @property
    def size(self) -> int: ...


_Input = TypeVar("_Input", bound=_Entry)


def prefetch(function: Callable[[_Input], _Result], inputs: Sequence[_Input]) -> Iterator[_Result]:
    """Yield the result of `function` for each input, in order; its exceptions are raised in turn.

    If an input is a URL, all are processed in daemon threads, ahead of the consumer.
    """
    if not any(is_url(entry.file) for entry in inputs):
        return map(function, inputs)
    return _Threads(function).run(inputs)


class _Threads(Generic[_Input, _Result]):
    """Pool of daemon threads that process inputs in order."""

    def __init__(self, function: Callable[[_Input], _Result]) -> None:
        self._function = function
        from queue import SimpleQueue  # noqa: PLC0415 - for URLs only

        self._jobs: SimpleQueue[tuple[_Input, Future[_Result]] | None] = SimpleQueue()
        self._stopped = False

    def run(self, inputs: Sequence[_Input]) -> Iterator[_Result]:
        """Yield results in order; the threads end with the iterator, or when it is closed."""
        from concurrent.futures import Future  # noqa: PLC0415 - 10 ms, for URLs only

        threads = min(_THREADS, len(inputs))
        for _ in range(threads):
            threading.Thread(target=self._work, name="ftlint-prefetch", daemon=True).start()
        waiting: deque[tuple[Future[_Result], int]] = deque()
        held = 0
        try:
            for entry in inputs:
                while waiting and (held + entry.size > _HELD or len(waiting) == 2 * threads):
                    future, size = waiting.popleft()
                    held -= size
                    yield future.result()
                future = Future()
                self._jobs.put((entry, future))
                waiting.append((future, entry.size))
                held += entry.size
            while waiting:
                yield waiting.popleft()[0].result()
        finally:
            self._stopped = True
            for _ in range(threads):
                self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) and not self._stopped:
            entry, future = job
            try:
                future.set_result(self._function(entry))
            except BaseException as error:  # noqa: BLE001 - raised by `Future.result`
                future.set_exception(error)
