"""Parser of results.csv, the metrics of a fine-tuning job by step.

Columns are classified by the words in their names, not by a list: those that Azure documents
(`train_loss`, `valid_loss`, `full_valid_loss` ...) differ from those of older jobs and methods.
"""

from __future__ import annotations

import base64
import codecs
import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ftlint.core.errors import FtlintError
from ftlint.core.text import plain

TRAINING, VALIDATION, FULL = "training", "validation", "full validation"
"""Data that a metric is measured on: a batch of either file, or the whole validation file."""

_PARTS = {
    **dict.fromkeys(("train", "training"), TRAINING),
    **dict.fromkeys(("valid", "validation", "val", "eval"), VALIDATION),
}
_GROUPS = {
    "loss": "loss",
    **dict.fromkeys(("accuracy", "accuracies", "acc"), "accuracy"),
    **dict.fromkeys(("reward", "rewards"), "reward"),
}
_NO_BEST = frozenset(
    ("chosen", "count", "error", "margin", "margins", "max", "min", "rejected", "std", "var")
)
"""Words that turn a loss, accuracy or reward into another quantity, which has no best value."""

_QUALIFIERS = frozenset(("mean", "token", "full", *_PARTS))
"""Words that do not change the measure: older jobs have `train_accuracy` as well as
`valid_mean_token_accuracy`."""

_WORDS = re.compile(r"[^\W_]+")
_BLANK = frozenset(("", "-", "n/a", "na", "none", "null"))
_LARGEST = 1e100
"""Values beyond it count as infinite, so that sums and differences stay finite."""

_NO_RESULTS = "expected the results.csv of a fine-tuning job"


class ResultsError(FtlintError):
    """Invalid results of a job; the message has the place and what was expected."""


class Point(NamedTuple):
    """A value at a step, which is 0-based or 1-based as the service counts."""

    step: int
    value: float


class Metric(NamedTuple):
    """A numeric column.

    `group` is "loss", "accuracy", "reward" or "other"; `part` the data it is measured on (empty if
    unknown); `measure` the name that training and validation share ("loss", "sequence accuracy").
    `points` are in order of steps; `broken` holds the steps with an infinite value or, for a
    training loss, NaN.
    """

    name: str
    group: str
    part: str
    measure: str
    points: tuple[Point, ...]
    broken: tuple[int, ...] = ()

    @property
    def best(self) -> Point | None:
        """The first point with the lowest loss or the highest accuracy or reward, else None."""
        if self.group == "other" or not self.points:
            return None
        if self.group == "loss":
            return min(self.points, key=lambda point: point.value)
        return max(self.points, key=lambda point: point.value)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        named = self._asdict()
        ends = {"first": self.points[:1], "last": self.points[-1:]}
        return {
            **{key: named[key] for key in ("name", "group", "part", "measure")},
            "count": len(self.points),
            **{key: points[0]._asdict() if points else None for key, points in ends.items()},
            "best": self.best._asdict() if self.best else None,
            "broken": list(self.broken),
            "points": [list(point) for point in self.points],
        }


class Results(NamedTuple):
    """The metrics of a job.

    `rows` is the number of rows, `first` and `last` are the least and greatest step, `texts` the
    names of columns without numbers.
    """

    rows: int
    first: int
    last: int
    metrics: tuple[Metric, ...]
    texts: tuple[str, ...] = ()

    def measured(self, group: str, part: str) -> Metric | None:
        """Return the metric of a group and part, a plain `train_loss` before a `train_kl_loss`."""
        matching = [m for m in self.metrics if (m.group, m.part) == (group, part) and m.points]
        return min(matching, key=lambda metric: metric.measure != group, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "rows": self.rows,
            "first_step": self.first,
            "last_step": self.last,
            "metrics": [metric.to_dict() for metric in self.metrics],
            "text_columns": list(self.texts),
        }


