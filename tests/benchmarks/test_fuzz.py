"""The fuzzers: mutations are repeatable, findings are saved, kept inputs stay cheap."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from benchmarks.fuzz import cost, coverage, kept, promises, runs
from benchmarks.fuzz.__main__ import main
from benchmarks.fuzz.cases import CASES, LARGEST, Case, Sample, samples
from benchmarks.fuzz.runs import Outcome

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runs are measured on Linux only")
guided = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris is not installed"
)
CLEAN = Outcome(0, 0.1, 1000)
KEPT = {name: (case, data) for name, case, data in kept.kept()}


def fuzz(tmp_path: Path, fuzzer: str, *options: str) -> str:
    """Run a fuzzer, which finds nothing, as a process; return what it prints."""
    module = [sys.executable, "-m", "benchmarks.fuzz", fuzzer, "--seed", "1"]
    command = [*module, "--folder", str(tmp_path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def unprepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what prepares a process to be forked."""
    for name in ("import_all", "warm", "freeze"):
        monkeypatch.setattr(runs, name, lambda *_: None)


def test_a_short_search_shows_the_worst_inputs_and_saves_them(tmp_path: Path) -> None:
    output = fuzz(tmp_path, "cost", "--seconds", "3")
    assert "runs; the worst:" in output
    assert list((tmp_path / "worst").glob("*/input*"))


def test_mutations_depend_on_the_seed_alone_and_stay_small() -> None:
    starts = samples()

    def mutants(seed: int) -> list[bytes]:
        chosen = Random(seed)  # noqa: S311 - it is to be repeatable
        sample, found = chosen.choice(starts), []
        for _ in range(20):
            sample = sample.mutated(chosen, chosen.choice(starts))
            found.append(sample.data)
        return found

    for seed in range(20):
        assert mutants(seed) == mutants(seed)
        assert all(len(data) <= LARGEST for data in mutants(seed))


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(-signal.SIGSEGV, 0, 0), "exit code -11"),
        (Outcome(-signal.SIGXCPU, 20.1, 0), "ended after 20 s of CPU"),
        (Outcome(-signal.SIGALRM, 0, 0), "ended after 60 s of waiting"),
        (Outcome(2, 0, 0, b"error: a bug in ftlint 0.1: x"), "a bug in ftlint 0.1: x"),
        (Outcome(1, 0, 0, b"error: a.jsonl: no such file"), None),
        (CLEAN, None),
    ],
)
def test_a_run_that_fails_is_told_from_one_that_reports(
    outcome: Outcome, words: str | None
) -> None:
    assert outcome.fault == words


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(99, 0, 0), "exit code 99"),
        (Outcome(1, 5, 0), "5.0 s"),
        (Outcome(1, 0, 10**9), "MB"),
    ],
)
def test_a_finding_ends_the_search_and_is_saved_with_its_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcome: Outcome,
    words: str,
) -> None:
    unprepared(monkeypatch)
    monkeypatch.setattr(runs, "forked", lambda *_: outcome)
    monkeypatch.setattr(runs, "alone", lambda *_: outcome)
    assert main(["cost", "--seed", "1", "--folder", str(tmp_path)]) == 1
    output = capsys.readouterr().out
    assert output.startswith("fuzzing cost for 60 s, --seed 1\n1 runs")
    found, command = output.splitlines()[-2:]
    assert words in found
    assert command.startswith(f"  cd {tmp_path}")
    assert len(list(tmp_path.glob("*--*-0/input*"))) == 1


def test_unlike_runs_are_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = iter(range(10**6))
    unprepared(monkeypatch)
    monkeypatch.setattr(runs, "forked", lambda *_: Outcome(0, 0.1, 0, b"%d" % next(outputs)))
    search = cost.Search(1, tmp_path)
    search.run(60, go_on=False)
    assert "second run" in search.findings[0].words


def test_grown_lines_are_told_apart_and_compared_with_clean_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample = Sample("a", b'{"role": "user"}\n[]')
    assert sample.grown(40) == b'{"role": "0 user"}\n[]\n{"role": "1 user"}'
    taken = iter([CLEAN, Outcome(0, 0.2, 5_000_000), Outcome(0, 3, 7_000_000)])
    monkeypatch.setattr(runs, "alone", lambda *_: next(taken))
    row = cost.table([cost.Member(sample, CASES["check"], CLEAN)], grown=True)[1]
    assert row.endswith("10 MB: 3.0 s, 7 MB, 15 x clean")


def test_an_input_is_kept_if_it_compresses(tmp_path: Path) -> None:
    assert kept.keep("wide", CASES["fix"], b"[1]" * 30_000, tmp_path)
    assert not kept.keep("noise", CASES["fix"], os.urandom(30_000), tmp_path)
    assert list(kept.kept(tmp_path)) == [("fix--wide", CASES["fix"], b"[1]" * 30_000)]


@pytest.mark.parametrize("name", KEPT)
def test_a_kept_input_ends_within_the_limits_of_a_run(name: str) -> None:
    assert runs.alone(*KEPT[name]).fault is None


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_command_line_takes_its_input(tmp_path: Path, case: Case) -> None:
    outcome = runs.alone(case, b"{}\n")
    assert outcome.fault is None
    assert b"error: " not in outcome.output


def test_promises_hold_for_a_short_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert main(["coverage", "--seconds", "2", "--seed", "1", "--folder", str(tmp_path)]) == 0
    output = capsys.readouterr().out
    assert "atheris is not installed" in output
    assert "runs without a fault" in output


def test_a_broken_promise_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise promises.BrokenPromise("more")

    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(promises, "hold", broken)
    assert coverage.fuzz(60, 1, tmp_path) == 1
    assert "BrokenPromise: more" in capsys.readouterr().out
    assert list(tmp_path.glob("broken-1-*"))


@pytest.mark.parametrize("look", range(len(promises._LOOKS)))  # noqa: SLF001 - each of them
def test_promises_hold_for_a_file_with_faults(tmp_path: Path, look: int) -> None:
    data = Path("fixtures/files/support-chat.jsonl").read_bytes()
    promises.hold(bytes([look, 0, 0]) + data, tmp_path)


def test_heads_have_one_length() -> None:
    assert promises.HEAD == coverage.HEAD


@guided
def test_atheris_guides_a_short_search(tmp_path: Path) -> None:
    assert "stat::number_of_executed_units" in fuzz(tmp_path, "coverage", "--seconds", "2")
