"""State of the emulated services: settings, clock, and resources by id."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ftlint.emulator.faults import Fault
from ftlint.emulator.service.bodies import Field, natural
from ftlint.emulator.service.course import Job
from ftlint.emulator.service.records import File, Upload
from ftlint.emulator.service.services import Refusal, Service

KEY = "FTLINT_EMULATOR_KEY"
"""Environment variable with the only valid key; without it, any key is valid."""
_JOIN_TIMEOUT = 5
"""Seconds to wait for each import to stop."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Behaviour of an emulator.

    `delay` is the seconds of each step of a file or job (0: it is done at the next request),
    `paging` whether Azure's list of files has pages, `port` the port to listen on (0: any free
    one), `key` the only valid key (empty: any), `clock` returns seconds since 1970, `log` gets one
    line for each request, `record` tells whether exchanges are kept.
    """

    delay: float = 0.2
    faults: Sequence[Fault] = ()
    paging: bool = False
    port: int = 0
    key: str = field(default_factory=lambda: os.environ.get(KEY, ""), repr=False)
    clock: Callable[[], float] = time.time
    log: Callable[[str], None] | None = None
    record: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """One parsed request to a service.

    `ids` are the variable segments of the path, `body` is JSON, `form` the parts of a form,
    `fault` the fault to inject, `base` the address of the service.
    """

    service: Service
    ids: tuple[str, ...]
    query: Mapping[str, str]
    body: dict[str, Any]
    form: Sequence[Field]
    fault: Fault
    base: str

    def location(self, path: str) -> str:
        """Return the address of a resource, for the header Location."""
        version = self.query.get("api-version")
        return f"{self.base}{path}" + (f"?api-version={version}" if version else "")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: JSON (`data`), the content of a file (`path`), or an empty body."""

    status: int
    data: dict[str, Any] | None = None
    path: str = ""
    location: str = ""


class Store:
    """Files, uploads and jobs by id in order of creation; their content is in `folder`.

    Access requires `lock`. `closing` is set when the emulator ends.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = tempfile.mkdtemp(prefix="ftlint-emulator-")
        self.lock = threading.RLock()
        self.closing = threading.Event()
        self.files: dict[str, File] = {}
        self.uploads: dict[str, Upload] = {}
        self.jobs: dict[str, Job] = {}
        self.threads: list[threading.Thread] = []
        self._count = 0

    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return self.settings.clock()

    def identify(self, *what: object) -> str:
        """Return a new id of 32 hexadecimal digits, reproducible for the same sequence of calls."""
        self._count += 1
        text = "\0".join(map(str, (self._count, *what)))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def close(self) -> None:
        """Stop the imports and remove all content."""
        self.closing.set()
        for thread in self.threads:
            thread.join(_JOIN_TIMEOUT)
        shutil.rmtree(self.folder, ignore_errors=True)


T = TypeVar("T", File, Upload, Job)


def get(resources: Mapping[str, T], call: Call, kind: str) -> T:
    """Return the resource of the path. Raises `Refusal` 404 where the account has none."""
    resource = resources.get(call.ids[0])
    if resource is None or resource.account != call.service.account:
        raise Refusal(404, f"The {kind} {call.ids[0]} was not found.")
    return resource


def page(
    entries: Sequence[dict[str, Any]], query: Mapping[str, str], limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """Return a page of at most `limit` entries, and whether there are more.

    Raises `Refusal` for an invalid limit, or an `after` that is not in the list.
    """
    text = query.get("limit", str(limit))
    most = natural(text)
    if not most:
        raise Refusal(400, f"limit must be a positive integer, got {text[:20]!r}.", param="limit")
    start, after = 0, query.get("after", "")
    if after:
        ids = [entry["id"] for entry in entries]
        if after not in ids:
            raise Refusal(400, f"after names {after!r}, which is not in the list.", param="after")
        start = ids.index(after) + 1
    part = list(entries[start : start + most])
    return part, start + len(part) < len(entries)
