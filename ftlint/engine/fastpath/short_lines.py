"""Results of short lines that hold no example, by their bytes.

A megabyte of blank lines is a million lines, so what is said of one is not worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ftlint.engine.line_result import LineKind, LineResult

BYTES = 64
"""Most bytes of a line whose result is kept; longer ones are fewer a megabyte."""

_KEPT = 256


class ShortLines(dict[bytes, LineResult]):
    """The results of lines after the first one, where they depend on nothing but the bytes."""

    __slots__ = ()

    def parse(self, lines: Sequence[bytes], parse: Callable[[bytes], Any]) -> list[Any]:
        """Parse lines; None stands for those whose result is known."""
        return [parse(raw) if len(raw) > BYTES or raw not in self else None for raw in lines]

    def keep(self, result: LineResult) -> LineResult:
        """Return the result of a line; keep it, if the line is short and holds no example."""
        if (result.foreign or result.kind is not LineKind.OBJECT) and len(result.raw) <= BYTES:
            if len(self) >= _KEPT:
                self.clear()
            self[result.raw] = result
        return result
