"""Jobs of a service: found, described, acted on; their checkpoints and results.

What a service says is copied as it is; those who show it make it harmless.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from ftlint.beside import write_whole
from ftlint.failures import Rejected, Unreachable
from ftlint.ledger import Ledger
from ftlint.locate import plain
from ftlint.model import FtlintError
from ftlint.providers.api import Api, Data
from ftlint.readings import explained, reading
from ftlint.redact import harmless
from ftlint.results import decoded
from ftlint.watch import ENDED, SUCCEEDED, moment, status_of

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,254}")
"""Ids go into paths, so no character that means something there is taken."""

_TIMES = ("created_at", "finished_at", "estimated_finish")
_FILES = ("training_file", "validation_file")
_TOLD = frozenset({
    "id", "object", "status", "model", "fine_tuned_model", "method", "hyperparameters", "suffix",
    "seed", "trained_tokens", "result_files", "error", *_TIMES, *_FILES,
})  # fmt: skip
"""Keys of a job that have a place of their own in its description."""


class ResultFile(NamedTuple):
    """A file with results of a job: its id on the service, its name and its bytes, as CSV."""

    id: str
    name: str
    data: bytes


def check_id(name: str, kind: str = "job") -> str:
    """Return an id that a user gave. Raises `FtlintError` for what is none."""
    if not _ID.fullmatch(name):
        words = f'{kind} "{plain(name)}" is no id: expected letters, digits, and . _ : - among them'
        raise FtlintError(f"{words}; ftlint jobs list shows the ids of jobs")
    return name


def find(api: Api, name: str) -> Data:
    """Return a job by its id. Raises `Rejected` where the service has none."""
    job = api.job(check_id(name))
    if job is None:
        raise Rejected(f"no job {name} at {api.host}; see ftlint jobs list", status=404)
    return job


def latest(api: Api, limit: int) -> tuple[list[Data], bool]:
    """Return the latest jobs, at most `limit`, and whether there are more."""
    found = list(islice(api.jobs(), limit + 1))
    return found[:limit], len(found) > limit


def ours(ledger: Ledger, host: str) -> dict[str, Data]:
    """Return what the ledger knows of jobs at a host, by their ids."""
    return {
        entry["job"]: entry
        for entry in ledger.jobs()
        if isinstance(entry.get("job"), str) and entry.get("host") == host
    }


def remember(ledger: Ledger, host: str, job: Mapping[str, Any]) -> None:
    """Note the model that came out of a job of ours, for commands that ask no service."""
    model = job.get("fine_tuned_model")
    entry = ours(ledger, host).get(str(job.get("id")))
    if entry and isinstance(model, str) and model and entry.get("fine_tuned_model") != model:
        ledger.note_job({"intent": entry["intent"], "fine_tuned_model": model})


def method_of(job: Mapping[str, Any]) -> str:
    """Return the training method, as the service calls it; "" where it does not say."""
    method = job.get("method")
    kind = method.get("type") if isinstance(method, Mapping) else method
    return str(kind or "")


def describe(job: Mapping[str, Any], known: Iterable[str] = ()) -> Data:
    """Return plain data of a job: times in ISO, its error read; `known` are the ids of ours."""
    error = job.get("error")
    return {
        "id": text_of(job.get("id")),
        "status": status_of(job),
        "ended": status_of(job) in ENDED,
        "started_here": text_of(job.get("id")) in set(known),
        "model": text_of(job.get("model")),
        "method": method_of(job),
        "fine_tuned_model": text_of(job.get("fine_tuned_model")),
        **{name: moment(job.get(name)) or None for name in _TIMES},
        **{name: text_of(job.get(name)) for name in _FILES},
        "suffix": text_of(job.get("suffix")),
        "seed": harmless(job.get("seed")),
        "hyperparameters": harmless(_hyperparameters(job)),
        "trained_tokens": harmless(job.get("trained_tokens")),
        "result_files": result_ids(job),
        "error": error_of(error) if isinstance(error, Mapping) else None,
        "other": harmless({key: job[key] for key in job if key not in _TOLD}),
    }


def _hyperparameters(job: Mapping[str, Any]) -> Data:
    """Return what was set of them, beside the model or in the table of the method."""
    told: Data = {}
    for table in (job.get("hyperparameters"), _of_method(job).get("hyperparameters")):
        if isinstance(table, Mapping):
            told.update({key: value for key, value in table.items() if value is not None})
    return told


def with_files(api: Api, told: Data) -> Data:
    """Add to the description of a job what the service says of its files."""
    return {**told, "files": {kind: _file(api, told[kind]) for kind in _FILES if told[kind]}}


def _file(api: Api, name: str) -> Data | None:
    found = api.file(name) if _ID.fullmatch(name) else None
    if found is None:
        return None
    return {key: harmless(found.get(key)) for key in ("id", "filename", "bytes", "status")}


def _of_method(job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a job says of its method, as in {"type": "dpo", "dpo": {...}}."""
    method = job.get("method")
    table = method.get(method_of(job)) if isinstance(method, Mapping) else None
    return table if isinstance(table, Mapping) else {}


