"""What upload, launch and run did, or would do, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from ftlint.locate import sanitize
from ftlint.reporters.summary import size
from ftlint.upload import Sent


def sent_lines(files: Iterable[Sent]) -> Iterator[str]:
    """Yield a line for each file that the service has."""
    for file in files:
        how = "reused" if file.reused else f"sent by {file.route}"
        place = f"{file.file} on {file.host}, {file.status}"
        yield sanitize(f"{file.path}: {size(file.bytes)} {how}: {place} ({file.name})")


def plan_lines(uploads: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each file that would be sent."""
    for plan in uploads:
        known = f", there before as {plan['file']}" if plan["file"] else ""
        route = f"by {plan['route']} ({plan['reason']})"
        yield sanitize(f"would upload {plan['path']}: {size(plan['bytes'])} {route}{known}")
        yield sanitize(f"  as {plan['name']}, sha256 {plan['sha256']}")


def request_lines(url: str, body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the request that would start a job."""
    yield sanitize(f"would start a job: POST {url}")
    for line in orjson.dumps(body, option=orjson.OPT_INDENT_2).decode().split("\n"):
        yield sanitize(f"  {line}")


def job_lines(job: Mapping[str, Any], host: str, how: str) -> Iterator[str]:
    """Yield what a job is."""
    yield sanitize(f"job {job.get('id')} on {host}: {job.get('status')} ({how})")
