"""What is done with each input, several at a time where that is waiting more than work."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ftlint.inputs.remote import is_url

if TYPE_CHECKING:
    from concurrent.futures import Future

_THREADS = 16
"""Inputs at a time; an answer takes 10 ms on loopback, and several times that elsewhere."""

_HELD = 16 << 20
"""Bytes of inputs at a time: large ones are read alone, so that memory stays bounded."""

_Result = TypeVar("_Result")


class _Entry(Protocol):
    """What has a name, of a file or a URL, and a size in bytes."""

    @property
    def file(self) -> str: ...
    @property
    def size(self) -> int: ...


_Input = TypeVar("_Input", bound=_Entry)


def ahead(do: Callable[[_Input], _Result], inputs: Sequence[_Input]) -> Iterator[_Result]:
    """Yield what `do` returns or raises for each input, in order.

    Inputs behind URLs are taken some ahead, in threads that do not keep the program from ending.
    """
    if not any(is_url(entry.file) for entry in inputs):
        return map(do, inputs)
    return _Threads(do).run(inputs)


class _Threads(Generic[_Input, _Result]):
    """Threads at work, and what waits for them."""

    def __init__(self, do: Callable[[_Input], _Result]) -> None:
        self._do = do
        from queue import SimpleQueue  # noqa: PLC0415 - for what is behind URLs

        self._jobs: SimpleQueue[tuple[_Input, Future[_Result]] | None] = SimpleQueue()
        self._stopped = False

    def run(self, inputs: Sequence[_Input]) -> Iterator[_Result]:
        """Yield results in order; end the threads at the end, or when that is closed."""
        from concurrent.futures import Future  # noqa: PLC0415 - 10 ms, for URLs only

        threads = min(_THREADS, len(inputs))
        for _ in range(threads):
            threading.Thread(target=self._work, name="ftlint-ahead", daemon=True).start()
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
                future.set_result(self._do(entry))
            except BaseException as error:  # noqa: BLE001 - it is raised where the result is taken
                future.set_exception(error)
