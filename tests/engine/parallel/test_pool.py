"""Worker processes: the report is the same, and whatever ends a worker is told."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ftlint
from ftlint.config.config import Choices, resolve
from ftlint.core.errors import FtlintError
from ftlint.core.rule import RULES
from ftlint.engine import checker, range_checker
from ftlint.engine.parallel import pool
from ftlint.engine.parallel.batches import Batch
from ftlint.engine.tally import Tally
from ftlint.inputs import discovery
from ftlint.inputs.discovery import Range
from tests.engine.test_checker import LINES
from tests.rules.test_fixtures import cases, choices, name_of
from tests.support.helpers import (
    BOM,
    COMMAND,
    DEADLY,
    FATAL_RULE,
    HUMAN,
    LINE,
    environment,
    process,
    write,
)

pytestmark = pytest.mark.usefixtures("in_tmp")

_PATIENCE = 120
"""Seconds after which a test gives up, on the slowest of machines."""

LONG = LINE.replace(b'"q"', b'"' + b"why? " * 1000 + b'"') + b"\n"
MIXED = b"".join([LONG] * 30 + [HUMAN + b"\n", b"\n", b"{\n"])
"""Some 150 kB with three faults."""


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork workers, which is fast, whatever threads other tests have left behind."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


def wait_until(true: Callable[[], bool]) -> None:
    """Look again and again until something is so; fail where it never is."""
    end = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def children(pid: int) -> list[int]:
    """Return the ids of the processes that a process has started and that run."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(word) for word in found.split()]


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that is dead and not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2][1] != "Z"
    except OSError:
        return False


needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="no /proc to look at")


@needs_proc
def test_the_report_is_the_same_bytes_for_any_number_of_jobs_and_range_size() -> None:
    write("data.jsonl", BOM + MIXED * 100)
    command = ("check", "--output-format", "json", "--no-progress")
    alone = process(*command, "-j", "1", "data.jsonl")
    assert alone.returncode == 1
    assert orjson.loads(alone.stdout)["counts"]["error"] == 200
    for more in (["-j", "2"], ["-j", "3"], ["-j", "2", "--range-size", "65536"], ["-j", "auto"]):
        done = process(*command, *more, "data.jsonl")
        assert (done.returncode, done.stdout, done.stderr) == (1, alone.stdout, b"")


def test_standard_input_is_checked_by_workers_as_well() -> None:
    data = BOM + MIXED * 100
    write("data.jsonl", data)
    command = ("check", "--output-format", "json", "--ignore", "wrong-file-extension")
    one = process(*command, "-j", "1", "data.jsonl")
    two = process(*command, "-j", "2", "-", data=data)
    renamed = two.stdout.replace(b'"path": "-"', b'"path": "data.jsonl"')
    reports = [
        orjson.loads(text) for text in (one.stdout, renamed.replace(b'"-"', b'"data.jsonl"'))
    ]
    for report in reports:
        for finding in report["findings"]:
            if finding["location"]["pointer"] is None and finding["location"]["example"] is None:
                del finding["fingerprint"]  # of a file finding, it is made of the name
    assert reports[0] == reports[1]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.sampled_from(LINES), min_size=5, max_size=60),
    size=st.integers(1, 600),
    task=st.integers(1, 2000),
    jobs=st.integers(2, 4),
    keep=st.integers(0, 3),
)
def test_workers_change_nothing(
    in_tmp: Path,
    monkeypatch: pytest.MonkeyPatch,
    forked: None,
    lines: list[bytes],
    size: int,
    task: int,
    jobs: int,
    keep: int,
) -> None:
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        (in_tmp / name).write_bytes(b"".join(lines))
        lines = lines[len(lines) // 2 :]
    whole = ftlint.check(".", max_findings=keep)
    with monkeypatch.context() as patch:
        patch.setattr(discovery, "RANGE_SIZE", task)
        assert ftlint.check(".", jobs=jobs, range_size=size, max_findings=keep) == whole


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shuffle=st.randoms(use_true_random=False), task=st.integers(1, 3000))
def test_a_map_may_return_results_in_any_order_and_merged(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch, shuffle: random.Random, task: int
) -> None:
    (in_tmp / "data.jsonl").write_bytes(b"".join(LINES) * 9)

    def shuffled(check: Callable[[Batch], Tally], batches: Iterable[Batch]) -> Iterator[Tally]:
        found = [check(batch) for batch in batches]
        shuffle.shuffle(found)
        while len(found) > 2:
            yield found.pop().merge(found.pop())
        yield from found

    whole = ftlint.check("data.jsonl", max_findings=3)
    with monkeypatch.context() as patch:
        patch.setattr(discovery, "RANGE_SIZE", task)
        assert ftlint.check("data.jsonl", map=shuffled, range_size=200, max_findings=3) == whole


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_tells_all_bytes_once(jobs: int) -> None:
    write("a.jsonl", MIXED * 60)
    write("b.jsonl", MIXED)
    asked: list[int] = []
    steps: list[int] = []

    def progress(total: int) -> Callable[[int], None]:
        asked.append(total)
        return steps.append

    checker.check(["."], resolve(RULES), map=pool.spread(jobs), progress=progress)
    assert asked == [sum(steps)] == [61 * len(MIXED)]
    assert len(steps) > 2


