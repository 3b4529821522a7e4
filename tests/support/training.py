"""What tests of training results share: results.csv to read, and curves to write into it."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

from ftlint.training import results
from ftlint.training.results import Results

Values = Sequence[float | str | None]


def table(columns: Mapping[str, Values], *, every: Mapping[str, int] | None = None) -> bytes:
    """Write results.csv with steps from 1; a column of `every` is given each so many steps."""
    strides = every or {}
    rows = max(len(values) * strides.get(name, 1) for name, values in columns.items())
    lines = [",".join(["step", *columns])]
    for step in range(1, rows + 1):
        cells = [_cell(values, step, strides.get(name, 1)) for name, values in columns.items()]
        lines.append(",".join([str(step), *cells]))
    return "\n".join([*lines, ""]).encode()


def _cell(values: Values, step: int, stride: int) -> str:
    place, rest = divmod(step, stride)
    value = values[place - 1] if not rest and place <= len(values) else None
    return "" if value is None else str(value)


def job(**columns: Values) -> Results:
    """Read a job of these columns."""
    return results.read(table(columns))


def falling(count: int, *, start: float = 2.5, level: float = 0.5) -> list[float]:
    """Return a loss that falls to a level."""
    return [level + (start - level) * math.exp(-6 * place / count) for place in range(count)]


def parted(count: int, *, rise: float = 0.8) -> list[float]:
    """Return a loss that falls for 40 % of the steps and then rises by up to `rise`."""
    return [
        0.8 + 0.9 * math.exp(-20 * place / count) + rise * max(0.0, place / count - 0.4) / 0.6
        for place in range(count)
    ]


def noisy(values: Sequence[float], seed: int, spread: float) -> list[float]:
    """Return values with normal noise, its standard deviation a part of each; none below 0.001."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    return [max(value * (1 + chance.gauss(0, spread)), 0.001) for value in values]
