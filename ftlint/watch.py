"""Watching a job until it ends: its status and its events, each told once, in order of time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ftlint import retry
from ftlint.failures import Rejected, Unreachable
from ftlint.providers.api import Api, Data

SUCCEEDED = "succeeded"
ENDED = frozenset({SUCCEEDED, "failed", "cancelled"})
"""Statuses that do not change any more."""

PAUSED = "paused"
_UNDER_WAY = frozenset({"created", "pending", "validating_files", "queued", "running", PAUSED})
"""The others: azure-rest-api-specs 2024-10-21, FineTuningState; openai-openapi, FineTuningJob."""

_OVERLAP = 20
"""Known events in a row after which older ones are known too; a late one may stand lower."""

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
    """Follow a job until it ends; return it as the service described it last.

    It is asked for every `poll` seconds, for `limit` seconds at most (None: as long as it takes).
    `on_event` is called with each change of status and each event, `on_metrics` (default:
    `on_event`) with the latest metrics. `again` is the command to continue with after an interrupt.

    Raises `Unreachable` at the limit, and where the service does not answer; `Rejected` where it
    has no such job. The job itself goes on in either case.
    """
    again = again or f"ftlint jobs watch {job}"
    watched = _Watched(api, job, on_event, on_metrics or on_event)
    until = None if limit is None else time.monotonic() + limit
    try:
        while True:
            found = watched.poll()
            if status_of(found) in ENDED:
                return found
            left = poll if until is None else until - time.monotonic()
            if left <= 0 and until is not None:
                raise Unreachable(
                    f"job {job} is {status_of(found)} after {limit:g} s, the time limit; it goes "
                    f"on, and so does: {again}"
                )
            retry.sleep(min(poll, left))
    except retry.Again as error:
        raise Unreachable(f"{error}; job {job} goes on, and so does: {again}") from error
    except KeyboardInterrupt:
        on_event(f"job {job} goes on; to watch it again: {again}")
        raise


def status_of(job: Mapping[str, Any]) -> str:
    """Return the status of a job, "unknown" where the service gives none."""
    return str(job.get("status") or "unknown")


def moment(seconds: object) -> str:
    """Write a time of a service (seconds since 1970) as ISO, in UTC; "" for what is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return ""


def measured(event: Mapping[str, Any]) -> str | None:
    """Write the metrics of an event in one line, with how far the job is; None for other events."""
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
    return f"{_place(step, total)}: {metrics}"


def _losses(data: Mapping[str, Any]) -> str:
    """Write the losses and rewards of a table of metrics; without any, all numbers of it."""
    numbers = {
        name: value
        for name, value in data.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and name not in _NO_METRIC
    }
    chosen = {name: numbers[name] for name in numbers if "loss" in name or "reward" in name}
    return ", ".join(f"{name} {figure(value)}" for name, value in (chosen or numbers).items())


def figure(value: float) -> str:
    """Write a value of a metric for people."""
    return str(value) if isinstance(value, int) else f"{value:.4g}"


def _place(step: int, total: object) -> str:
    if not isinstance(total, int) or total < 1:
        return f"step {step}"
    return f"step {step}/{total} ({min(step / total, 1):.0%})"


class _Watched:
    """A job, and what was told of it."""

    def __init__(
        self, api: Api, job: str, tell: Callable[[str], None], progress: Callable[[str], None]
    ) -> None:
        self._api, self._job = api, job
        self._tell, self._progress = tell, progress
        self._status = ""
        self._seen: set[str] = set()
        self._unknown: set[str] = set()

    def poll(self) -> Data:
        """Ask once, and tell what is new: what happened, then what that led to."""
        job = self._api.job(self._job)
        if job is None:
            raise Rejected(f"no job {self._job} at {self._api.host}; see ftlint jobs list",
                           status=404)  # fmt: skip
        first = not self._status and status_of(job) not in ENDED
        if first:
            self._tell_status(status_of(job))
        self._tell_events()
        if not first:
            self._tell_status(status_of(job))
        return job

    def _tell_status(self, status: str) -> None:
        if status == self._status:
            return
        self._status = status
        words = f"job {self._job}: {status}"
        if status == PAUSED:
            words += f"; it waits for: ftlint jobs resume {self._job} --yes, at the same service"
        elif status not in ENDED | _UNDER_WAY and status not in self._unknown:
            self._unknown.add(status)
            words += ", which is no status that ftlint knows; it is watched on"
        self._tell(words)

    def _tell_events(self) -> None:
        """Tell new events; of metrics that came since the last time, the latest."""
        fresh = self._fresh()
        figures = [measured(event) for event in fresh]
        last = max((at for at, line in enumerate(figures) if line), default=None)
        for at, (event, line) in enumerate(zip(fresh, figures, strict=True)):
            when = moment(event.get("created_at"))
            if line is None:
                level = event.get("level")
                urgent = f"{level}: " if level in ("warn", "error") else ""
                self._tell(_line(f"{when} {urgent}{event.get('message') or ''}"))
            elif at == last:
                self._progress(_line(f"{when} {line}"))

    def _fresh(self) -> list[Data]:
        """Return the events that were not told yet, the oldest first."""
        fresh = list(self._unseen())
        fresh.reverse()
        return sorted(fresh, key=_when)

    def _unseen(self) -> Iterator[Data]:
        known = 0
        for event in self._api.events(self._job):
            key = str(event.get("id") or (event.get("created_at"), event.get("message")))
            known = known + 1 if key in self._seen else 0
            if known >= _OVERLAP:
                return
            if not known:
                self._seen.add(key)
                yield event


def _line(text: str) -> str:
    return " ".join(text.split())


def _when(event: Mapping[str, Any]) -> float:
    at = event.get("created_at")
    return at if isinstance(at, int | float) else 0
