"""State machine of a fine-tuning job, driven by the clock: states, events and checkpoints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ftlint.emulator.service.checks import JobRequest
from ftlint.emulator.service.curves import Training

_BEFORE = 2
"""Steps before the first epoch: the job is created, then pending."""
_CHECKPOINTS = 3
"""Number of last epochs whose checkpoints are kept: Azure fine-tuning guide 2026."""


@dataclass(slots=True)
class Job:
    """A job. Each step takes `delay` seconds: created, pending, and one for each epoch.

    `refused` is the code, message and parameter of a validation failure, `broken` the message of a
    failure in training, `results` the id of the results file. Times are in seconds since 1970;
    `held` is the seconds spent paused.
    """

    id: str
    account: str
    request: JobRequest
    body: dict[str, Any]
    seed: int
    hyperparameters: dict[str, Any]
    training: Training
    tokens: int
    created: float
    delay: float
    refused: tuple[str, str, str] | None = None
    broken: str = ""
    results: str = ""
    finished: float | None = None
    held: float = 0
    paused: float | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    _reached: int = -1
    _end: str = ""

    @property
    def number(self) -> str:
        """The id without its prefix: 32 hexadecimal digits."""
        return self.id.removeprefix("ftjob-")

    @property
    def over(self) -> bool:
        """Whether the job has ended."""
        return bool(self._end)

    def state(self) -> str:
        """Return created, pending, running, paused, succeeded, failed or cancelled."""
        if self._end or self.paused is not None:
            return self._end or "paused"
        return ("created", "pending", "running")[max(0, min(self._reached, _BEFORE))]

    def advance(self, now: float) -> None:
        """Run the steps that are due."""
        if self._end or self.paused is not None:
            return
        last = _BEFORE + self.training.epochs
        passed = now - self.created - self.held
        due = min(last, int(passed / self.delay)) if self.delay else last
        while self._reached < due and not self._end:
            self._reached += 1
            self._step(self._reached, self.created + self.held + self._reached * self.delay)

    def cancel(self, now: float) -> None:
        """Cancel the job."""
        self._finish("cancelled", now)
        self._add_event(now, "Job has been cancelled.")

    def pause(self, now: float) -> None:
        """Pause the job."""
        self.paused = now
        self._add_event(now, "Job has been paused.")

    def resume(self, now: float) -> None:
        """Resume the job where it was paused."""
        self.held += now - (self.paused if self.paused is not None else now)
        self.paused = None
        self._add_event(now, "Job has been resumed.")

    def _step(self, step: int, now: float) -> None:
        """Start a step (0-based)."""
        if step == 0:
            self._add_event(now, f"Created fine-tuning job: {self.id}")
            self._add_event(now, f"Validating training file: {self.request.training}")
            if self.request.validation:
                self._add_event(now, f"Validating validation file: {self.request.validation}")
        elif step == 1 and self.refused:
            self._fail(self.refused[1], now)
        elif step == 1:
            self._add_event(now, "Files validated, moving job to queued state")
        elif step == _BEFORE:
            self._add_event(now, "Fine-tuning job started")
        else:
            self._train(step - _BEFORE, now)

    def _train(self, epoch: int, now: float) -> None:
        """Complete an epoch (1-based)."""
        for point in self.training.reported_points(epoch):
            words = f"Step {point.step}/{self.training.steps}: training loss={point.train_loss:.2f}"
            if point.valid_loss is not None:
                words += f", validation loss={point.valid_loss:.2f}"
            if point.full_valid_loss is not None:
                words += f", full validation loss={point.full_valid_loss:.2f}"
            data = {**point.metrics(), "total_steps": self.training.steps}
            self._add_event(now, words, data=data)
        if self.broken:
            self._fail(self.broken, now)
            return
        self._add_event(now, f"Checkpoint created at step {epoch * self.training.steps_per_epoch}")
        if epoch == self.training.epochs:
            self._add_event(now, f"New fine-tuned model created: {self.model_name()}")
            self._add_event(now, "The job has successfully completed")
            self._finish("succeeded", now)

    def _fail(self, message: str, now: float) -> None:
        self._add_event(now, message, level="error")
        self._finish("failed", now)

    def _finish(self, state: str, now: float) -> None:
        self._end, self.finished, self.paused = state, now, None

    def _add_event(
        self, now: float, message: str, level: str = "info", data: dict[str, Any] | None = None
    ) -> None:
        self.events.append(
            {
                "id": f"ftevent-{self.number[:20]}{len(self.events):06d}",
                "object": "fine_tuning.job.event",
                "created_at": int(now),
                "level": level,
                "message": message,
                "type": "message" if data is None else "metrics",
                "data": data or {},
            }
        )

    def newest_events(self) -> list[dict[str, Any]]:
        """Return the events, newest first."""
        return self.events[::-1]

    def model_name(self, step: int | None = None) -> str:
        """Return the name of the fine-tuned model, or of the checkpoint at a step."""
        mark = "" if step is None else f":ckpt-step-{step}"
        if self.account == "azure":
            suffix = f"-{self.request.suffix}" if self.request.suffix else ""
            return f"{self.request.base}.ft-{self.number}{suffix}{mark}"
        return f"ft:{self.request.base}:emulator:{self.request.suffix}:{self.number[:8]}{mark}"

    def checkpoints(self) -> list[dict[str, Any]]:
        """Return the checkpoints of the last completed epochs, newest first."""
        done = max(0, self._reached - _BEFORE) if not self.refused else 0
        if self._end == "failed":
            done -= 1 if done else 0
        listed = []
        for epoch in range(done, max(0, done - _CHECKPOINTS), -1):
            step = epoch * self.training.steps_per_epoch
            listed.append(
                {
                    "id": f"ftckpt_{self.number[:20]}{epoch:06d}",
                    "object": "fine_tuning.job.checkpoint",
                    "created_at": int(self.created + self.held + (_BEFORE + epoch) * self.delay),
                    "fine_tuned_model_checkpoint": self.model_name(
                        None if epoch == self.training.epochs else step
                    ),
                    "step_number": step,
                    "metrics": self.training.point(step).metrics(),
                    "fine_tuning_job_id": self.id,
                }
            )
        return listed

    def _estimate(self) -> int | None:
        """Return the estimated end, None for an ended or paused job."""
        if self._end or self.paused is not None:
            return None
        last = _BEFORE + self.training.epochs
        return int(self.created + self.held + last * self.delay)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the job, except its status and hyperparameters."""
        code, message, param = self.refused or ("server_error", self.broken, None)
        error = {"code": code, "message": message, "param": param}
        if self.account == "azure" and param is None:
            del error["param"]
        method = {"type": self.request.method, **(self.body.get("method") or {})}
        data: dict[str, Any] = {
            "id": self.id,
            "object": "fine_tuning.job",
            "created_at": int(self.created),
            "model": self.request.model,
            "training_file": self.request.training,
            "validation_file": self.request.validation,
            "suffix": self.request.suffix or None,
            "seed": self.seed,
            "fine_tuned_model": self.model_name() if self._end == "succeeded" else None,
            "finished_at": int(self.finished) if self.finished is not None else None,
            "trained_tokens": self.tokens if self._end == "succeeded" else None,
            "result_files": [self.results] if self.results else [],
            "error": error if self._end == "failed" else None,
            "estimated_finish": self._estimate(),
            "method": method,
            "metadata": self.body.get("metadata"),
            "integrations": self.body.get("integrations"),
        }
        if self.account != "azure":
            data["organization_id"] = "org-emulator"
        if "trainingType" in self.body:
            data["trainingType"] = self.body["trainingType"]
        return data