def read(data: bytes) -> Results:
    """Parse results.csv, plain or in base64 as OpenAI serves it.

    Blank cells count as not measured, and so do NaN except as a training loss, and -1 as a loss or
    accuracy, which Azure writes for that (Microsoft's Azure ML component: "drop all rows with -1 as
    a value"). Of rows with the same step the last one counts: a resumed job repeats steps. Raises
    `ResultsError`.
    """
    if not data.strip():
        raise ResultsError(f"the file is empty; {_NO_RESULTS}")
    table = _table(data)
    header = next(table)[1]
    names = [cell.strip() or f"column {number}" for number, cell in enumerate(header, start=1)]
    lowered = [name.lower() for name in names]
    step_column = lowered.index("step")
    for index, name in enumerate(lowered):
        if name in lowered[:index]:
            words = f"column {plain(names[index])} occurs twice"
            raise ResultsError(f"{words}; expected each name once")
    steps: dict[int, None] = {}
    columns: list[dict[int, tuple[int, str]]] = [{} for _ in names]
    rows = 0
    for line, row in table:
        if len(row) > len(names):
            words = f"line {line} has {len(row)} cells, the header has {len(names)}"
            raise ResultsError(f"{words}; expected as many or fewer")
        step = _step(row[step_column] if step_column < len(row) else "", line)
        steps[step] = None
        rows += 1
        for column, cell in zip(columns, row, strict=False):
            if cell.strip().lower() not in _BLANK:
                column[step] = line, cell
    if not rows:
        raise ResultsError("no rows follow the header; the job ended before its first step")
    named = zip(names, columns, strict=True)
    given = [pair for index, pair in enumerate(named) if index != step_column]
    texts = tuple(name for name, column in given if _is_text(name, column))
    metrics = tuple(_metric(name, column) for name, column in given if name not in texts)
    return Results(rows, min(steps), max(steps), metrics, texts)


def _table(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the header, which has a column step, then the rows, each with its 1-based line."""
    text = _text(data)
    # Base64 first: a CSV reader would take it for one cell and may find it too long.
    inner = (decoded(data) or b"").decode("utf-8-sig", "replace")
    for candidate in (inner, text):
        table = _rows(candidate)
        header = next(table, (1, []))
        if "step" in (cell.strip().lower() for cell in header[1]):
            yield header
            yield from table
            return
    words = f'there is no column step, and the file starts with "{plain(text.lstrip()[:40])}"'
    raise ResultsError(f"{words}; {_NO_RESULTS}")


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        words = f"byte {error.start} is not UTF-8"
        raise ResultsError(f"{words}; {_NO_RESULTS}, in UTF-8") from error


def decoded(data: bytes) -> bytes | None:
    """Return decoded base64, as OpenAI serves files, None for anything else."""
    joined = b"".join(data.removeprefix(codecs.BOM_UTF8).split())
    try:
        return base64.b64decode(joined, validate=True)
    except ValueError:
        return None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in table:
            if any(cell.strip() for cell in row):
                yield table.line_num, row
    except csv.Error as error:
        raise ResultsError(f"line {table.line_num} is not CSV ({error}); {_NO_RESULTS}") from error


def _step(cell: str, line: int) -> int:
    value = _number(cell)
    if value is None or not 0 <= value < 2**53 or value % 1:
        raise ResultsError(f'step "{plain(cell)}" in line {line}; expected a whole number')
    return int(value)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _is_text(name: str, column: Mapping[int, tuple[int, str]]) -> bool:
    """Return whether a column is text: it has no number, or is of no group and has some text.

    Raises `ResultsError` for text among the numbers of a loss, accuracy or reward.
    """
    wrong = [cell for cell in column.values() if _number(cell[1]) is None]
    if not wrong or len(wrong) == len(column) or _kind(_words(name)) == "other":
        return bool(wrong)
    line, cell = wrong[0]
    raise ResultsError(f'{plain(name)} is "{plain(cell)}" in line {line}; expected a number')


def _words(name: str) -> list[str]:
    return _WORDS.findall(name.lower())


def _kind(words: Iterable[str]) -> str:
    """Return the group of a metric by its words; a loss or accuracy of rewards is no reward."""
    groups = {_GROUPS[word] for word in words if word in _GROUPS}
    if not groups or not _NO_BEST.isdisjoint(words):
        return "other"
    return min(groups, key=("loss", "accuracy", "reward").index)


def _metric(name: str, column: Mapping[int, tuple[int, str]]) -> Metric:
    words = _words(name)
    group = _kind(words)
    part = next((_PARTS[word] for word in words if word in _PARTS), "")
    points, broken = [], []
    for step, (_, cell) in sorted(column.items()):
        value = float(cell)
        if value == -1 and group in ("loss", "accuracy"):
            continue
        if abs(value) <= _LARGEST:
            points.append(Point(step, value))
        elif not math.isnan(value) or (group, part) == ("loss", TRAINING):
            broken.append(step)
    return Metric(
        name=name,
        group=group,
        part=FULL if part == VALIDATION and "full" in words else part,
        measure=" ".join(word for word in words if word not in _QUALIFIERS) or name,
        points=tuple(points),
        broken=tuple(broken),
    )
