"""The parsed line that rules are given, with its raw bytes."""

from __future__ import annotations

from typing import Any


class Example:
    """A line that parsed to an object, `data`.

    `offset` is the 0-based byte in the file where the line starts, `raw` all its bytes.
    """

    __slots__ = ("data", "offset", "path", "raw")

    def __init__(self, path: str, offset: int, raw: bytes, data: dict[str, Any]) -> None:
        self.path, self.offset, self.raw, self.data = path, offset, raw, data

    def with_data(self, data: dict[str, Any]) -> Example:
        """Return the example with other data, and without bytes."""
        return Example(self.path, self.offset, b"", data)
