"""One parsed line, as the rules are given it."""

from __future__ import annotations

from typing import Any


class Example:
    """One line that parsed to an object.

    `offset` is the 0-based byte in the file where the line starts, `raw` all its bytes, `data` the
    object.
    """

    __slots__ = ("data", "offset", "path", "raw")

    def __init__(self, path: str, offset: int, raw: bytes, data: dict[str, Any]) -> None:
        self.path, self.offset, self.raw, self.data = path, offset, raw, data
