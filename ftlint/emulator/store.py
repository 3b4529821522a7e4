"""What the emulated services hold: settings, the clock, and the things by their ids."""

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

from ftlint.emulator.bodies import Field, natural
from ftlint.emulator.course import Job
from ftlint.emulator.faults import Fault
from ftlint.emulator.records import File, Upload
from ftlint.emulator.services import Refusal, Service

KEY = "FTLINT_EMULATOR_KEY"
"""The variable of the environment that holds the only key to be taken; without it, any is."""
_PATIENCE = 5
"""Seconds that an import may take to notice the end."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How an emulator behaves.

    `delay` are the seconds of each step of a file or job (0: it is through when it is next looked
    at), `paging` whether Azure's list of files has pages, `port` where to listen (0: any free
    port), `key` the only key that is taken (empty: any), `clock` returns the time (seconds since
    1970), `log` is told each request in one line, `record` says whether exchanges are kept.
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
    """One request, read: what is asked of which service.

    `ids` are the variable steps of the path; `body` is JSON, `form` the parts of a form; `fault`
    is what goes wrong with what is made; `base` is the address of the service.
    """

    service: Service
    ids: tuple[str, ...]
    query: Mapping[str, str]
    body: dict[str, Any]
    form: Sequence[Field]
    fault: Fault
    base: str

    def here(self, path: str) -> str:
        """Return the address of something, for Location."""
        version = self.query.get("api-version")
        return f"{self.base}{path}" + (f"?api-version={version}" if version else "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: JSON (`data`), the bytes of a file (`path`) or nothing."""

    status: int
    data: dict[str, Any] | None = None
    path: str = ""
    location: str = ""


class Store:
    """Files, uploads and jobs by id, in the order they were made; the bytes are in `folder`.

    Whoever reads or changes them holds `lock`. `closing` is set when the emulator ends.
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
        self._made = 0

    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return self.settings.clock()

    def identify(self, *what: object) -> str:
        """Return 32 hexadecimal digits for a new thing: the same for the same things in order."""
        self._made += 1
        text = "\0".join(map(str, (self._made, *what)))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def close(self) -> None:
        """End what is under way and remove the bytes."""
        self.closing.set()
        for thread in self.threads:
            thread.join(_PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)


T = TypeVar("T", File, Upload, Job)


def get(things: Mapping[str, T], call: Call, what: str) -> T:
    """Return the thing that the path names. Raises `Refusal` 404 where the account has none."""
    found = things.get(call.ids[0])
    if found is None or found.account != call.service.account:
        raise Refusal(404, f"The {what} {call.ids[0]} was not found.")
    return found


def page(
    entries: Sequence[dict[str, Any]], query: Mapping[str, str], limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """Return the entries after `after`, at most `limit`, and whether there are more.

    Raises `Refusal` for a limit that is no number, or an id that is not in the list.
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
