"""Text output on jobs: tables, descriptions and requests, with a service's texts sanitized."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from ftlint.core.text import sanitize
from ftlint.reporters.draw.tables import columns
from ftlint.training.providers.client import Data
from ftlint.training.watch import figure

_HEADS = ("job", "status", "model", "method", "created", "training file", "fine-tuned model")
_CELLS = (
    "id", "status", "model", "method", "created_at", "training_file", "fine_tuned_model"
)  # fmt: skip

_LABELS = {
    "status": "status",
    "model": "model",
    "method": "method",
    "suffix": "suffix",
    "seed": "seed",
    "created_at": "created",
    "estimated_finish": "expected to end",
    "finished_at": "ended",
    "trained_tokens": "trained tokens",
    "fine_tuned_model": "fine-tuned model",
}


def listed(jobs: Sequence[Data], *, more: bool) -> Iterator[str]:
    """Yield a table of jobs; `more` tells that there are others."""
    if not jobs:
        yield "no jobs"
        return
    marks = [" *" if job["started_here"] else "" for job in jobs]
    rows = [[_cell(job[key]) for key in _CELLS] for job in jobs]
    for row, mark in zip(rows, marks, strict=True):
        row[0] += mark
    yield from columns([_HEADS, *rows], indent=0, left=len(_HEADS))
    if any(marks):
        yield "* started from this directory"
    if more:
        yield f"these are the latest {len(jobs)}; --limit N shows more"


def shown(job: Data) -> Iterator[str]:
    """Yield the full description of a job."""
    here = ", started from this directory" if job["started_here"] else ""
    yield f"{_cell(job['id'])}{here}"
    rows = [
        (f"{label}:", _value(job[key]))
        for key, label in _LABELS.items()
        if job[key] not in (None, "")
    ]
    files = job.get("files")
    rows += [
        (f"{key.replace('_', ' ')}:", _file(key, job[key], files))
        for key in ("training_file", "validation_file")
        if job[key]
    ]
    rows += [
        (f"{sanitize(name)}:", _value(value)) for name, value in job["hyperparameters"].items()
    ]
    rows += [("result file:", _cell(name)) for name in job["result_files"]]
    rows += [(f"{sanitize(name)}:", _value(value)) for name, value in job["other"].items()
             if value not in (None, "", [], {})]  # fmt: skip
    yield from columns(rows, left=2)
    if job["error"]:
        yield from _error(job["error"])


def _error(error: Mapping[str, Any]) -> Iterator[str]:
    code = f" ({_cell(error['code'])})" if error["code"] else ""
    where = f", in {_cell(error['param'])}" if error["param"] else ""
    yield f"  error{code}{where}: {_line(error['message'] or 'no reason given')}"
    if error["means"]:
        yield f"  ftlint: {error['means']}"
    if error["rules"]:
        rules = ", ".join(error["rules"])
        yield f"  detected before an upload by: {rules}; see ftlint rule {error['rules'][0]}"


def _file(kind: str, name: str, files: Mapping[str, Any] | None) -> str:
    """Format a file of a job; `files` is None where the service was not queried."""
    if files is None:
        return _cell(name)
    file = files.get(kind)
    if not file:
        return f"{_cell(name)} (no longer on the service)"
    size = file["bytes"]
    parts = [file["filename"], f"{size:,} bytes" if isinstance(size, int) else "", file["status"]]
    return f"{_cell(name)} ({', '.join(_line(part) for part in parts if part)})"


def checkpointed(entries: Sequence[Data], *, status: str, deployable: int | None) -> Iterator[str]:
    """Yield a table of checkpoints; the last `deployable` can be deployed (None: unknown)."""
    if not entries:
        words = f"no checkpoints; the job is {sanitize(status)}"
        yield f"{words}, and each completed epoch creates one"
        return
    names = list(dict.fromkeys(name for entry in entries for name in entry["metrics"]))
    heads = ["step", "model", "deployable", *names]
    rows = [
        [_cell(entry["step"]), _cell(entry["model"]), _deployable(entry["deployable"]),
         *(_figure(entry["metrics"].get(name)) for name in names)]
        for entry in entries
    ]  # fmt: skip
    yield from columns([[sanitize(head) for head in heads], *rows], indent=0, left=3)
    if deployable is not None:
        yield f"according to the profile, those of the last {deployable} epochs are deployable"


def requested(request: Mapping[str, Any], number: int | None = None) -> Iterator[str]:
    """Yield an unsent request: its first line, body and note."""
    numbering = "" if number is None else f"{number}. "
    yield f"{numbering}{request['method']} {sanitize(request['url'])}"
    if request.get("body") is not None:
        for line in orjson.dumps(request["body"], option=orjson.OPT_INDENT_2).decode().split("\n"):
            yield sanitize(line)
    if request.get("note"):
        yield f"   {request['note']}"


def known(rules: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Yield facts on deployments, each with its source."""
    for rule in rules:
        yield f"- {rule['words']}"
        yield f"  source: {rule['source']}"


def _deployable(value: bool | None) -> str:  # noqa: FBT001 - a value of the data
    return "" if value is None else ("yes" if value else "no")


def _cell(value: object) -> str:
    return "-" if value in (None, "") else _line(value)


def _line(value: object) -> str:
    return sanitize(" ".join(str(value).split()))


def _figure(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return figure(value)
    return "" if value is None else _line(value)


def _value(value: object) -> str:
    return _line(value) if isinstance(value, str) else sanitize(orjson.dumps(value).decode())
