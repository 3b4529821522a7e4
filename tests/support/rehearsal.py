"""Jobs on an emulated service, and a clock that waiting moves on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from ftlint.cli import run
from ftlint.config.profile import load_profile
from ftlint.core.rule import RULES
from ftlint.emulator import Emulator
from ftlint.training.ledger import FOLDER, Ledger
from ftlint.training.providers import connect, find, retry
from ftlint.training.providers.client import Api
from tests.support.helpers import one_line, write
from tests.support.service import GOOD, MODEL, Serving

Captured = pytest.CaptureFixture[str]


class Clock:
    """The time of the emulator, in seconds since 1970; who sleeps moves it on."""

    def __init__(self) -> None:
        self.now = 1_760_000_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Rehearsal:
    """An emulator and its clock; a step of a file or job takes a second."""

    def __init__(self, emulator: Emulator, clock: Clock, clients: ExitStack) -> None:
        self.emulator, self.clock, self._clients = emulator, clock, clients

    @property
    def host(self) -> str:
        """Where it listens, as it is shown."""
        return self.emulator.address.removeprefix("http://")

    def api(self, profile: str = "azure", version: str | None = None) -> Api:
        """Return a client."""
        upload = load_profile(profile, RULES).upload
        api = connect(find(upload, None, version), logging.getLogger("service"))
        return self._clients.enter_context(closing(api))

    def asked(self) -> list[str]:
        """Return the requests so far, and forget them."""
        found = [f"{one.method} {one.below}" for one in self.emulator.exchanges]
        self.emulator.exchanges.clear()
        return found

    def file(self, api: Api, data: bytes = GOOD, name: str = "train.jsonl") -> str:
        """Upload a file, and wait until it is processed; return its id."""
        with open(write(name, data), "rb", buffering=0) as stream:
            file = api.create_file(stream, name, {"purpose": "fine-tune"})
        self.clock.sleep(10)
        return str(file["id"])

    def job(self, api: Api | None = None, *, data: bytes = GOOD, **more: Any) -> str:
        """Start a job; return its id."""
        api = api or self.api()
        tier = {"trainingType": "standard"} if api.name == "azure" else {}
        body = {
            "model": MODEL,
            "training_file": self.file(api, data),
            "validation_file": self.file(api, name="valid.jsonl"),
            "seed": 7,
            **tier,
            **more,
        }
        return str(api.create_job(body)["id"])

    def note(self, job: str, **more: Any) -> None:
        """Note a job in the ledger, as `ftlint launch` does."""
        entry = {"intent": "abc", "state": "started", "host": self.host, "since": 0, "body": {}}
        Ledger(FOLDER).note_job({**entry, "job": job, **more})


@contextmanager
def rehearsal(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, *faults: str
) -> Iterator[Rehearsal]:
    """Run a service with faults, and have the environment point to it."""
    clock = Clock()
    with ExitStack() as clients, serving(*faults, delay=1, clock=clock) as emulator:
        monkeypatch.setattr(retry, "sleep", clock.sleep)
        yield Rehearsal(emulator, clock, clients)


@pytest.fixture
def service(serving: Serving, monkeypatch: pytest.MonkeyPatch, in_tmp: Path) -> Iterator[Rehearsal]:
    """Run a service without faults."""
    with rehearsal(serving, monkeypatch) as running:
        yield running


def result_of(capsys: Captured, *arguments: str, code: int = 0) -> Any:
    """Run a command of `ftlint jobs` and read the JSON that it prints."""
    capsys.readouterr()
    assert run(["jobs", *arguments, "--output-format", "json"]) == code
    return orjson.loads(capsys.readouterr().out)


def lines(capsys: Captured, *arguments: str, code: int = 0) -> list[str]:
    """Run a command of `ftlint jobs`; return what it prints."""
    capsys.readouterr()
    assert run(["jobs", *arguments]) == code
    return capsys.readouterr().out.splitlines()


def failed(capsys: Captured, *arguments: str, code: int) -> str:
    """Run a command of `ftlint jobs` that fails; return the message."""
    capsys.readouterr()
    assert run(["jobs", *arguments]) == code
    return one_line(capsys.readouterr().err.splitlines(keepends=True)[-1])


def answer(monkeypatch: pytest.MonkeyPatch, **job: Any) -> None:
    """Have the service describe any job like this."""
    given = {"id": "ftjob-1", "status": "running", "model": "gpt", "training_file": "file-1", **job}
    monkeypatch.setattr(Api, "job", lambda *_: given)
    monkeypatch.setattr(Api, "jobs", lambda *_: iter([given]))