def error_of(error: Mapping[str, Any]) -> Data | None:
    """Return the error of a job, with what ftlint knows of its message; None for an empty one."""
    told = {key: text_of(error.get(key)) for key in ("code", "message", "param")}
    if not any(told.values()):
        return None
    known = reading(told["message"] or "")
    return {
        **told,
        "means": known.means if known else None,
        "rules": list(known.rules) if known else [],
    }


def insist(job: Mapping[str, Any]) -> None:
    """Raise `Rejected` for a job that ended other than well, with the reason and its reading."""
    status = status_of(job)
    if status == SUCCEEDED:
        return
    words = f"job {job.get('id')}: {status}"
    error = job.get("error")
    told = error_of(error) if isinstance(error, Mapping) else None
    if not told:
        why = "" if status == "cancelled" else "; the service gives no reason"
        raise Rejected(words + why)
    message = told["message"] or "the service gives no reason"
    words += f" ({told['code']})" if told["code"] else ""
    words += f": {message}" + (f" [{told['param']}]" if told["param"] else "")
    raise Rejected(explained(words, message), answer=told["code"] or "", said=message)


def permit(job: Mapping[str, Any], version: str, action: str) -> None:
    """Raise `FtlintError` where a version of the API does not have an action.

    `job` is that table of the profile.
    """
    versions: Mapping[str, list[str]] = job["versions"]
    if action in versions.get(version, ()):
        return
    having = [name for name, actions in versions.items() if action in actions]
    hint = f"it does with --api-version {having[0]}" if having else "nor does any other version"
    raise FtlintError(f"version {version} of this API does not {action} jobs; {hint}")


def checkpoints(api: Api, name: str, deployable: int | None) -> list[Data]:
    """Return the checkpoints of a job, the first step first.

    The last `deployable` of them can be deployed; None where the service does not say.
    """
    told = [_checkpoint(entry) for entry in api.checkpoints(check_id(name))]
    told.sort(key=lambda entry: entry["step"] if isinstance(entry["step"], int) else -1)
    for left, entry in zip(range(len(told), 0, -1), told, strict=True):
        entry["deployable"] = None if deployable is None else left <= deployable
    return told


def _checkpoint(entry: Mapping[str, Any]) -> Data:
    metrics = entry.get("metrics")
    metrics = metrics if isinstance(metrics, Mapping) else {}
    step = entry.get("step_number", metrics.get("step"))
    return {
        "step": harmless(step),
        "model": text_of(entry.get("fine_tuned_model_checkpoint")),
        "created_at": moment(entry.get("created_at")) or None,
        "metrics": harmless({key: value for key, value in metrics.items() if key != "step"}),
    }


def result_ids(job: Mapping[str, Any]) -> list[str]:
    """Return the ids of the files with the results of a job."""
    given = job.get("result_files")
    return [text_of(name) or "" for name in given] if isinstance(given, list) else []


def result_files(api: Api, job: Mapping[str, Any]) -> Iterator[ResultFile]:
    """Yield the files with the results of a job.

    Raises `Unreachable` while there are none yet, `Rejected` where there will be none.
    """
    names = result_ids(job)
    if not names:
        _explain_none(job)
    for name in names:
        if not _ID.fullmatch(name):
            words = f"job {job.get('id')} names a result file that is no id"
            raise Rejected(f'{words}: "{plain(name)}"; expected letters and digits')
        file = api.file(name) or {}
        data = api.content(name)
        # OpenAI gives its CSV out in base64, in which there is no comma.
        yield ResultFile(name, str(file.get("filename") or "results.csv"), decoded(data) or data)


def _explain_none(job: Mapping[str, Any]) -> None:
    name, status = job.get("id"), status_of(job)
    if status not in ENDED:
        words = f"job {name} is {status}, and has no results yet"
        raise Unreachable(f"{words}; to wait for them: ftlint jobs watch {name}")
    insist(job)
    raise Rejected(f"job {name} has {status}, and the service names no file of results")


def save(folder: str, files: Iterable[ResultFile]) -> list[str]:
    """Keep files in a folder as results.csv, results-2.csv ...; return their paths.

    Raises `FtlintError` where that fails, or where another file is in the way.
    """
    saved = []
    for number, file in enumerate(files, start=1):
        path = os.path.join(folder, "results.csv" if number == 1 else f"results-{number}.csv")
        try:
            os.makedirs(folder, exist_ok=True)
            if os.path.lexists(path) and _bytes_of(path) != file.data:
                raise FtlintError(f"{path} is there, with other results; name another --save DIR")
            write_whole(path, file.data)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise FtlintError(f"{path}: cannot write: {why}") from error
        saved.append(path)
    return saved


def _bytes_of(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def text_of(value: object) -> str | None:
    """Return what a service gives as a text, None where it gives nothing."""
    return None if value in (None, "") else str(harmless(str(value)))
