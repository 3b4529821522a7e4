"""Commands against a service on which things go wrong: what is done, and what must hold after it.

A scenario is a list of steps. In each of them something may happen to the files of the user, then
one command runs, while the service has faults and the process may be killed.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from ssl import SSLContext
from typing import Any, NamedTuple, Self

import orjson
import pytest

from ftlint.cli import run
from ftlint.emulator import Emulator, Fault, Settings
from ftlint.emulator.faults import Faults
from ftlint.training.ledger import FOLDER
from ftlint.training.providers import retry
from ftlint.training.providers.client import Api
from tests.support.helpers import BOM, HUMAN, whole, write
from tests.support.service import KEY, LINE, MODEL

TRAIN, VALID, RECEIPT = "train.jsonl", "valid.jsonl", "receipt.json"
FAMILIES = {"azure": ("2024-10-21", "v1"), "openai": ("v1",)}
SEED = "5"

_LINES = [LINE % (number, number) for number in range(20)]
_TURNED = [line.replace(b'"a ', b'"b ') for line in _LINES]
VERSIONS = (whole(*_LINES, mark=b""), whole(*_TURNED, mark=b""), whole(*_LINES[:15], mark=b""))
"""Training files that pass, the first two of equal size."""

_RUN = ("--profile", "parts.toml", "--yes", "--reconcile-for", "0")
_BAD = whole(*_LINES, HUMAN, mark=b"")


class KilledError(BaseException):
    """What stands for a kill of the process: nothing handles it."""


class Step(NamedTuple):
    """One command, and what happens before it and meanwhile.

    `before` is done to the files of the user first. `strike` comes at the request of number `at`,
    before or `after` it: "kill", "interrupt", or "change" (of the training file).
    """

    command: str
    options: tuple[str, ...] = ()
    before: str = ""
    version: int = 0
    faults: tuple[str, ...] = ()
    strike: str = ""
    at: int = 0
    after: bool = False


class Ran(NamedTuple):
    """What came of a command: its exit code (None: killed), its JSON, its standard error."""

    code: int | None
    data: Mapping[str, Any]
    error: str


class World:
    """A folder of the user's, a service, and what has been done to both."""

    def __init__(self, family: str, *, validated: bool) -> None:
        self.family = family
        self._mark = BOM if family == "azure" else b""
        self._validated = validated
        self._again: Counter[bool] = Counter()
        self._lost: set[str] = set()
        self._faulty = False
        self._exits = contextlib.ExitStack()
        self.emulator = Emulator(Settings(delay=0, key=KEY))

    def __enter__(self) -> Self:
        patch = self._exits.enter_context(pytest.MonkeyPatch.context())
        self._exits.enter_context(self.emulator)
        patch.setattr(retry, "sleep", lambda _: None)
        patch.setattr(SSLContext, "load_verify_locations", lambda *_, **__: None)  # slow, not used
        for name in ("AZURE_OPENAI", "OPENAI"):
            patch.setenv(f"{name}_API_KEY", KEY)
        patch.setenv("AZURE_OPENAI_ENDPOINT", self.emulator.address)
        patch.setenv("OPENAI_BASE_URL", f"{self.emulator.address}/v1")
        extends = f'title = "small"\nextends = "{self.family}"\n'
        write("parts.toml", f"{extends}[upload]\nparts_from = 500\npart_size = 400\n".encode())
        self._change(0)
        write(VALID, self._mark + whole(*_TURNED[:12], mark=b""))
        self._check(RECEIPT)
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def _change(self, version: int) -> None:
        write(TRAIN, self._mark + (*VERSIONS, _BAD)[version])

    def _files(self) -> tuple[str, ...]:
        more = ("--validation", VALID) if self._validated else ()
        return (TRAIN, "--model", MODEL, *more)

    def _check(self, receipt: str) -> None:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            code = run(["check", *self._files(), "--profile", "parts.toml", "--receipt", receipt])
        assert code == 0

    def before(self, what: str, version: int) -> None:
        """Do something to the files of the user."""
        folder = Path(FOLDER)
        if what == "change":
            self._change(version)
        elif what == "forget all":
            shutil.rmtree(folder, ignore_errors=True)
        elif what and folder.exists():
            for path in folder.glob(what):
                data = path.read_bytes()
                path.write_bytes(data[: max(0, len(data) - 1 - 150 * version)])
        if what not in ("", "change"):
            self._lost |= set(self.emulator.uploads)

    def do(self, step: Step) -> Ran:
        """Run a step, and hold what comes of it against what must be."""
        self.before(step.before, step.version)
        self._faults(step.faults)
        bad = Path(TRAIN).read_bytes() == self._mark + _BAD
        self._faulty = self._faulty or bool(step.faults)
        with self._struck(step):
            ran = self.run(step.command, *step.options)
        self._faults(())
        hold_words(ran)
        if bad and "--receipt" not in step.options and step.command != "jobs":
            assert ran.code == 1
        else:
            self._hold_code(step, ran.code)
        self.hold()
        return ran

    def _hold_code(self, step: Step, code: int | None) -> None:
        """Hold that an exit code has a cause."""
        changed = step.strike == "change" or "--receipt" in step.options
        causes = {
            None: step.strike == "kill",
            0: True,
            3: changed or step.command == "launch",
            4: any("status=40" in fault for fault in step.faults),
            5: bool(step.faults),
            6: True,
            7: self._faulty,
            130: step.strike == "interrupt",
        }
        assert causes.get(code), (code, step)

    def run(self, command: str, *options: str) -> Ran:
        """Run a command in process."""
        out, err = io.StringIO(), io.StringIO()
        arguments = ["--output-format", "json", "--poll", "0", *options]
        if command == "jobs":
            arguments = ["jobs", "reconcile", "--profile", "parts.toml", *arguments]
        else:
            arguments = [command, *self._files(), *arguments]
        code = None
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            contextlib.suppress(KilledError),
        ):
            code = run(arguments)
        text = out.getvalue()
        return Ran(code, orjson.loads(text) if text else {}, err.getvalue())

    def _faults(self, faults: tuple[str, ...]) -> None:
        parsed = tuple(Fault.parse(fault) for fault in faults)
        self.emulator._server.faults = Faults(parsed)  # noqa: SLF001 - they change while it runs

    @contextlib.contextmanager
    def _struck(self, step: Step) -> Iterator[None]:
        """Let the strike come at its request; take note of uploads whose id nobody was told."""
        real = Api._raw  # noqa: SLF001 - between a request and its answer, there is no other way
        if "--again" in step.options:
            self._again["--seed" in step.options] += 1
        count = 0

        def strike() -> None:
            if step.strike == "change":
                self._change((step.version + 1) % len(VERSIONS))
            elif step.strike:
                raise KilledError if step.strike == "kill" else KeyboardInterrupt

        def raw(api: Api, verb: str, path: str, **request: Any) -> object:
            nonlocal count
            count += 1
            there = set(self.emulator.uploads)
            try:
                if step.at == count and not step.after:
                    strike()
                answer = real(api, verb, path, **request)
                if step.at == count and step.after:
                    strike()
            except BaseException:
                self._lose(verb, path, set(self.emulator.uploads) - there)
                raise
            return answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Api, "_raw", raw)
            yield

    def _lose(self, verb: str, path: str, made: set[str]) -> None:
        """Take note of uploads that no journal can name, or that could not be cancelled."""
        if (verb, path) == ("post", "/uploads"):
            self._lost |= made
        if path.endswith("/cancel"):
            self._lost.add(path.split("/")[-2])

    def hold(self) -> None:
        """Hold the service against what must be so at any time."""
        self._hold_jobs()
        digests = {hashlib.sha256(self._mark + data).hexdigest() for data in VERSIONS}
        digests.add(hashlib.sha256(Path(VALID).read_bytes()).hexdigest())
        for file in self.emulator.files.values():
            if file.purpose == "fine-tune" and file.path:
                assert file.sha256 in digests
                assert file.filename.split(".")[1] == file.sha256[:16]
        named = {orjson.loads(path.read_bytes())["upload"] for path in _journals()}
        pending = {name for name, each in self.emulator.uploads.items() if each.status == "pending"}
        assert pending <= named | self._lost

    def _hold_jobs(self) -> None:
        """Hold that there are no two jobs for what was meant once."""
        alive: Counter[tuple[bool, str]] = Counter()
        for job in self.emulator.jobs.values():
            if not job.broken and not job.refused:
                train = self.emulator.files[job.body["training_file"]].sha256
                alive[str(job.seed) == SEED, train] += 1
        for (seeded, _), count in alive.items():
            assert count <= 1 + self._again[seeded]

    def settle(self) -> None:
        """Hold that the command goes through soon, when all faults have ended."""
        self._change(0)
        for _ in range(6):
            ran = self.do(Step("run", _RUN))
            if ran.code == 0:
                break
            if ran.code == 6 and self.do(Step("jobs")).code == 6:
                intent = ran.data["error"]["message"].partition("for intent ")[2].split(" ")[0]
                assert self.do(Step("jobs", ("--forget", intent))).code == 0
        assert ran.code == 0, ran
        assert ran.data["job"]["status"] == "succeeded"
        assert all(file["status"] == "processed" for file in ran.data["files"])
        (sent,) = [file for file in ran.data["files"] if file["role"] == "train"]
        assert self.emulator.files[sent["file"]].sha256 == sent["sha256"]
        job = self.emulator.jobs[ran.data["job"]["id"]]
        assert job.body["training_file"] == sent["file"]
        self._settled(ran)

    def _settled(self, ran: Ran) -> None:
        """Hold that the job is found again where nothing is remembered."""
        jobs = len(self.emulator.jobs)
        step = Step("run", (*_RUN, "--receipt", RECEIPT), before="forget all")
        found = self.do(step)
        assert found.code == 0, found
        assert found.data["how"] == "started before"
        assert len(self.emulator.jobs) == jobs
        assert self._again or found.data["job"]["id"] == ran.data["job"]["id"]


def _journals() -> list[Path]:
    found = Path(FOLDER).glob("upload-*.json")
    return [path for path in found if _readable(path)]


def _readable(path: Path) -> bool:
    try:
        return "upload" in orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return False


def hold_words(ran: Ran) -> None:
    """Hold what a command says against what it must be."""
    assert "a bug in ftlint" not in ran.error
    assert "Traceback" not in ran.error
    if ran.code is None:
        assert ran.data == {}
    elif ran.code not in (0, 1):
        assert ran.data["error"]["exit_code"] == ran.code, ran
