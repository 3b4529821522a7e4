"""Table of routes by service."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from ftlint.emulator.service import files, imports, jobs, uploads
from ftlint.emulator.service.services import Service
from ftlint.emulator.service.store import Answer, Call, Store

_ALL = ("azure", "azure-v1", "openai")
_UPLOADS = ("azure", "openai")
_PAUSE = ("azure-v1", "openai")


class Route(NamedTuple):
    """A route; `body` is json, form or none."""

    method: str
    pattern: str
    body: str
    services: tuple[str, ...]
    work: Callable[[Store, Call], Answer]


_FILE = r"/files/([^/]+)"
_UPLOAD = r"/uploads/([^/]+)"
_JOB = r"/fine_tuning/jobs/([^/]+)"

ROUTES = (
    Route("GET", "/files", "none", _ALL, files.listing),
    Route("POST", "/files", "form", _ALL, files.create),
    Route("POST", "/files/import", "json", ("azure",), imports.create),
    Route("GET", _FILE, "none", _ALL, files.retrieve),
    Route("DELETE", _FILE, "none", _ALL, files.delete),
    Route("GET", f"{_FILE}/content", "none", _ALL, files.content),
    Route("POST", "/uploads", "json", _UPLOADS, uploads.create),
    Route("POST", f"{_UPLOAD}/parts", "form", _UPLOADS, uploads.add_part),
    Route("POST", f"{_UPLOAD}/complete", "json", _UPLOADS, uploads.complete),
    Route("POST", f"{_UPLOAD}/cancel", "none", _UPLOADS, uploads.cancel),
    Route("GET", "/fine_tuning/jobs", "none", _ALL, jobs.listing),
    Route("POST", "/fine_tuning/jobs", "json", _ALL, jobs.create),
    Route("GET", _JOB, "none", _ALL, jobs.retrieve),
    Route("DELETE", _JOB, "none", ("azure",), jobs.delete),
    Route("GET", f"{_JOB}/events", "none", _ALL, jobs.events),
    Route("GET", f"{_JOB}/checkpoints", "none", _ALL, jobs.checkpoints),
    Route("POST", f"{_JOB}/cancel", "none", _ALL, jobs.cancel),
    Route("POST", f"{_JOB}/pause", "none", _PAUSE, jobs.pause),
    Route("POST", f"{_JOB}/resume", "none", _PAUSE, jobs.resume),
)
"""All routes; the first match counts."""


def find(service: Service, method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """Return the route of a request and the ids in its path, None where the service has none."""
    for route in ROUTES:
        match = re.fullmatch(route.pattern, path)
        if match and route.method == method and service.name in route.services:
            return route, match.groups()
    return None
