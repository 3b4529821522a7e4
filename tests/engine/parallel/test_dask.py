"""The Dask engine, on a real scheduler and two real workers on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import orjson
import pytest
from distributed import Client

import ftlint
from ftlint.cli import run
from ftlint.core.errors import FtlintError
from ftlint.core.rule import RULES
from ftlint.engine.parallel import dask as cluster
from ftlint.engine.parallel.batches import Batch
from ftlint.engine.parallel.dask import Task, check_task, connect
from ftlint.engine.tally import Tally
from ftlint.inputs.discovery import Range
from tests.engine.parallel.test_pool import LONG, MIXED, wait_until
from tests.support.azurite import Azurite
from tests.support.helpers import (
    BOM,
    COMMAND,
    DEADLY,
    FATAL_RULE,
    HUMAN,
    LINE,
    environment,
    one_line,
    process,
    report_of,
    write,
)

pytestmark = pytest.mark.usefixtures("in_tmp")

_PATIENCE = 120
"""Seconds after which a test gives up, on the slowest of machines."""

DASK = str(Path(sys.executable).with_name("dask"))


class Cluster:
    """A scheduler and two workers of one thread each, as processes; a client to watch them.

    `env` is added to their environment, `options` to the command of the workers.
    """

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None, *options: str) -> None:
        self._folder, self._env = folder, environment(env)
        self._env["DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE"] = "False"
        self._options = options
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        file = folder / "scheduler.json"
        wait_until(lambda: file.exists() and file.read_bytes().endswith(b"}"))
        self.address: str = orjson.loads(file.read_bytes())["address"]
        self.workers = [self.start_worker(name) for name in ("one", "two")]
        self.client: Any = Client(  # type: ignore[no-untyped-call]
            self.address, set_as_default=False
        )
        wait_until(lambda: len(self.client.nthreads()) == 2)

    def _start(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        with open(self._folder / f"{kind}.log", "ab") as log:
            return subprocess.Popen(
                [DASK, kind, "--scheduler-file", "scheduler.json", "--no-dashboard", *options],
                cwd=self._folder,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_worker(self, name: str) -> subprocess.Popen[bytes]:
        """Start a worker; `--no-nanny` among the options makes it the process itself."""
        options = ("--name", name, "--nthreads", "1", "--host", "127.0.0.1", *self._options)
        return self._start("worker", *options)

    def busy(self) -> bool:
        """Tell whether the first worker checks something."""
        at_work = self.client.processing()
        names = self.client.scheduler_info()["workers"]
        return any(
            str(key).startswith("check_task")
            for address, keys in at_work.items()
            if names.get(address, {}).get("name") == "one"
            for key in keys
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        for each in (*self.workers, self.scheduler):
            os.killpg(each.pid, signal.SIGKILL)
            each.wait()


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("dask"), None, "--no-nanny") as started:
        yield started


def check(address: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a check on a cluster, for a JSON report."""
    options = ("--engine", "dask", "--scheduler", address, "--output-format", "json")
    return process("check", *options, *arguments)


