"""The log of a command's progress, passed in so that no stage depends on a terminal."""

from __future__ import annotations

from typing import Protocol


class ProgressLog(Protocol):
    """Where the messages of a stage go, one line each; a `logging.Logger` will do."""

    def info(self, message: str, /) -> None:
        """Log a step that the user waits for."""

    def debug(self, message: str, /) -> None:
        """Log a request."""