@pytest.mark.parametrize("times", [0, 2])
def test_a_map_that_loses_or_doubles_results_is_found_out(in_tmp: Path, times: int) -> None:
    (in_tmp / "data.jsonl").write_bytes(MIXED)

    def wrong(check: Callable[[Batch], Tally], batches: Iterable[Batch]) -> Iterator[Tally]:
        for batch in batches:
            yield from [check(batch)] * times

    with pytest.raises(FtlintError, match="bytes came back from the map"):
        ftlint.check("data.jsonl", map=wrong)


@contextmanager
def begun(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """Start a check of 300 MB by two workers; give the process, and the ids of these."""
    with open("data.jsonl", "wb") as file:
        file.write(BOM)
        file.writelines(MIXED for _ in range(2000))
    try:
        with subprocess.Popen(
            [*COMMAND, "check", "-j", "2", *arguments, "data.jsonl"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        ) as running:
            wait_until(lambda: len(children(running.pid)) == 2 or running.poll() is not None)
            assert running.poll() is None
            yield running, children(running.pid)
    finally:
        os.remove("data.jsonl")


@needs_proc
def test_a_worker_that_is_killed_is_named_and_the_rest_is_checked() -> None:
    with begun("--output-format", "json") as (running, pids):
        os.kill(pids[0], signal.SIGKILL)
        out, err = running.communicate(timeout=_PATIENCE)
    assert running.returncode == 2
    report = orjson.loads(out)
    assert not report["passed"]
    assert not report["inputs"][0]["passed"]
    [error] = report["errors"]
    start, message = error["byte_offset"], error["message"]
    assert f"data.jsonl: the worker process checking bytes {start:,} to " in message
    assert "killed by signal 9, SIGKILL" in message
    assert err.decode() == f"error: {message}\n"
    assert report["inputs"][0]["lines"] == 33 * 2000  # those that were not checked are counted
    lost = 2000 - report["rules"]["unknown-role"]["error"]
    assert 0 < lost * len(MIXED) < 2 * discovery.RANGE_SIZE


@needs_proc
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["the parent", "all, as a terminal"])
def test_an_interrupt_ends_all_workers_and_exits_130(send: Callable[[int, int], None]) -> None:
    with begun() as (running, pids):
        send(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=_PATIENCE)
        wait_until(lambda: not any(map(runs, pids)))
    assert running.returncode == 130
    assert (out, err.split()) == (b"", [b"interrupted"])


@needs_proc
def test_no_worker_outlives_its_parent() -> None:
    with begun() as (running, pids):
        running.kill()
        wait_until(lambda: not any(map(runs, pids)))


FATAL = f"""{FATAL_RULE}
import sys
import ftlint, orjson
from ftlint.inputs import discovery

if __name__ == "__main__":
    discovery.RANGE_SIZE = 5000
    report = ftlint.check("data", jobs=2, select=["fatal", "unknown-role"])
    sys.stdout.buffer.write(orjson.dumps(report.to_dict()))
"""


def run_fatal(data: dict[str, bytes]) -> ftlint.Report:
    """Check files with a rule that ends the process at some of them."""
    for name, lines in data.items():
        write(f"data/{name}", lines)
    write("fatal.py", FATAL.encode())
    done = subprocess.run(
        [sys.executable, "fatal.py"], capture_output=True, check=True, timeout=_PATIENCE
    )
    return ftlint.Report.from_dict(orjson.loads(done.stdout))


def test_of_many_small_files_only_the_one_that_ends_a_worker_is_lost() -> None:
    data = {f"{number:03}.jsonl": (HUMAN + b"\n") * 10 for number in range(100)}
    data["042.jsonl"] = data["077.jsonl"] = LINE + b"\n" + DEADLY + b"\n"
    report = run_fatal(data)
    assert [error.path for error in report.errors] == ["data/042.jsonl", "data/077.jsonl"]
    assert "bytes 0 to 164 died (exit code 3)" in report.errors[0].message
    assert report.rules["unknown-role"]["error"] == 980
    assert [entry.path for entry in report.inputs if entry.lines != 10] == [
        "data/042.jsonl",
        "data/077.jsonl",
    ]


def test_a_run_in_which_workers_go_on_dying_ends() -> None:
    data = {f"{number:03}.jsonl": DEADLY + b"\n" for number in range(80)}
    report = run_fatal(data)
    assert len(report.errors) == 80
    assert "worker processes died; try --jobs 1" in report.errors[-1].message
    assert not report.passed


def test_where_memory_runs_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    known = range_checker.check_range

    def hungry(part: Range, *rest: Any) -> Tally:
        if part.path == "a.jsonl":
            raise MemoryError
        return known(part, *rest)

    monkeypatch.setattr(checker, "check_range", hungry)
    write("a.jsonl", LINE)
    write("b.jsonl", HUMAN)
    report = ftlint.check(["a.jsonl", "b.jsonl"])
    [error] = report.errors
    assert (error.path, error.byte_offset) == ("a.jsonl", 0)
    assert "out of memory at bytes 0 to 79" in error.message
    assert report.rules["unknown-role"]["error"] == 1


def test_spawned_workers_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    write("data.jsonl", MIXED * 60)
    assert ftlint.check("data.jsonl", jobs=2) == ftlint.check("data.jsonl")


@pytest.mark.parametrize("size", [discovery.RANGE_SIZE, 1 << 16])
def test_a_rule_that_workers_do_not_know_is_refused(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    write("data.jsonl", MIXED * 60)

    @ftlint.rule("known-here-only", severity="error", on=ftlint.Event.ROW)
    def known_here_only(example: object, options: object) -> Iterator[ftlint.Hit]:
        """Find nothing."""
        yield from ()

    try:
        with pytest.raises(FtlintError, match="'known-here-only' is not declared in the process"):
            ftlint.check("data.jsonl", jobs=2, range_size=size)
    finally:
        del RULES["known-here-only"]


def test_workers_of_a_command_given_to_python() -> None:
    write("data.jsonl", BOM + MIXED * 60)
    script = "import ftlint; print(ftlint.check('data.jsonl', jobs=2).counts['error'])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, timeout=_PATIENCE
    )
    assert (done.stdout.strip(), done.stderr) == (b"120", b"")


def test_little_data_starts_no_processes() -> None:
    write("data.jsonl", MIXED)
    script = (
        "import sys; from ftlint.cli import run\n"
        "run(['check', '-qq', 'data.jsonl']); run(['check', '-qq', '-j', '4', 'data.jsonl'])\n"
        "print([name for name in sys.modules if 'multiprocessing' in name])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_there_is_a_worker_for_each_processor_that_may_be_used() -> None:
    assert pool.usable() >= 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-j", "0"], "'0' is neither auto nor a number from 1 up"),
        (["-j", "-2"], "'-2' is neither auto nor a number from 1 up"),
        (["--jobs", "many"], "'many' is neither auto nor a number from 1 up"),
        (["--range-size", "0"], "--range-size"),
        (["--scheduler", "tcp://127.0.0.1:1"], "add --engine dask"),
        (["--engine", "dask"], "needs --scheduler ADDRESS, or DASK_SCHEDULER_ADDRESS"),
        (["--engine", "dask", "--scheduler", "a", "-j", "2"], "--jobs is about this machine"),
        (["--engine", "ray"], "'ray' is not one of 'local', 'dask'"),
    ],
)
@pytest.mark.parametrize("command", ["check", "fix"])
def test_options_that_make_no_sense_are_refused(
    command: str, arguments: list[str], words: str
) -> None:
    done = process(command, *arguments, write("data.jsonl", MIXED))
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_the_python_api_refuses_the_same() -> None:
    write("data.jsonl", MIXED)
    with pytest.raises(FtlintError, match="jobs is 0; give a number from 1 up"):
        ftlint.check("data.jsonl", jobs=0)
    with pytest.raises(FtlintError, match="range size is 0; give at least 1 byte"):
        ftlint.check("data.jsonl", range_size=0)
    with pytest.raises(FtlintError, match="give one of them"):
        ftlint.check("data.jsonl", jobs=2, map=map)


