"""Reconciliation of launch requests that got no answer, by searching for their jobs.

Sending such a request again could start, and bill, a second job.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ftlint.core.errors import UnknownOutcome
from ftlint.core.redact import among, is_sealed, same
from ftlint.training.ledger import Ledger
from ftlint.training.providers import retry
from ftlint.training.providers.client import Api
from ftlint.training.service_ids import in_path
from ftlint.training.state_file import Entry

PENDING, STARTED, NOT_STARTED, FORGOTTEN = "meant", "started", "not started", "forgotten"
"""States of an intent in the ledger; a pending one may have become a job."""

ENDED_BADLY = frozenset({"failed", "cancelled"})
"""Statuses of jobs that do not stand in the way of another."""

_SKEW = 300
"""Seconds that a service's clock may be behind."""

_IDENTIFYING = ("training_file", "validation_file", "seed", "suffix", "metadata")
"""Keys in which a job and its request must agree, unless the service omits one."""

_DATED = re.compile(r"-[\d-]+")
"""Suffix by which a service completes a model's name, as in gpt-4.1-2025-04-14."""

Data = dict[str, Any]


def unresolved(ledger: Ledger, host: str) -> list[Entry]:
    """Return the intents on a host whose outcome is unknown."""
    return [entry for entry in ledger.jobs() if entry["host"] == host and entry["state"] == PENDING]


def reconcile(api: Api, ledger: Ledger, intent: Entry, *, patience: float, poll: float) -> Data:
    """Search for the job of an intent; record it in the ledger and return it.

    The list is polled every `poll` seconds for `patience` seconds. Raises `UnknownOutcome` where
    no job or more than one matches.
    """
    if not {"since", "body"} <= intent.keys() or "model" not in intent["body"]:
        words = f"the record of intent {intent['intent']} is damaged, so its job is not recognised"
        advice = f"ftlint jobs reconcile --forget {intent['intent']}"
        raise UnknownOutcome(f"{words}; look with ftlint jobs list; if there is none: {advice}")
    until = time.monotonic() + patience
    others = {entry.get("job") for entry in ledger.jobs() if entry["intent"] != intent["intent"]}
    name = intent["intent"]
    while True:
        recent = [job for job in _since(api, intent["since"]) if not among(others, job.get("id"))]
        matching = list(alike(recent, intent["body"]))
        if len(matching) > 1:  # the user may have cancelled the unwanted ones
            matching = [job for job in matching if job.get("status") not in ENDED_BADLY] or matching
        if len(matching) == 1:
            job = in_path(str(matching[0].get("id")), api.host)
            ledger.note_job({"intent": name, "state": STARTED, "job": job})
            return matching[0]
        if matching:
            ids = ", ".join(str(job.get("id")) for job in matching)
            words = f"{len(matching)} jobs on {api.host} match intent {name}: {ids}"
            raise UnknownOutcome(f"{words}; inspect them and cancel the unwanted ones")
        if time.monotonic() >= until:
            words = f"whether {api.host} started a job for intent {name} is unknown: none was found"
            advice = (
                f"retry later: ftlint jobs reconcile (after --forget {name}, launch sends it again)"
            )
            raise UnknownOutcome(f"{words} in {patience:,.0f} s; {advice}")
        retry.sleep(poll)


def _since(api: Api, moment: float) -> Iterator[Data]:
    """Yield the jobs created since a moment (seconds since 1970), or at an unknown time."""
    for job in api.jobs():
        created = job.get("created_at")
        if not isinstance(created, int | float) or created >= moment - _SKEW:
            yield job


def alike(jobs: Iterable[Data], body: Mapping[str, Any]) -> Iterator[Data]:
    """Yield the jobs that match a request body in everything that the service returns."""
    wanted = _hyperparameters(body)
    for job in jobs:
        agrees = all(not job.get(key) or same(body.get(key), job[key]) for key in _IDENTIFYING)
        if not agrees or not _same_model(str(job.get("model") or ""), body["model"]):
            continue
        returned = _hyperparameters(job)
        if all(_agree(returned.get(name), value) for name, value in wanted.items()):
            yield job


def _hyperparameters(job: Mapping[str, Any]) -> Data:
    """Return the hyperparameters of a job or body, at the top level or in its method."""
    method = job.get("method")
    kinds = method.values() if isinstance(method, Mapping) else ()
    tables = [job, *(kind for kind in kinds if isinstance(kind, Mapping))]
    given = [table.get("hyperparameters") for table in tables]
    return {name: table[name] for table in given if isinstance(table, Mapping) for name in table}


def _agree(returned: object, requested: object) -> bool:
    """Return whether a value may be the requested one; services may rewrite all but numbers."""
    numbers = isinstance(returned, int | float) and isinstance(requested, int | float)
    return not numbers or returned == requested


def _same_model(returned: str, requested: str) -> bool:
    """Return whether a model may be the requested one: services complete short names."""
    if is_sealed(requested):
        return same(requested, returned)
    short, long = sorted((returned, requested), key=len)
    rest = long.removeprefix(short)
    return not short or not rest or (rest != long and _DATED.fullmatch(rest) is not None)
