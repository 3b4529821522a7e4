"""Measure commands: wall time, CPU and peak memory of whole processes, in interleaved rounds.

The speed of a machine drifts by a tenth and more while it works, so times are compared only
within a round, in which every command runs once: A B C, A B C, ... A ratio is the median of the
ratios of the rounds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

TIMED = str(Path(__file__).with_name("timed.py"))


class BenchmarkError(Exception):
    """A command ended otherwise than it must, so its figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line: the program by its full path, arguments, and the file that it reads.

    `code` is the exit code that it must have.
    """

    label: str
    program: tuple[str, ...]
    path: Path | None = None
    code: int = 0

    @property
    def arguments(self) -> list[str]:
        """The whole command line; the file stands last."""
        return [*self.program, *([str(self.path)] if self.path else [])]


class Run(NamedTuple):
    """What one run took: seconds, seconds of CPU of the tree, bytes of its largest process."""

    wall: float
    cpu: float
    peak: int


class Spread(NamedTuple):
    """A median, and the least and the greatest value."""

    median: float
    low: float
    high: float


Runs = dict[str, list[Run]]
"""The runs of each command, by label, in the order of the rounds."""


def run(command: Command) -> Run:
    """Run a command once.

    Raises `BenchmarkError` when it ends with another code than its own.
    """
    # -I -S: as small as Python can be, see timed.py
    shell = [sys.executable, "-I", "-S", TIMED, *command.arguments]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    fields = done.stdout.split()
    if done.returncode or len(fields) != 4 or int(fields[0]) != command.code:
        code = fields[0] if fields else done.returncode
        raise BenchmarkError(
            f"{command.label}: exit code {code}, expected {command.code}; "
            f"the command was: {' '.join(command.arguments)}\n{done.stderr[-2000:]}"
        )
    return Run(float(fields[1]), float(fields[2]), int(fields[3]) * 1024)


def rounds(commands: Sequence[Command], count: int) -> Runs:
    """Run each command once in each of `count` rounds, after one that is not measured."""
    runs: Runs = {command.label: [] for command in commands}
    for number in range(count + 1):
        for command in commands:
            taken = run(command)
            if number:
                runs[command.label].append(taken)
    return runs


def spread(values: Sequence[float]) -> Spread:
    """Return the median, least and greatest of `values`, of which there is at least one."""
    return Spread(statistics.median(values), min(values), max(values))


def ratio(runs: Runs, over: str, under: str) -> Spread:
    """Return the wall time of `over` in that of `under`, taken round by round."""
    pairs = zip(runs[over], runs[under], strict=True)
    return spread([one.wall / other.wall for one, other in pairs])