def begun(address: str, *arguments: str, env: Mapping[str, str] | None = None) -> Any:
    """Start such a check."""
    return subprocess.Popen(
        [*COMMAND, "check", "--engine", "dask", "--scheduler", address, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(env),
    )


def test_the_report_is_that_of_one_process(dask: Cluster) -> None:
    write("data/large.jsonl", BOM + MIXED * 100)
    for number in range(150):
        write(f"data/{number:03}.jsonl", MIXED[len(LONG) * (number % 31) :])
    alone = process("check", "-j", "1", "--output-format", "json", "data")
    for more in ([], ["--range-size", "65536"]):
        done = check(dask.address, *more, "data")
        assert (done.returncode, done.stdout, done.stderr) == (1, alone.stdout, b"")


def test_the_scheduler_is_found_in_the_environment(dask: Cluster) -> None:
    data = BOM + (LINE + b"\n") * 50
    env = {"DASK_SCHEDULER_ADDRESS": dask.address}
    done = process("check", "--engine", "dask", "-qq", "-", data=data, env=env)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_worker_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    write("data.jsonl", BOM + MIXED * 300)
    alone = process("check", "-j", "1", "--output-format", "json", "data.jsonl")
    with Cluster(tmp_path, None, "--no-nanny") as started:
        running = begun(started.address, "--output-format", "json", "data.jsonl")
        wait_until(lambda: started.busy() or running.poll() is not None)
        assert running.poll() is None
        os.killpg(started.workers[0].pid, signal.SIGKILL)
        out, err = running.communicate(timeout=_PATIENCE)
    assert (running.returncode, out, err) == (1, alone.stdout, b"")


def test_files_in_azure_are_read_by_the_workers(tmp_path: Path, azurite: Azurite) -> None:
    env = {"AZURE_STORAGE_CONNECTION_STRING": azurite.connection}
    urls = [
        azurite.upload("dask/large.jsonl", BOM + MIXED * 200),
        azurite.upload("dask/small.jsonl", MIXED),
    ]
    command = ("check", "-j", "1", "--output-format", "json")
    alone = process(*command, *urls, env=env)
    assert alone.returncode == 1
    with Cluster(tmp_path, env, "--no-nanny") as started:
        running = begun(started.address, "--output-format", "json", *urls, env=env)
        wait_until(lambda: started.busy() or running.poll() is not None)
        assert running.poll() is None
        os.killpg(started.workers[0].pid, signal.SIGKILL)
        out, err = running.communicate(timeout=_PATIENCE)
    assert (running.returncode, out, err) == (1, alone.stdout, b"")


def test_an_interrupt_cancels_the_tasks(dask: Cluster) -> None:
    write("data.jsonl", MIXED * 600)
    running = begun(dask.address, "data.jsonl")
    wait_until(lambda: dask.busy() or running.poll() is not None)
    while running.poll() is None:
        running.send_signal(signal.SIGINT)
        time.sleep(0.1)
    out, err = running.communicate()
    assert running.returncode == 130
    assert (out, err.split()) == (b"", [b"interrupted"])
    wait_until(lambda: not any(dask.client.processing().values()))
    os.remove("data.jsonl")


def test_a_scheduler_that_goes_away_ends_the_check(tmp_path: Path) -> None:
    write("data.jsonl", MIXED * 600)
    with Cluster(tmp_path, None, "--no-nanny") as started:
        running = begun(started.address, "data.jsonl")
        wait_until(lambda: started.busy() or running.poll() is not None)
        os.killpg(started.scheduler.pid, signal.SIGKILL)
        out, err = running.communicate(timeout=_PATIENCE)
    assert (running.returncode, out) == (2, b"")
    assert "the Dask scheduler went away" in one_line(err.decode())
    os.remove("data.jsonl")


def test_a_range_that_goes_on_killing_workers_is_named(tmp_path: Path) -> None:
    write("fatal.py", FATAL_RULE.encode())
    write("bad.jsonl", DEADLY)
    write("good.jsonl", (HUMAN + b"\n") * 50)
    script = (
        "import sys, orjson, fatal, ftlint; from ftlint.engine.parallel.dask import connect\n"
        "if __name__ == '__main__':\n"
        "    choices = {'select': ['fatal', 'unknown-role'], 'range_size': 10}\n"
        "    with connect(sys.argv[1]) as spread:\n"
        "        report = ftlint.check(sys.argv[2:], map=spread, **choices)\n"
        "    print(orjson.dumps(report.to_dict()).decode())\n"
    )
    env = {
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
        "PYTHONPATH": str(Path.cwd()),
    }
    with Cluster(tmp_path, env, "--nanny", "--preload", "fatal") as started:
        command = [sys.executable, "-c", script, started.address]
        done = subprocess.run(
            [*command, "bad.jsonl"],
            capture_output=True,
            check=False,
            env=environment(env),
            timeout=_PATIENCE,
        )
        wait_until(lambda: len(started.client.nthreads()) > 0)
        good = subprocess.run(
            [*command, "good.jsonl"],
            capture_output=True,
            check=False,
            env=environment(env),
            timeout=_PATIENCE,
        )
    assert done.returncode == 0, done.stderr
    report = ftlint.Report.from_dict(orjson.loads(done.stdout))
    [error] = report.errors
    assert error.message.startswith("bad.jsonl: bytes 0 to 83 were not checked: each worker")
    assert not report.passed
    counts = orjson.loads(good.stdout)["counts"]
    assert counts["error"] == 50


def test_a_rule_that_workers_do_not_know_is_told(dask: Cluster, in_tmp: Path) -> None:
    @ftlint.rule("known-here-only", severity="error", on=ftlint.Event.ROW)
    def known_here_only(example: object, options: object) -> Iterator[ftlint.Hit]:
        """Find nothing."""
        yield from ()

    try:
        with pytest.raises(FtlintError, match="not declared in the process that checks"):
            run_api(dask.address, write("data.jsonl"))
    finally:
        del RULES["known-here-only"]


def run_api(address: str, path: str) -> ftlint.Report:
    """Check a file on a cluster from Python."""
    with connect(address) as spread:
        return ftlint.check(path, map=spread)


def test_the_python_api_takes_a_cluster_for_a_map(dask: Cluster) -> None:
    path = write("data.jsonl", MIXED)
    assert run_api(dask.address, path) == ftlint.check(path)


def test_another_version_on_the_workers_is_refused(
    dask: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "__version__", "99.0")
    with pytest.raises(FtlintError, match=r"2 of 2 workers of the cluster have ftlint 0\.1\.0"):
        run_api(dask.address, write("data.jsonl"))
    monkeypatch.setattr(cluster, "_compare_versions", lambda _: None)  # of a worker that came late
    with pytest.raises(
        FtlintError, match=r"a worker of the cluster has ftlint 0\.1\.0, the client 99"
    ):
        run_api(dask.address, write("data.jsonl"))


def test_a_cluster_without_workers_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "_LONELY", 1)
    with Cluster(tmp_path, None, "--no-nanny") as started:
        for each in started.workers:
            os.killpg(each.pid, signal.SIGKILL)
        wait_until(lambda: not started.client.nthreads())
        code = run(["check", "--engine", "dask", "--scheduler", started.address, write("a.jsonl")])
    assert code == 2
    assert "the Dask cluster has had no worker for 1 seconds" in one_line(capsys.readouterr().err)


