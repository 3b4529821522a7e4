"""Start of a job: the intent is on disk before the request, which is sent once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from ftlint.core.errors import (
    Failure,
    Rejected,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from ftlint.training.launch.existing_jobs import ExistingJobs
from ftlint.training.launch.reconcile import FORGOTTEN, NOT_STARTED, PENDING, STARTED, reconcile
from ftlint.training.launch.request import Body, JobSpec, body_of
from ftlint.training.ledger import Ledger
from ftlint.training.log import ProgressLog
from ftlint.training.providers.client import Api
from ftlint.training.providers.retry import Again, with_retries
from ftlint.training.service_messages import explained
from ftlint.training.state_file import Entry

Data = dict[str, Any]


class Started(NamedTuple):
    """A job on the service, with the service's own `data` on it.

    `adopted` tells that it was found after a lost answer, `reused` that an earlier command had
    started it.
    """

    intent: str
    data: Data
    adopted: bool = False
    reused: bool = False


def start(
    api: Api,
    ledger: Ledger,
    spec: JobSpec,
    job: Mapping[str, Any],
    *,
    files: Mapping[str, str | None],
    again: bool = False,
    patience: float = 60.0,
    poll: float = 5.0,
    log: ProgressLog,
) -> Started:
    """Ensure that a job of the specification exists; `files` are ids by role.

    An existing one, started from here or elsewhere, is reused unless it failed, was cancelled, or
    `again` asks for another. After a lost answer, the jobs are searched for it, every `poll`
    seconds for `patience` seconds. Raises `UnknownOutcome` where it is not found or ambiguous: the
    request is never sent a second time.
    """

    def body(spec: JobSpec) -> Body:
        return body_of(spec, job, api.version, train=str(files["train"]),
                       validation=files.get("validation"))  # fmt: skip

    with ledger.lock("jobs", f"another ftlint starts a job on {api.host}"):
        _require_sound(ledger)
        spec, entry = ExistingJobs(api, ledger, body).match(spec, again=again)
        if entry is not None and entry["state"] == PENDING:
            log.info(f"intent {entry['intent']}: an earlier request got no answer")
            data = reconcile(api, ledger, entry, patience=patience, poll=poll)
            return Started(entry["intent"], data, adopted=True)
        if entry is not None:
            data = entry["data"]
            log.info(f"job {data['id']} was started for this earlier; --again starts another")
            return Started(entry["intent"], data, reused=True)
        intent = {
            "intent": spec.digest[:16],
            "state": PENDING,
            "host": api.host,
            "since": int(time.time()),
            "body": body(spec),
        }
        ledger.note_job(intent)
        return _send(api, ledger, intent, patience=patience, poll=poll, log=log)


def _require_sound(ledger: Ledger) -> None:
    """Set a damaged ledger aside. Raises `UnknownOutcome` then: it may have had this very job."""
    if damaged := ledger.repair_jobs():
        words = f"{damaged}; a request that got no answer may be missing from it"
        advice = "look with ftlint jobs list and ftlint jobs reconcile, then run this again"
        raise UnknownOutcome(f"{words}; {advice}")


def _send(
    api: Api,
    ledger: Ledger,
    intent: Entry,
    *,
    patience: float,
    poll: float,
    log: ProgressLog,
) -> Started:
    name = intent["intent"]

    def note(state: str, **more: Any) -> None:
        ledger.note_job({"intent": name, "state": state, **more})

    sending = False

    def create() -> Data:
        nonlocal sending
        sending = True
        try:
            return api.create_job(intent["body"])
        except Again as error:
            sending = error.sent
            raise

    try:
        data = with_retries(create, api.log.info, while_=lambda error: not error.sent)
    except KeyboardInterrupt:
        if not sending:  # interrupted while waiting to send it again
            note(NOT_STARTED)
        raise
    except (Again, Rejected, Unauthorized) as error:
        if not _unknown(error):
            note(NOT_STARTED)
            raise _with_advice(error) from error
        log.info(f"{error}; searching for the job")
        data = reconcile(api, ledger, intent, patience=patience, poll=poll)
        return Started(name, data, adopted=True)
    note(STARTED, job=data["id"])
    return Started(name, data)


def _unknown(error: Failure) -> bool:
    """Return whether a failed request may have started a job."""
    if isinstance(error, Again):
        return error.sent
    return isinstance(error, Rejected) and not error.status


def _with_advice(error: Failure) -> Failure:
    """Return a failure with its explanation and remedy."""
    if isinstance(error, Again):
        return Unreachable(f"{error}; no job was started, run this again")
    if isinstance(error, Rejected):
        words = explained(str(error), error.service_message)
        return Rejected(
            words,
            status=error.status,
            service_code=error.service_code,
            service_message=error.service_message,
        )
    return error


def forget(ledger: Ledger, intent: str) -> None:
    """Mark an intent as not started; the user has verified that it has no job."""
    ledger.note_job({"intent": intent, "state": FORGOTTEN})
