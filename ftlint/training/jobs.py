"""Jobs of a service: lookup, description, actions, checkpoints and results.

Texts of a service are kept as they are; reporters neutralise them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from ftlint.core.errors import FtlintError, Rejected, Unreachable
from ftlint.core.files.atomic_write import write_whole
from ftlint.core.files.small_file import read_small_file
from ftlint.core.redact import among, harmless, redact, same
from ftlint.core.secret_marks import may_leak
from ftlint.core.text import plain
from ftlint.training.ledger import Ledger
from ftlint.training.providers.client import Api, Data
from ftlint.training.results import decoded
from ftlint.training.service_ids import is_id
from ftlint.training.service_messages import explained, reading
from ftlint.training.watch import ENDED, SUCCEEDED, moment, status_of

_TIMES = ("created_at", "finished_at", "estimated_finish")
_FILES = ("training_file", "validation_file")
_DESCRIBED = frozenset({
    "id", "object", "status", "model", "fine_tuned_model", "method", "hyperparameters", "suffix",
    "seed", "trained_tokens", "result_files", "error", *_TIMES, *_FILES,
})  # fmt: skip
"""Keys of a job with a field of their own in its description."""


class ResultFile(NamedTuple):
    """A results file of a job: its id on the service, its name, and its content as CSV."""

    id: str
    name: str
    data: bytes


def check_id(name: str, kind: str = "job") -> str:
    """Return an id given by a user. Raises `FtlintError` for an invalid one."""
    if not is_id(name):
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
    listed = list(islice(api.jobs(), limit + 1))
    return listed[:limit], len(listed) > limit


def ours(ledger: Ledger, host: str) -> dict[str, Data]:
    """Return the ledger's entries on jobs at a host, by job id."""
    return {
        entry["job"]: entry
        for entry in ledger.jobs()
        if isinstance(entry.get("job"), str) and entry.get("host") == host
    }


def remember(ledger: Ledger, host: str, job: Mapping[str, Any]) -> None:
    """Record the fine-tuned model of a job in the ledger, for commands that work offline."""
    model = job.get("fine_tuned_model")
    if not isinstance(model, str) or not model:
        return
    for recorded, entry in ours(ledger, host).items():
        if same(recorded, job.get("id")) and not same(entry.get("fine_tuned_model"), model):
            ledger.note_job({"intent": entry["intent"], "fine_tuned_model": model})


def method_of(job: Mapping[str, Any]) -> str:
    """Return the training method by the service's name, empty where it gives none."""
    method = job.get("method")
    kind = method.get("type") if isinstance(method, Mapping) else method
    return str(kind or "")


def describe(job: Mapping[str, Any], started_here: Iterable[str] = ()) -> Data:
    """Return plain data of a job: ISO times, its error explained.

    `started_here` holds the ids of jobs in the ledger.
    """
    error = job.get("error")
    return {
        "id": text_of(job.get("id")),
        "status": status_of(job),
        "ended": status_of(job) in ENDED,
        "started_here": among(set(started_here), job.get("id")),
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
        "other": harmless({key: job[key] for key in job if key not in _DESCRIBED}),
    }


def _hyperparameters(job: Mapping[str, Any]) -> Data:
    """Return the hyperparameters that are set, at the top level or in the method's table."""
    values: Data = {}
    for table in (job.get("hyperparameters"), _method_table(job).get("hyperparameters")):
        if isinstance(table, Mapping):
            values.update({key: value for key, value in table.items() if value is not None})
    return values


def with_files(api: Api, job: Data) -> Data:
    """Return the description of a job with those of its files."""
    return {**job, "files": {kind: _file(api, job[kind]) for kind in _FILES if job[kind]}}


def _file(api: Api, name: str) -> Data | None:
    file = api.file(name) if is_id(name) else None
    if file is None:
        return None
    return {key: harmless(file.get(key)) for key in ("id", "filename", "bytes", "status")}


