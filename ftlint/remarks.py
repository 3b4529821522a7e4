"""What the curves of a fine-tuning job say, in plain words; nothing where the evidence is thin.

Values of batches are noisy, so none is compared with another: a running median of a fifth of them
is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import fmean, median, median_low
from typing import NamedTuple

from ftlint.results import FULL, TRAINING, VALIDATION, Metric, Point, Results

THRESHOLD = 0.1
"""A loss that is this part above its lowest has risen, a reward this part below its highest fallen.

There is no official number. Microsoft's notes for its Foundry agents (`training-curves.md` in
microsoft/azure-skills) call a last validation loss above 1.2 times the best one overfit; half of
that is told here, as it is a remark, no verdict, and chance is kept out by `_chance`.
"""

LEAST = 10
"""Values of batches from which a rise is told; of fewer, noise and trend cannot be told apart."""

LEAST_EXACT = 3
"""Losses of the whole validation file from which one is: they are exact for that file."""

LEAST_TRAINING = 20
"""Training losses from which it is told that they do not fall."""

_STANDSTILL = 0.02
"""A training loss that has changed by less than this part has neither fallen nor risen."""

_MEDIAN = math.sqrt(math.pi / 2)
"""The standard error of the median of many normal values, relative to that of their mean."""


class Remark(NamedTuple):
    """A remark: its kind (a slug), "warning" or "info", the words, and the step it points at."""

    kind: str
    severity: str
    message: str
    step: int | None = None


class _Rise(NamedTuple):
    """A metric that got worse: its best, as a median, and by which part of that it is worse.

    The step of the best is in the middle of the better half of the values it is the median of.
    """

    best: Point
    part: float


def figure(value: float) -> str:
    """Write a value for people: four decimals, or three digits where these say too little."""
    if value.is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4f}" if 0.001 <= abs(value) < 10_000 else f"{value:.3g}"


def remarks(results: Results) -> list[Remark]:
    """Return what is to be said of a job, warnings first."""
    broken = [*_broken(results)]
    # Where a loss breaks down, the values before say nothing of the model that comes out.
    worse = [] if broken else [*_worse(results)]
    still = [] if broken or worse else [*_standstill(results)]
    return [*broken, *worse, *still, *_unvalidated(results)]


def _broken(results: Results) -> Iterator[Remark]:
    for metric in results.metrics:
        if metric.group == "loss" and metric.broken:
            first, count = metric.broken[0], len(metric.broken)
            often = f"at {count:,} steps, first " if count > 1 else ""
            yield Remark(
                "not-finite",
                "warning",
                f"{metric.name} is not a finite number {often}at step {first:,}: the training "
                "broke down; look for odd examples, and lower the learning rate multiplier",
                first,
            )


def _worse(results: Results) -> Iterator[Remark]:
    """Tell of rewards, where there are any, else of losses, that get worse after their best.

    The loss of a policy that learns by reward says nothing of its answers.
    """
    group = "reward" if _rewards(results) else "loss"
    training = results.measured(group, TRAINING)
    full = results.measured(group, FULL)
    batches = results.measured(group, VALIDATION)
    validation = full if full and (batches is None or _is_enough(full)) else batches
    if training and (rise := _rise(training)):
        yield _rising(training, rise)
    elif validation and (rise := _rise(validation)):
        yield _overfitting(validation, rise, training)


def _rewards(results: Results) -> bool:
    return any(metric.group == "reward" and metric.points for metric in results.metrics)


def _rising(metric: Metric, rise: _Rise) -> Remark:
    return Remark(
        "rising",
        "warning",
        f"{_course(metric, rise)}: the training did not settle; consider a lower learning rate "
        f"multiplier, or the checkpoint at or before step {rise.best.step:,}",
        rise.best.step,
    )


def _overfitting(metric: Metric, rise: _Rise, training: Metric | None) -> Remark:
    while_so = _meanwhile(training, rise.best.step) if training else ""
    return Remark(
        "overfitting",
        "warning",
        f"{_course(metric, rise)}{while_so}: later checkpoints fit the training data more closely "
        f"than the validation data; consider the checkpoint at or before step "
        f"{rise.best.step:,}, fewer epochs or more data",
        rise.best.step,
    )


def _course(metric: Metric, rise: _Rise) -> str:
    lowest, higher = ("highest", "lower") if metric.group == "reward" else ("lowest", "higher")
    where = "at" if _is_exact(metric) else "around"
    best = f"{metric.part} {metric.group} is {lowest} {where} step {rise.best.step:,}"
    return f"{best} ({figure(rise.best.value)}) and {rise.part:.0%} {higher} at the end"


def _meanwhile(training: Metric, step: int) -> str:
    """Say how training went on after a step."""
    room = _window(len(training.points))
    near = sorted(training.points, key=lambda point: abs(point.step - step))[:room]
    then, end = _middle(near), _middle(training.points[-room:])
    goes, gain = ("rises", end - then) if training.group == "reward" else ("falls", then - end)
    still = f"still {goes}" if gain >= _STANDSTILL * abs(then) > 0 else f"no longer {goes}"
    return f", while training {training.group} {still} ({figure(then)} to {figure(end)})"


def _window(count: int) -> int:
    """Return how many of so many values a running median is of: an odd fifth, three at least."""
    return max(3, count // 5 | 1)


def _middle(points: Sequence[Point]) -> float:
    return median(point.value for point in points)


def _is_exact(metric: Metric) -> bool:
    """Tell whether values may be compared singly; a reward is of answers that were sampled."""
    return (metric.group, metric.part) == ("loss", FULL)


def _is_enough(metric: Metric) -> bool:
    return len(metric.points) >= (LEAST_EXACT if _is_exact(metric) else LEAST)


def _rise(metric: Metric) -> _Rise | None:
    """Return how a metric got worse after its best, None where it did not, or chance may be why."""
    points, room = metric.points, 1 if _is_exact(metric) else _window(len(metric.points))
    if not _is_enough(metric):
        return None
    sign = -1 if metric.group == "reward" else 1
    windows = [*_windows(points, room)]
    medians = [_middle(window) for window in windows]
    best, window = min(zip(medians, windows, strict=True), key=lambda pair: sign * pair[0])
    worse = sign * (medians[-1] - best)
    part = worse / abs(best) if best else 0.0
    if part < THRESHOLD or (not _is_exact(metric) and worse <= _chance(points, room)):
        return None
    better = sorted(window, key=lambda point: sign * point.value)[: room // 2 + 1]
    return _Rise(Point(median_low(point.step for point in better), best), part)


def _windows(points: Sequence[Point], room: int) -> Iterator[Sequence[Point]]:
    """Yield runs of `room` values, the last included; a tenth of a run apart is near enough."""
    ends = range(len(points), room - 1, -max(room // 10, 1))
    return (points[end - room : end] for end in reversed(ends))


def _chance(points: Sequence[Point], room: int) -> float:
    """Return how far apart two medians of `room` values may be by chance, the best one chosen.

    The noise of single values is taken from how far each is from the mean of its neighbours, which
    a trend leaves out. Medians differ by `6 + 50 / n` standard errors or more in fewer than one of
    10,000 runs of `n` values about a level (simulated: normal, log-normal, uniform, Student's t
    with three degrees of freedom; 10 to 300 values; noise of 10 % and 40 %).
    """
    return (6 + 50 / len(points)) * _error(points, room)


def _error(points: Sequence[Point], room: int) -> float:
    """Return the standard error of the difference of two medians of `room` values each."""
    values = [point.value for point in points]
    off = (
        abs(value - (before + after) / 2)
        for before, value, after in zip(values, values[1:], values[2:], strict=False)
    )
    noise = fmean(off) * math.sqrt(math.pi / 2) / math.sqrt(1.5)
    return _MEDIAN * noise * math.sqrt(2 / room)


def _standstill(results: Results) -> Iterator[Remark]:
    """Tell of a training loss that does not fall, unless noise may hide that it does."""
    metric = results.measured("loss", TRAINING)
    if metric is None or len(metric.points) < LEAST_TRAINING or _rewards(results):
        return
    points, room = metric.points, _window(len(metric.points))
    start, end = _middle(points[:room]), _middle(points[-room:])
    hidden = 2 * _error(points, room) >= THRESHOLD * start
    if start > 0 and start - end < _STANDSTILL * start and not hidden:
        yield Remark(
            "not-falling",
            "warning",
            f"{metric.name} does not fall: {figure(start)} over its first {room:,} values, "
            f"{figure(end)} over its last {room:,} (medians); the model may know this data "
            "already, or the learning rate multiplier is too low",
        )


def _unvalidated(results: Results) -> Iterator[Remark]:
    if not any(metric.part in (VALIDATION, FULL) and metric.points for metric in results.metrics):
        yield Remark(
            "no-validation",
            "info",
            "nothing was measured on validation data, so overfitting cannot be seen; give the next "
            "job a validation file",
        )
