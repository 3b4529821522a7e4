"""Text tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def columns(rows: Sequence[Sequence[str]], *, indent: int = 2, left: int = 1) -> Iterator[str]:
    """Yield rows in aligned columns, the first `left` of them to the left, others to the right.

    Rows may have different lengths.
    """
    widths: list[int] = []
    for row in rows:
        widths += [0] * (len(row) - len(widths))
        widths[: len(row)] = [max(pair) for pair in zip(widths, map(len, row), strict=False)]
    for row in rows:
        cells = [
            cell.ljust(width) if index < left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        yield (" " * indent + "  ".join(cells)).rstrip()
