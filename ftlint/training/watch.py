"""Polling of a job until it ends, with each event reported once and in order."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ftlint.core.errors import Rejected, Unreachable
from ftlint.training.providers import retry
from ftlint.training.providers.client import Api, Data

SUCCEEDED = "succeeded"
ENDED = frozenset({SUCCEEDED, "failed", "cancelled"})
"""Final statuses."""

PAUSED = "paused"
_UNDER_WAY = frozenset({"created", "pending", "validating_files", "queued", "running", PAUSED})
"""Other statuses: azure-rest-api-specs 2024-10-21, FineTuningState; openai-openapi,
FineTuningJob."""

_OVERLAP = 20
"""Seen events in a row after which all older ones are taken as seen; late ones may be listed
lower."""

_STEP = re.compile(r"\bstep (\d+)(?:\s*(?:/|of)\s*(\d+))?", re.IGNORECASE)
_NO_METRIC = frozenset({"step", "total_steps"})


def watch(
    api: Api,
    job: str,
    *,
    poll: float,
    limit: float | None,
    on_event: Callable[[str], None],
    on_metrics: Callable[[str], None] | None = None,
    again: str | None = None,
) -> Data:
    """Poll a job until it ends; return its last state as the service gives it.

    `poll` is the interval in seconds, `limit` the timeout in seconds (None: none).
    `on_event` is called with each change of status and each event, `on_metrics` (default:
    `on_event`) with the latest metrics. `again` is the command to continue with after an interrupt.

    Raises `Unreachable` at the timeout or where the service does not answer, `Rejected` where it
    has no such job. The job itself continues in either case.
    """
    again = again or f"ftlint jobs watch {job}"
    watcher = _Watcher(api, job, on_event, on_metrics or on_event)
    until = None if limit is None else time.monotonic() + limit
    try:
        while True:
            state = watcher.poll()
            if status_of(state) in ENDED:
                return state
            left = poll if until is None else until - time.monotonic()
            if left <= 0 and until is not None:
                raise Unreachable(
                    f"job {job} is {status_of(state)} after {limit:g} s, the timeout, and "
                    f"continues; to watch it again: {again}"
                )
            retry.sleep(min(poll, left))
    except retry.Again as error:
        raise Unreachable(f"{error}; job {job} continues; to watch it again: {again}") from error
    except KeyboardInterrupt:
        on_event(f"job {job} continues; to watch it again: {again}")
        raise


def status_of(job: Mapping[str, Any]) -> str:
    """Return the status of a job, "unknown" where the service gives none."""
    return str(job.get("status") or "unknown")


def moment(seconds: object) -> str:
    """Format a service's time (seconds since 1970) as ISO in UTC, empty for any other value."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return ""


def measured(event: Mapping[str, Any]) -> str | None:
    """Format the step and metrics of an event as one line, None for other events."""
    data = event.get("data")
    data = data if isinstance(data, Mapping) else {}
    if event.get("type") != "metrics" and not data.get("step"):
        return None
    message = str(event.get("message") or "")
    named = _STEP.search(message)
    step, total = data.get("step"), data.get("total_steps")
    if named:
        step, total = step or int(named[1]), total or (named[2] and int(named[2]))
    metrics = _losses(data)
    if not isinstance(step, int) or not metrics:
        return message
    return f"{_progress_of(step, total)}: {metrics}"


def _losses(data: Mapping[str, Any]) -> str:
    """Format the losses and rewards among metrics, or all numbers without any."""
    numbers = {
        name: value
        for name, value in data.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and name not in _NO_METRIC
    }
    chosen = {name: numbers[name] for name in numbers if "loss" in name or "reward" in name}
    return ", ".join(f"{name} {figure(value)}" for name, value in (chosen or numbers).items())


def figure(value: float) -> str:
    """Format a metric's value."""
    return str(value) if isinstance(value, int) else f"{value:.4g}"


def _progress_of(step: int, total: object) -> str:
    if not isinstance(total, int) or total < 1:
        return f"step {step}"
    return f"step {step}/{total} ({min(step / total, 1):.0%})"


class _Watcher:
    """A watched job, its last status and the events reported so far."""

    def __init__(
        self, api: Api, job: str, on_event: Callable[[str], None], on_metrics: Callable[[str], None]
    ) -> None:
        self._api, self._job = api, job
        self._on_event, self._on_metrics = on_event, on_metrics
        self._status = ""
        self._seen: set[str] = set()
        self._unknown: set[str] = set()

    def poll(self) -> Data:
        """Query the job once and report news: events first, then the status they led to."""
        job = self._api.job(self._job)
        if job is None:
            raise Rejected(f"no job {self._job} at {self._api.host}; see ftlint jobs list",
                           status=404)  # fmt: skip
        first = not self._status and status_of(job) not in ENDED
        if first:
            self._report_status(status_of(job))
        self._report_events()
        if not first:
            self._report_status(status_of(job))
        return job

    def _report_status(self, status: str) -> None:
        if status == self._status:
            return
        self._status = status
        words = f"job {self._job}: {status}"
        if status == PAUSED:
            words += f"; to resume it, at the same service: ftlint jobs resume {self._job} --yes"
        elif status not in ENDED | _UNDER_WAY and status not in self._unknown:
            self._unknown.add(status)
            words += ", a status unknown to ftlint; still watching"
        self._on_event(words)

    def _report_events(self) -> None:
        """Report new events, and only the latest of new metrics."""
        fresh = self._fresh()
        figures = [measured(event) for event in fresh]
        last = max((index for index, line in enumerate(figures) if line), default=None)
        for index, (event, line) in enumerate(zip(fresh, figures, strict=True)):
            when = moment(event.get("created_at"))
            if line is None:
                level = event.get("level")
                urgent = f"{level}: " if level in ("warn", "error") else ""
                self._on_event(_line(f"{when} {urgent}{event.get('message') or ''}"))
            elif index == last:
                self._on_metrics(_line(f"{when} {line}"))

    def _fresh(self) -> list[Data]:
        """Return the events not yet reported, oldest first."""
        fresh = list(self._unseen())
        fresh.reverse()
        return sorted(fresh, key=_when)

    def _unseen(self) -> Iterator[Data]:
        seen_in_a_row = 0
        for event in self._api.events(self._job):
            key = str(event.get("id") or (event.get("created_at"), event.get("message")))
            seen_in_a_row = seen_in_a_row + 1 if key in self._seen else 0
            if seen_in_a_row >= _OVERLAP:
                return
            if not seen_in_a_row:
                self._seen.add(key)
                yield event


def _line(text: str) -> str:
    return " ".join(text.split())


def _when(event: Mapping[str, Any]) -> float:
    created = event.get("created_at")
    return created if isinstance(created, int | float) else 0
