"""Tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def columns(rows: Sequence[Sequence[str]], *, indent: int = 2, left: int = 1) -> Iterator[str]:
    """Yield rows with their cells aligned: the first `left` to the left, the others to the right.

    Rows may be of different lengths.
    """
    widths: list[int] = []
    for row in rows:
        widths += [0] * (len(row) - len(widths))
        widths[: len(row)] = [max(pair) for pair in zip(widths, map(len, row), strict=False)]
    for row in rows:
        cells = [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        yield (" " * indent + "  ".join(cells)).rstrip()