@pytest.mark.parametrize("jobs", ["1", "2", "auto"])
def test_memory_is_bounded_whatever_the_length_of_a_line(jobs: str) -> None:
    with open("data.jsonl", "wb") as file:
        file.write(b'{"messages": "' + b"x" * (2 << 20))
        file.truncate(500_000_000)
    limit = 'ulimit -v 600000; exec "$@"'
    done = subprocess.run(
        ["/bin/sh", "-c", limit, "sh", *COMMAND, "check", "-j", jobs, "--output-format", "concise",
         "--ignore", "missing-bom", "data.jsonl"],
        capture_output=True,
        check=False,
        env=environment(),
    )  # fmt: skip
    assert done.stderr == b""
    assert done.returncode == 1
    assert b"error[line-too-long]" in done.stdout


@pytest.mark.parametrize(("rule", "bad"), cases("bad"), ids=name_of)
def test_what_a_rule_finds_does_not_depend_on_the_cut(
    rule: str, bad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def backwards(check: Callable[[Batch], Tally], batches: Iterable[Batch]) -> Iterator[Tally]:
        yield from [check(batch) for batch in batches][::-1]

    header = bad.with_name(bad.stem.replace("bad", "expected", 1) + ".txt").read_text().split("\n")
    chosen = {**choices(rule, header[0], bad.parent), "select": ["ALL"]}
    for keep, size, task in ((0, 3000, 1), (2, 1, 1000)):
        chosen["max_findings"] = keep
        whole = ftlint.check(bad, **cast("Choices", chosen))
        with monkeypatch.context() as patch:
            patch.setattr(discovery, "RANGE_SIZE", task)
            cut = ftlint.check(bad, map=backwards, range_size=size, **cast("Choices", chosen))
        assert cut == whole
