"""Runs of one command line with limits of time and memory, and what they took.

Most runs are forks of this process, which has everything imported: they take milliseconds besides
the work itself. What looks too expensive is run again as a user would, in a process of its own.
"""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import ftlint
from benchmarks.fuzz.cases import Case
from benchmarks.measure import TIMED
from ftlint.analysis.tokens.vocabulary import VOCABULARIES, load
from ftlint.cli import run

SECONDS = 2.0
"""CPU time that no input of `cases.LARGEST` bytes may take, the start of the program included."""

MEMORY = 300_000_000
"""Bytes of memory that no such input may take, the program included."""

_STOP = 20
"""Seconds of CPU after which a run is ended: far beyond the limit, to see how far it goes."""

_HANG = 60
"""Seconds after which a run is ended that only waits."""

_SPACE = 4_000_000_000
"""Bytes of address space of a run: enough to see by how much a limit is exceeded."""

_BLAMES = (b"a bug in ftlint", b"please report this", b"Traceback (most recent call last)")
"""Words by which the program owns that it failed."""

_CODES = (0, 1, 2)
"""Exit codes of a command that reads files."""

_UNIMPORTED = ("__main__", "dask")
"""Last parts of the names of modules that are not imported ahead: one runs, one is an extra."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run took: exit code (negative: signal), seconds of CPU, bytes of memory, output.

    In a fork the memory is what was added to that of this process.
    """

    code: int
    seconds: float
    memory: int
    output: bytes = b""

    @property
    def fault(self) -> str | None:
        """What is wrong with the run itself, None if nothing."""
        if self.code == -signal.SIGXCPU:
            return f"ended after {self.seconds:.0f} s of CPU"
        if self.code == -signal.SIGALRM:
            return f"ended after {_HANG} s of waiting"
        if self.code not in _CODES:
            return f"exit code {self.code}"
        for words in _BLAMES:
            if words in self.output:
                start = self.output.index(words)
                return self.output[start : start + 200].decode(errors="replace")
        return None

    @property
    def excess(self) -> str | None:
        """Which limit is exceeded, None if none is."""
        if self.seconds > SECONDS:
            return f"{self.seconds:.1f} s of CPU"
        return f"{self.memory / 1e6:,.0f} MB" if self.memory > MEMORY else None


def import_all() -> None:
    """Import and load whatever a check may need, so that no run is charged for it."""
    for module in pkgutil.walk_packages(ftlint.__path__, "ftlint."):
        if module.name.rpartition(".")[2] not in _UNIMPORTED:
            importlib.import_module(module.name)
    for name in ("chardet", "difflib", "PIL.Image", "jsonschema", "tiktoken", "rich.console"):
        importlib.import_module(name)
    for name in VOCABULARIES:
        load(name)


def warm(case: Case, data: bytes) -> None:
    """Run a command line here, to fill the caches of what does not depend on the input."""
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w", encoding="utf-8") as null:
        arguments = case.prepare(data, Path(folder))
        with chdir(folder), redirect_stdout(null), redirect_stderr(null):
            run(arguments)


def freeze() -> None:
    """Leave what is alive alone, so that forks neither look at it nor copy it."""
    gc.collect()
    gc.freeze()


def forked(case: Case, data: bytes) -> Outcome:
    """Run a command line in a fork of this process."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        arguments = case.prepare(data, Path(folder))
        before = _resident()
        child = os.fork()
        if child == 0:
            _be_child(arguments, folder, output.fileno())
        _, status, used = os.wait4(child, 0)
        output.seek(0)
        return Outcome(
            os.waitstatus_to_exitcode(status),
            used.ru_utime + used.ru_stime,
            max(used.ru_maxrss * 1024 - before, 0),
            output.read(),
        )


def _be_child(arguments: list[str], folder: str, output: int) -> NoReturn:
    """Run a command line in a folder, and end this process."""
    code = 99
    try:
        os.chdir(folder)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115 - until the process ends
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (_STOP, _STOP + 5))
        resource.setrlimit(resource.RLIMIT_AS, (_SPACE, _SPACE))
        signal.alarm(_HANG)
        code = run(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _resident() -> int:
    """Return the memory (bytes) that this process has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


_LIMITED = 'ulimit -c 0; ulimit -t "$1"; ulimit -v "$2"; shift 2; exec "$@"'


def _limited(seconds: int, *command: str) -> list[str]:
    """Return a command that runs another with limits of CPU time and memory."""
    return ["/bin/sh", "-c", _LIMITED, "sh", str(seconds), str(_SPACE // 1024), *command]


def alone(case: Case, data: bytes, seconds: int = _STOP) -> Outcome:
    """Run a command line as a user would, in a process of its own, for some seconds of CPU."""
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-m", "ftlint", *case.prepare(data, Path(folder))]
        measured = _limited(seconds, sys.executable, "-I", "-S", TIMED, *program)
        done = subprocess.run(measured, capture_output=True, check=False, cwd=folder)
        fields = done.stdout.split()
        if done.returncode or len(fields) != 4:
            return Outcome(done.returncode or 99, 0, 0, done.stderr)
        code, _, spent, memory = (float(field) for field in fields)
        return Outcome(int(code), spent, int(memory) * 1024, done.stderr)