def _method_table(job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the table of the method, as in {"type": "dpo", "dpo": {...}}."""
    method = job.get("method")
    table = method.get(method_of(job)) if isinstance(method, Mapping) else None
    return table if isinstance(table, Mapping) else {}


def error_of(error: Mapping[str, Any]) -> Data | None:
    """Return the error of a job with an explanation of its message, None for an empty error."""
    fields = {key: text_of(error.get(key)) for key in ("code", "message", "param")}
    if not any(fields.values()):
        return None
    found = reading(fields["message"] or "")
    return {
        **fields,
        "means": found.means if found else None,
        "rules": list(found.rules) if found else [],
    }


def insist(job: Mapping[str, Any]) -> None:
    """Raise `Rejected` for a job that did not succeed, with the reason and its explanation."""
    status = status_of(job)
    if status == SUCCEEDED:
        return
    words = f"job {job.get('id')}: {status}"
    given = job.get("error")
    error = error_of(given) if isinstance(given, Mapping) else None
    if not error:
        why = "" if status == "cancelled" else "; the service gives no reason"
        raise Rejected(words + why)
    message = error["message"] or "the service gives no reason"
    words += f" ({error['code']})" if error["code"] else ""
    words += f": {message}" + (f" [{error['param']}]" if error["param"] else "")
    raise Rejected(
        explained(words, message), service_code=error["code"] or "", service_message=message
    )


def permit(job: Mapping[str, Any], version: str, action: str) -> None:
    """Raise `FtlintError` where a version of the API lacks an action on jobs.

    `job` is that table of the profile.
    """
    versions: Mapping[str, list[str]] = job["versions"]
    if action in versions.get(version, ()):
        return
    others = [name for name, actions in versions.items() if action in actions]
    hint = f"it does with --api-version {others[0]}" if others else "nor does any other version"
    raise FtlintError(f"version {version} of this API does not {action} jobs; {hint}")


def checkpoints(api: Api, name: str, deployable: int | None) -> list[Data]:
    """Return the checkpoints of a job in order of steps.

    The last `deployable` of them can be deployed; None where that is unknown.
    """
    listed = [_checkpoint(entry) for entry in api.checkpoints(check_id(name))]
    listed.sort(key=lambda entry: entry["step"] if isinstance(entry["step"], int) else -1)
    for remaining, entry in zip(range(len(listed), 0, -1), listed, strict=True):
        entry["deployable"] = None if deployable is None else remaining <= deployable
    return listed


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
    """Return the ids of the results files of a job."""
    given = job.get("result_files")
    return [text_of(name) or "" for name in given] if isinstance(given, list) else []


def result_files(api: Api, job: Mapping[str, Any]) -> Iterator[ResultFile]:
    """Yield the results files of a job.

    Raises `Unreachable` while there are none yet, `Rejected` where there will be none.
    """
    names = result_ids(job)
    if not names:
        _raise_no_results(job)
    for name in names:
        if not is_id(name):
            words = f"job {job.get('id')} names a results file with an invalid id"
            raise Rejected(f'{words}: "{plain(name)}"; expected letters and digits')
        file = api.file(name) or {}
        data = api.content(name)
        # OpenAI serves CSV in base64; plain CSV has commas, which base64 lacks.
        yield ResultFile(name, str(file.get("filename") or "results.csv"), decoded(data) or data)


def _raise_no_results(job: Mapping[str, Any]) -> None:
    name, status = job.get("id"), status_of(job)
    if status not in ENDED:
        words = f"job {name} is {status}, and has no results yet"
        raise Unreachable(f"{words}; to wait for them: ftlint jobs watch {name}")
    insist(job)
    raise Rejected(f"job {name} has {status}, but the service names no results file")


def save(folder: str, files: Iterable[ResultFile]) -> list[str]:
    """Save files in a folder as results.csv, results-2.csv ...; return their paths.

    Raises `FtlintError` where that fails or would replace other content.
    """
    saved = []
    for number, file in enumerate(files, start=1):
        data = _without_secrets(file.data)
        path = os.path.join(folder, "results.csv" if number == 1 else f"results-{number}.csv")
        try:
            os.makedirs(folder, exist_ok=True)
            if os.path.lexists(path) and not _holds(path, data):
                raise FtlintError(f"{path} exists with other results; name another --save DIR")
            write_whole(path, data)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise FtlintError(f"{path}: cannot write: {why}") from error
        saved.append(path)
    return saved


def _without_secrets(data: bytes) -> bytes:
    """Return a file redacted; any other stays as the service has it, whatever its encoding."""
    text = data.decode("utf-8", "surrogateescape")
    return redact(text).encode("utf-8", "surrogateescape") if may_leak(text) else data


def _holds(path: str, data: bytes) -> bool:
    return os.path.getsize(path) == len(data) and read_small_file(path, len(data)) == data


def text_of(value: object) -> str | None:
    """Return a value of a service as text, None for an empty one."""
    return None if value in (None, "") else str(harmless(str(value)))
