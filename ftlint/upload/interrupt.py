"""Ctrl-C while parts are sent: the first ends after the part that is on its way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self


class Interrupts:
    """Holds an interrupt back where work would be lost; a second one ends at once."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self._holding = self._asked = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Do something to its end; raise `KeyboardInterrupt` after it, if it was asked for."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._asked:
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._asked or not self._holding:
            raise KeyboardInterrupt
        self._asked = True
        self._told("stopping after this part; once more to stop at once")
