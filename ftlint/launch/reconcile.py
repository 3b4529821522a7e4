"""A job of which no answer came: found again by what was asked for, and never asked for twice."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from ftlint import retry
from ftlint.failures import UnknownOutcome
from ftlint.ledger import Entry, Ledger
from ftlint.providers.api import Api

MEANT, STARTED, NOT_STARTED, FORGOTTEN = "meant", "started", "not started", "forgotten"
"""What is known of an intent. One that is only meant may have become a job."""

_SKEW = 300
"""Seconds that the clock of a service may be behind."""

_MARKS = ("training_file", "validation_file", "seed", "suffix", "metadata")
"""What a job tells of what was asked for; what a service leaves out does not count."""

Data = dict[str, Any]


def unresolved(ledger: Ledger, host: str) -> list[Entry]:
    """Return the intents on a host of which it is not known what became of them."""
    return [entry for entry in ledger.jobs() if entry["host"] == host and entry["state"] == MEANT]


def reconcile(api: Api, ledger: Ledger, intent: Entry, *, patience: float, poll: float) -> Data:
    """Look for the job of an intent, for `patience` seconds; note it and return it.

    Raises `UnknownOutcome` where there is none, or more than one.
    """
    until = time.monotonic() + patience
    others = {entry.get("job") for entry in ledger.jobs() if entry["intent"] != intent["intent"]}
    name = intent["intent"]
    while True:
        found = [job for job in _alike(api, intent) if job.get("id") not in others]
        if len(found) == 1:
            ledger.note_job({"intent": name, "state": STARTED, "job": found[0]["id"]})
            return found[0]
        if found:
            ids = ", ".join(str(job["id"]) for job in found)
            words = f"{len(found)} jobs on {api.host} are as intent {name} was meant: {ids}"
            raise UnknownOutcome(f"{words}; look at them, and cancel those that are not wanted")
        if time.monotonic() >= until:
            words = f"whether {api.host} started a job for intent {name} is not known: none is seen"
            again = f"look later: ftlint jobs reconcile (with --forget {name} it may be sent anew)"
            raise UnknownOutcome(f"{words} after {patience:,.0f} s; {again}")
        retry.sleep(poll)


def _alike(api: Api, intent: Mapping[str, Any]) -> Iterator[Data]:
    """Yield the jobs that were made since an intent, and are as it says."""
    since = intent["since"] - _SKEW
    body = intent["body"]
    for job in api.jobs():
        created = job.get("created_at")
        if isinstance(created, int | float) and created < since:
            continue
        marks = all((job.get(mark) or body.get(mark)) == body.get(mark) for mark in _MARKS)
        if marks and _same(str(job.get("model") or ""), body["model"]):
            yield job


def _same(told: str, asked: str) -> bool:
    """Tell whether a model may be the one that was asked for: services complete short names."""
    return told.startswith(asked) or asked.startswith(told)
