"""A progress bar on standard error, for work that takes longer than a second."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from ftlint.cli.output import stderr

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_DELAY = 1.0
"""Seconds of work before a bar is shown."""


class Bar:
    """Counts bytes; invisible unless standard error is a terminal."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled and sys.stderr is not None and sys.stderr.isatty()
        self._begun = time.monotonic()
        self._total = self._done = 0
        self._shown: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._shown[0].stop()

    def start(self, total: int) -> Bar:
        """Set the total in bytes; return what is then called with the number of bytes done."""
        self._total = total
        return self

    def __call__(self, done: int) -> None:
        """Advance by `done` bytes."""
        self._done += done
        if not self._enabled:
            return
        if self._shown is None and time.monotonic() - self._begun > _DELAY:
            self._shown = _show(self._total)
        if self._shown:
            progress, task = self._shown
            progress.update(task, completed=self._done)


def _show(total: int) -> tuple[Progress, TaskID]:
    from rich.console import Console  # noqa: PLC0415 - 45 ms, for long work only
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
    )

    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(file=stderr()), transient=True)
    progress.start()
    return progress, progress.add_task("", total=total)