def test_a_scheduler_that_does_not_answer_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT", 1)
    address = "tcp://127.0.0.1:1"
    assert run(["check", "--engine", "dask", "--scheduler", address, write("a.jsonl")]) == 2
    error = one_line(capsys.readouterr().err)
    assert f"no Dask scheduler answers at {address!r} within 1 seconds" in error


@pytest.mark.parametrize("address", ["nonsense", "what://127.0.0.1:1"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    done = check(address, write("a.jsonl"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"no Dask scheduler answers at {address!r}" in one_line(done.stderr.decode())


def test_the_extra_is_named_where_it_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert run(["check", "--engine", "dask", "--scheduler", "a", write("a.jsonl")]) == 2
    assert "pip install 'ftlint[dask]'" in one_line(capsys.readouterr().err)


def task_of(path: str) -> Task:
    size = os.path.getsize(path)
    return Task.of(Batch((Range(path, path, 0, size, "chat", text=True),)))


def found_by(task: Task) -> Tally:
    def checked(batch: Batch) -> Tally:
        return Tally(0, done=batch.size)

    return check_task(checked, task, ftlint.__version__)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: os.remove("a.jsonl"), "cannot read it (no such file or directory)"),
        (lambda: write("a.jsonl", MIXED + b"\n"), "has another file of this name"),
        (lambda: os.utime("a.jsonl", (1, 1)), "has another file of this name"),
    ],
)
def test_a_file_that_a_worker_does_not_see_as_it_is_here(
    change: Callable[[], object], words: str
) -> None:
    task = task_of(write("a.jsonl", MIXED))
    assert not found_by(task).errors
    change()
    found = found_by(task)
    [error] = found.errors.values()
    assert error.message.startswith(f"a.jsonl: a worker of the cluster {words}; put it on a disk")
    assert found.done == len(MIXED)


def test_progress_and_counts_of_a_report_of_the_cluster(
    dask: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    write("data.jsonl", MIXED)
    report = report_of(capsys, "--engine", "dask", "--scheduler", dask.address, "data.jsonl")
    assert report.counts["error"] == 3
