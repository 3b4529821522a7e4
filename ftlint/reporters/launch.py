"""Text output of upload, launch and run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from ftlint.core.text import sanitize
from ftlint.reporters.summary import size
from ftlint.training.launch.reconcile import PENDING
from ftlint.training.upload.uploader import UploadedFile


def sent_lines(files: Iterable[UploadedFile]) -> Iterator[str]:
    """Yield a line for each file on the service."""
    for file in files:
        how = "reused" if file.reused else f"sent by {file.route}"
        place = f"{file.file} on {file.host}, {file.status}"
        yield sanitize(f"{file.path}: {size(file.bytes)} {how}: {place} ({file.name})")


def plan_lines(uploads: Iterable[Mapping[str, Any]], *, sends: bool) -> Iterator[str]:
    """Yield the plan for each file; a missing one is uploaded if the command `sends`."""
    for plan in uploads:
        file = f"{plan['path']}: {size(plan['bytes'])}"
        if plan["file"]:
            yield sanitize(f"would use {file}, uploaded earlier as {plan['file']}")
        elif sends:
            yield sanitize(f"would upload {file} by {plan['route']} ({plan['reason']})")
        else:
            yield sanitize(f"would look for {file}, not uploaded from here; see ftlint upload")
        yield sanitize(f"  as {plan['name']}, sha256 {plan['sha256']}")


def before_lines(before: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the ledger's record of an earlier job of the same specification."""
    if before is None:
        return
    if before.get("job"):
        words = f"job {before['job']} was started for this earlier: --yes uses it unless it failed"
        yield sanitize(f"{words} or was cancelled; --again starts another")
    elif before["state"] == PENDING:
        words = f"a request for this got no answer (intent {before['intent']})"
        yield f"{words}: --yes searches for its job and does not send it again"


def request_lines(url: str, body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the request that would start a job."""
    yield sanitize(f"would start a job: POST {url}")
    for line in orjson.dumps(body, option=orjson.OPT_INDENT_2).decode().split("\n"):
        yield sanitize(f"  {line}")


def job_lines(job: Mapping[str, Any], host: str, how: str) -> Iterator[str]:
    """Yield a line on a job."""
    yield sanitize(f"job {job.get('id')} on {host}: {job.get('status')} ({how})")
