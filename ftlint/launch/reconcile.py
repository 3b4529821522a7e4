"""A job of which no answer came: found again by what was asked for, and never asked for twice."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ftlint import retry
from ftlint.failures import UnknownOutcome
from ftlint.ledger import Entry, Ledger
from ftlint.providers.api import Api

PENDING, STARTED, NOT_STARTED, FORGOTTEN = "meant", "started", "not started", "forgotten"
"""What is known of an intent. One that is only meant may have become a job."""

ENDED_BADLY = frozenset({"failed", "cancelled"})
"""Statuses of a job that is no reason not to start another."""

_SKEW = 300
"""Seconds that the clock of a service may be behind."""

_MARKS = ("training_file", "validation_file", "seed", "suffix", "metadata")
"""What a job tells of what was asked for; what a service leaves out does not count."""

_DATED = re.compile(r"-[\d-]+")
"""What a service completes the short name of a model with, as in gpt-4.1-2025-04-14."""

Data = dict[str, Any]


def unresolved(ledger: Ledger, host: str) -> list[Entry]:
    """Return the intents on a host of which it is not known what became of them."""
    return [entry for entry in ledger.jobs() if entry["host"] == host and entry["state"] == PENDING]


def reconcile(api: Api, ledger: Ledger, intent: Entry, *, patience: float, poll: float) -> Data:
    """Look for the job of an intent, for `patience` seconds; note it and return it.

    Raises `UnknownOutcome` where there is none, or more than one.
    """
    until = time.monotonic() + patience
    others = {entry.get("job") for entry in ledger.jobs() if entry["intent"] != intent["intent"]}
    name = intent["intent"]
    while True:
        recent = [job for job in _since(api, intent["since"]) if job.get("id") not in others]
        found = list(alike(recent, intent["body"]))
        if len(found) > 1:  # somebody has looked, and cancelled what was not wanted
            found = [job for job in found if job.get("status") not in ENDED_BADLY] or found
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


def _since(api: Api, moment: float) -> Iterator[Data]:
    """Yield the jobs that were made since a moment, in seconds since 1970."""
    for job in api.jobs():
        created = job.get("created_at")
        if not isinstance(created, int | float) or created >= moment - _SKEW:
            yield job


def alike(jobs: Iterable[Data], body: Mapping[str, Any]) -> Iterator[Data]:
    """Yield the jobs that are as a body asks for, by all that the service tells of them."""
    wanted = _hyperparameters(body)
    for job in jobs:
        marks = all((job.get(mark) or body.get(mark)) == body.get(mark) for mark in _MARKS)
        if not marks or not _same(str(job.get("model") or ""), body["model"]):
            continue
        told = _hyperparameters(job)
        if all(_agree(told.get(name), value) for name, value in wanted.items()):
            yield job


def _hyperparameters(job: Mapping[str, Any]) -> Data:
    """Return the hyperparameters of a job or of a body: beside the model, or in its method."""
    method = job.get("method")
    kinds = method.values() if isinstance(method, Mapping) else ()
    tables = [job, *(kind for kind in kinds if isinstance(kind, Mapping))]
    given = [table.get("hyperparameters") for table in tables]
    return {name: table[name] for table in given if isinstance(table, Mapping) for name in table}


def _agree(told: object, asked: object) -> bool:
    """Tell whether a value may be the one that was asked for; only numbers are told as they are."""
    numbers = isinstance(told, int | float) and isinstance(asked, int | float)
    return not numbers or told == asked


def _same(told: str, asked: str) -> bool:
    """Tell whether a model may be the one that was asked for: services complete short names."""
    short, long = sorted((told, asked), key=len)
    rest = long.removeprefix(short)
    return not short or not rest or (rest != long and _DATED.fullmatch(rest) is not None)
