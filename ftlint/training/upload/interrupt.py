"""Deferred handling of Ctrl-C, so that the part in flight is finished and recorded."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self


class Interrupts:
    """A SIGINT handler that defers the first interrupt while `held`; a second one acts at once."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._holding = self._pending = False
        self._previous: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Defer an interrupt to the end of the block. Raises `KeyboardInterrupt` there."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._pending:
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._pending or not self._holding:
            raise KeyboardInterrupt
        self._pending = True
        self._notify("stopping after this part; press Ctrl-C again to stop at once")
