"""What is there already of a job that is spec: by the ledger, and by the service's own list."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from ftlint.failures import UnknownOutcome
from ftlint.launch.body import DIGEST, Body, JobSpec
from ftlint.launch.reconcile import ENDED_BADLY, PENDING, STARTED, alike
from ftlint.ledger import Entry, Ledger
from ftlint.providers.api import Api

Data = dict[str, Any]


class ExistingJobs:
    """Looks for jobs; `body` makes the body of the request for one that is spec.

    The ledger knows what was started from here. The list of the service shows what was started from
    elsewhere, or from here if the ledger is gone; it is asked for before anything is sent.
    """

    def __init__(self, api: Api, ledger: Ledger, body: Callable[[JobSpec], Body]) -> None:
        self._api, self._ledger, self._body = api, ledger, body
        self._ours = {entry["intent"]: entry for entry in ledger.jobs()}

    @cached_property
    def _listed(self) -> list[Data]:
        return list(self._api.jobs())

    @cached_property
    def _strangers(self) -> list[Data]:
        """The jobs of the service that the ledger does not know."""
        ours = {entry.get("job") for entry in self._ours.values()}
        named = [job for job in self._listed if isinstance(job.get("id"), str)]
        return [job for job in named if job["id"] not in ours]

    def match(self, spec: JobSpec, *, again: bool) -> tuple[JobSpec, Entry | None]:
        """Return the job with its turn, and what is known of it if it is not to be started anew.

        That is an intent without an answer, or one with the job as `data`. Raises `UnknownOutcome`
        for a job from elsewhere that may be this one or not.
        """
        while True:
            entry = self._ours.get(spec.digest[:16], {"state": None})
            if entry["state"] == PENDING:
                return spec, entry
            if entry["state"] == STARTED:
                data = None if again else self._alive(entry["job"])
                if data is not None:
                    return spec, {**entry, "data": data}
            else:
                found = self._elsewhere(spec)
                alive = [job for job in found if job.get("status") not in ENDED_BADLY]
                if alive and not again:
                    return spec, self._adopt(spec, alive)
                if not found:
                    return spec, None
            spec = spec._replace(turn=spec.turn + 1)

    def _alive(self, name: str) -> Data | None:
        """Return a job of ours; None for one that ended badly, or that no list has any more."""
        data = self._api.job(name)
        if data is None:
            data = next((job for job in self._listed if job.get("id") == name), None)
        return None if data is None or data.get("status") in ENDED_BADLY else data

    def _elsewhere(self, spec: JobSpec) -> list[Data]:
        """Return the jobs that are alike, and not known here; each only once."""
        found = list(alike(self._strangers, self._body(spec)))
        self._strangers = [job for job in self._strangers if job not in found]
        return found

    def _adopt(self, spec: JobSpec, found: list[Data]) -> Entry:
        """Note the job of an intent, and return it.

        A seed that follows from the job tells it from all others; one that the user gave does not.
        """
        sure = [
            job
            for job in found
            if spec.seed is None or (job.get("metadata") or {}).get(DIGEST) == spec.digest
        ]
        if not sure:
            ids = ", ".join(job["id"] for job in found)
            words = f"{self._api.host} has {ids}, which may be this job, started from elsewhere"
            raise UnknownOutcome(f"{words}: look at it; if it is another, start yours with --again")
        entry = {
            "intent": spec.digest[:16],
            "state": STARTED,
            "host": self._api.host,
            "since": int(time.time()),
            "body": self._body(spec),
            "job": sure[0]["id"],
        }
        self._ledger.note_job(entry)
        return {**entry, "data": sure[0]}


def remembered(ledger: Ledger, spec: JobSpec) -> Entry | None:
    """Return what the ledger knows of the last job that was meant like this; nothing is asked."""
    known = {entry["intent"]: entry for entry in ledger.jobs()}
    found = None
    while (entry := known.get(spec.digest[:16])) is not None:
        found = entry
        spec = spec._replace(turn=spec.turn + 1)
    return found
