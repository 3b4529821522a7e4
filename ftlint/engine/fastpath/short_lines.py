"""Results of short lines that hold no example, by their bytes.

A megabyte of blank lines is a million lines, so what is said of one is not worked out again.
"""

from __future__ import annotations

from ftlint.engine.line_result import LineKind, LineResult

_BYTES = 64
"""Most bytes of a line whose result is kept; longer ones are fewer a megabyte."""

_KEPT = 256


class ShortLines:
    """The results of lines after the first one, where they depend on nothing but the bytes."""

    def __init__(self) -> None:
        self._results: dict[bytes, LineResult] = {}

    def get(self, raw: bytes) -> LineResult | None:
        """Return the result of a line, if it is known."""
        return self._results.get(raw) if len(raw) <= _BYTES else None

    def keep(self, result: LineResult) -> LineResult:
        """Return the result of a line; keep it, if the line is short and holds no example."""
        if (result.foreign or result.kind is not LineKind.OBJECT) and len(result.raw) <= _BYTES:
            if len(self._results) >= _KEPT:
                self._results.clear()
            self._results[result.raw] = result
        return result
