"""Diagnoses from the learning curves of a job, given only where the evidence is strong.

Values of batches are noisy, so running medians over a fifth of them are compared instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import fmean, median, median_low
from typing import NamedTuple

from ftlint.training.results import FULL, TRAINING, VALIDATION, Metric, Point, Results

THRESHOLD = 0.1
"""Fraction by which a loss must end above its lowest value, a reward below its highest.

There is no official number. Microsoft's notes for its Foundry agents (`training-curves.md` in
microsoft/azure-skills) call a last validation loss above 1.2 times the best one overfit; half of
that suffices here, as a remark is no verdict, and `_chance` excludes noise.
"""

LEAST = 10
"""Minimum number of batch values to report a rise; with fewer, noise looks like a trend."""

LEAST_EXACT = 3
"""The same for losses of the whole validation file, which are exact."""

LEAST_TRAINING = 20
"""Minimum number of training losses to report that they do not fall."""

_STANDSTILL = 0.02
"""Relative change of a training loss below which it counts as constant."""

_MEDIAN = math.sqrt(math.pi / 2)
"""Standard error of the median of many normal values, relative to that of their mean."""


class Remark(NamedTuple):
    """A remark: `kind` is a slug, `severity` "warning" or "info", `step` the one it points at."""

    kind: str
    severity: str
    message: str
    step: int | None = None


class _Rise(NamedTuple):
    """A deterioration: the best median, and the fraction of it by which the metric got worse.

    The step of `best` is the middle of the better half of its window.
    """

    best: Point
    part: float


def figure(value: float) -> str:
    """Format a value with four decimals, or three digits where it is very small or large."""
    if value.is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4f}" if 0.001 <= abs(value) < 10_000 else f"{value:.3g}"


def remarks(results: Results) -> list[Remark]:
    """Return the remarks on a job, warnings first."""
    broken = [*_broken(results)]
    # After a loss breaks down, earlier values do not describe the final model.
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
    """Yield a remark on rewards, or on losses without any, that got worse after their best.

    With rewards, the loss of the policy does not reflect the quality of its answers.
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
    meanwhile = _meanwhile(training, rise.best.step) if training else ""
    return Remark(
        "overfitting",
        "warning",
        f"{_course(metric, rise)}{meanwhile}: later checkpoints fit the training data more closely "
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
    """Describe the training metric from a step to the end."""
    size = _window(len(training.points))
    near = sorted(training.points, key=lambda point: abs(point.step - step))[:size]
    then, end = _median(near), _median(training.points[-size:])
    goes, gain = ("rises", end - then) if training.group == "reward" else ("falls", then - end)
    still = f"still {goes}" if gain >= _STANDSTILL * abs(then) > 0 else f"no longer {goes}"
    return f", while training {training.group} {still} ({figure(then)} to {figure(end)})"


def _window(count: int) -> int:
    """Return the window size of a running median: an odd fifth of `count`, at least three."""
    return max(3, count // 5 | 1)


def _median(points: Sequence[Point]) -> float:
    return median(point.value for point in points)


def _is_exact(metric: Metric) -> bool:
    """Return whether single values are comparable; rewards are of sampled answers."""
    return (metric.group, metric.part) == ("loss", FULL)


def _is_enough(metric: Metric) -> bool:
    return len(metric.points) >= (LEAST_EXACT if _is_exact(metric) else LEAST)


def _rise(metric: Metric) -> _Rise | None:
    """Return how a metric got worse after its best, None where it did not or chance may be why."""
    points, size = metric.points, 1 if _is_exact(metric) else _window(len(metric.points))
    if not _is_enough(metric):
        return None
    sign = -1 if metric.group == "reward" else 1
    windows = [*_windows(points, size)]
    medians = [_median(window) for window in windows]
    best, window = min(zip(medians, windows, strict=True), key=lambda pair: sign * pair[0])
    worse = sign * (medians[-1] - best)
    part = worse / abs(best) if best else 0.0
    if part < THRESHOLD or (not _is_exact(metric) and worse <= _chance(points, size)):
        return None
    better = sorted(window, key=lambda point: sign * point.value)[: size // 2 + 1]
    return _Rise(Point(median_low(point.step for point in better), best), part)


def _windows(points: Sequence[Point], size: int) -> Iterator[Sequence[Point]]:
    """Yield windows of `size` values, a tenth of that apart, including the last."""
    ends = range(len(points), size - 1, -max(size // 10, 1))
    return (points[end - size : end] for end in reversed(ends))


def _chance(points: Sequence[Point], size: int) -> float:
    """Return the difference that chance may cause between the last and the best median.

    Noise is estimated from the distance of each value to the mean of its neighbours, which removes
    a trend. Medians differ by `6 + 50 / n` standard errors or more in fewer than one of 10,000
    constant series of `n` values (simulated: normal, log-normal, uniform, Student's t with three
    degrees of freedom; 10 to 300 values; noise of 10 % and 40 %).
    """
    return (6 + 50 / len(points)) * _error(points, size)


def _error(points: Sequence[Point], size: int) -> float:
    """Return the standard error of the difference of two medians of `size` values each."""
    values = [point.value for point in points]
    deviations = (
        abs(value - (before + after) / 2)
        for before, value, after in zip(values, values[1:], values[2:], strict=False)
    )
    noise = fmean(deviations) * math.sqrt(math.pi / 2) / math.sqrt(1.5)
    return _MEDIAN * noise * math.sqrt(2 / size)


def _standstill(results: Results) -> Iterator[Remark]:
    """Yield a remark on a training loss that does not fall, unless noise may hide a fall."""
    metric = results.measured("loss", TRAINING)
    if metric is None or len(metric.points) < LEAST_TRAINING or _rewards(results):
        return
    points, size = metric.points, _window(len(metric.points))
    start, end = _median(points[:size]), _median(points[-size:])
    hidden = 2 * _error(points, size) >= THRESHOLD * start
    if start > 0 and start - end < _STANDSTILL * start and not hidden:
        yield Remark(
            "not-falling",
            "warning",
            f"{metric.name} does not fall: {figure(start)} over its first {size:,} values, "
            f"{figure(end)} over its last {size:,} (medians); the model may know this data "
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
