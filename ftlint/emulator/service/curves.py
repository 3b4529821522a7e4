"""Synthetic learning curves, deterministic for a job."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_ROWS = 2_000
"""Approximate maximum of reported steps; a live service reports all."""
_AZURE = (
    "step",
    "train_loss",
    "train_mean_token_accuracy",
    "valid_loss",
    "validation_mean_token_accuracy",
    "full_valid_loss",
    "full_valid_mean_token_accuracy",
)
"""Columns of results.csv: Azure fine-tuning guide 2026."""
_OPENAI = ("step", "train_loss", "train_accuracy", "valid_loss", "valid_mean_token_accuracy")
"""Columns of step_metrics.csv: OpenAI fine-tuning guide 2024."""


class Point(NamedTuple):
    """Metrics after a step (1-based), None where not measured."""

    step: int
    train_loss: float
    train_accuracy: float
    valid_loss: float | None
    valid_accuracy: float | None
    full_valid_loss: float | None
    full_valid_accuracy: float | None

    def metrics(self) -> dict[str, float]:
        """Return the metrics by their names in events and checkpoints."""
        names = {
            "train_loss": self.train_loss,
            "train_mean_token_accuracy": self.train_accuracy,
            "valid_loss": self.valid_loss,
            "valid_mean_token_accuracy": self.valid_accuracy,
            "full_valid_loss": self.full_valid_loss,
            "full_valid_mean_token_accuracy": self.full_valid_accuracy,
        }
        measured = {name: value for name, value in names.items() if value is not None}
        return {"step": self.step, **measured}


@dataclass(frozen=True, slots=True)
class Training:
    """A training run whose noise follows from `seed`."""

    seed: str
    epochs: int
    steps_per_epoch: int
    validated: bool

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.epochs * self.steps_per_epoch

    def points(self, first: int, last: int) -> Iterator[Point]:
        """Yield the reported steps from `first` to `last`, both included."""
        stride = max(1, self.steps // _ROWS)
        for step in range(first, last + 1):
            if step % stride == 0 or step % self.steps_per_epoch == 0 or step == 1:
                yield self.point(step)

    def reported_points(self, epoch: int) -> list[Point]:
        """Return the points of an epoch (1-based) that become events."""
        first = (epoch - 1) * self.steps_per_epoch + 1
        every = max(1, self.steps_per_epoch // 10)
        last = epoch * self.steps_per_epoch
        steps = [step for step in range(first, last + 1) if step % every == 0 or step == last]
        return [self.point(step) for step in steps]

    def point(self, step: int) -> Point:
        """Return the metrics after a step; validation loss rises again after two epochs."""
        done = step / self.steps
        fall = 1.6 * math.exp(-4 * done)
        train = 0.35 + fall + 0.06 * self._noise("train", step)
        every = max(1, self.steps_per_epoch // 10)
        ends = step % self.steps_per_epoch == 0
        worse = 0.09 * max(0.0, done * self.epochs - 2)
        valid = 0.46 + fall + worse
        some = valid + 0.04 * self._noise("valid", step)
        measured = self.validated and (ends or step % every == 0)
        full = self.validated and ends
        return Point(
            step,
            round(train, 5),
            _accuracy(train),
            round(some, 5) if measured else None,
            _accuracy(some) if measured else None,
            round(valid, 5) if full else None,
            _accuracy(valid) if full else None,
        )

    def csv(self, *, azure: bool) -> str:
        """Return the results file in the format of the service."""
        columns = _AZURE if azure else _OPENAI
        rows = [",".join(columns)]
        for point in self.points(1, self.steps):
            cells = ("" if value is None else str(value) for value in point[: len(columns)])
            rows.append(",".join(cells))
        return "\n".join(rows) + "\n"

    def _noise(self, name: str, step: int) -> float:
        """Return a number from -1 to 1."""
        text = f"{self.seed}:{name}:{step}".encode()
        number = int.from_bytes(hashlib.blake2b(text, digest_size=4).digest())
        return number / 2**31 - 1


def _accuracy(loss: float) -> float:
    return round(1 / (1 + 0.35 * loss), 5)
