"""Search for an existing job of a specification, in the ledger and in the service's list."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from ftlint.core.errors import UnknownOutcome
from ftlint.core.redact import among, is_sealed, same
from ftlint.training.launch.reconcile import ENDED_BADLY, PENDING, STARTED, alike
from ftlint.training.launch.request import DIGEST, Body, JobSpec
from ftlint.training.ledger import Ledger
from ftlint.training.providers.client import Api
from ftlint.training.service_ids import is_id
from ftlint.training.state_file import Entry

Data = dict[str, Any]


class ExistingJobs:
    """The existing jobs; `body` makes the request body of a specification.

    The ledger has the jobs started from here. The list of the service shows those started
    elsewhere, or from here if the ledger is lost; it is fetched before anything is sent.
    """

    def __init__(self, api: Api, ledger: Ledger, body: Callable[[JobSpec], Body]) -> None:
        self._api, self._ledger, self._body = api, ledger, body
        self._ours = {entry["intent"]: entry for entry in ledger.jobs()}

    @cached_property
    def _listed(self) -> list[Data]:
        return list(self._api.jobs())

    @cached_property
    def _foreign(self) -> list[Data]:
        """The jobs of the service that are not in the ledger."""
        ours = {entry.get("job") for entry in self._ours.values()}
        named = [job for job in self._listed if is_id(job.get("id"))]
        return [job for job in named if not among(ours, job["id"])]

    def match(self, spec: JobSpec, *, again: bool) -> tuple[JobSpec, Entry | None]:
        """Return the specification with its turn, and the entry of its job, None to start one.

        The entry is an unanswered intent, or has the job as `data`. With `again`, jobs that were
        started are passed over. Raises `UnknownOutcome` for a foreign job that may be this one.
        """
        while True:
            entry = self._ours.get(spec.digest[:16], {"state": None})
            if entry["state"] == STARTED and "job" not in entry:  # the line that had it was damaged
                entry = {**entry, "state": PENDING}
            if entry["state"] == PENDING:
                return spec, entry
            if entry["state"] == STARTED:
                data = None if again else self._alive(entry["job"])
                if data is not None:
                    return spec, {**entry, "data": data}
            else:
                foreign = self._elsewhere(spec)
                alive = [job for job in foreign if job.get("status") not in ENDED_BADLY]
                if alive and not again:
                    return spec, self._adopt(spec, alive)
                if not foreign:
                    return spec, None
            spec = spec._replace(turn=spec.turn + 1)

    def _alive(self, name: str) -> Data | None:
        """Return a job of the ledger, None if it failed, was cancelled or is gone."""
        data = None if is_sealed(name) else self._api.job(name)
        if data is None:
            data = next((job for job in self._listed if same(name, job.get("id"))), None)
        return None if data is None or data.get("status") in ENDED_BADLY else data

    def _elsewhere(self, spec: JobSpec) -> list[Data]:
        """Return the matching foreign jobs, each in one call only."""
        matching = list(alike(self._foreign, self._body(spec)))
        self._foreign = [job for job in self._foreign if job not in matching]
        return matching

    def _adopt(self, spec: JobSpec, candidates: list[Data]) -> Entry:
        """Record a foreign job for the specification, and return its entry.

        A derived seed or a digest identifies the job; a seed given by the user does not.
        """
        identified = [
            job
            for job in candidates
            if spec.seed is None or (job.get("metadata") or {}).get(DIGEST) == spec.digest
        ]
        if not identified:
            ids = ", ".join(job["id"] for job in candidates)
            words = f"{self._api.host} has {ids}, which may be this job, started elsewhere"
            raise UnknownOutcome(f"{words}; if it is another, start yours with --again")
        entry = {
            "intent": spec.digest[:16],
            "state": STARTED,
            "host": self._api.host,
            "since": int(time.time()),
            "body": self._body(spec),
            "job": identified[0]["id"],
        }
        self._ledger.note_job(entry)
        return {**entry, "data": identified[0]}


def remembered(ledger: Ledger, spec: JobSpec) -> Entry | None:
    """Return the ledger's entry of the last job of this specification; nothing is requested."""
    entries = {entry["intent"]: entry for entry in ledger.jobs()}
    last = None
    while (entry := entries.get(spec.digest[:16])) is not None:
        last = entry
        spec = spec._replace(turn=spec.turn + 1)
    return last
