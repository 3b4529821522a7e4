"""The cost fuzzer: it evolves inputs that take most CPU time, or most memory, for their size.

An input stays in the population while nothing of its descent is worse under the same command line.
A seed gives the same mutations; which of them stay depends on measured times.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import corpus
from benchmarks.fuzz import kept, runs
from benchmarks.fuzz.cases import CASES, GROWN, Case, Sample, samples
from benchmarks.fuzz.runs import Outcome

_CONSTANT = 10_000
"""Bytes added to each size: what a check costs besides its input is no finding."""

_BETTER = 1.05
"""Factor by which an input must be worse than another to take its place; times are not exact."""

_CONFIRM = 0.5
"""Part of a limit from which a run is repeated in a process of its own."""

_TOURNAMENT = 8
"""Inputs of which the worst one is mutated next."""

_REPEATED = 0.02
"""Part of the runs that are repeated, to see whether exit code and output are the same."""

_WARMING = 0.1
"""Part of the time that is spent on filling caches, before anything is measured."""

_CLEAN = ("few-examples", "formula")
"""Kinds of the inputs, data and document, that stand for next to nothing."""

_PATIENCE = 200
"""Seconds of CPU for an input of 10 MB: as long as the limit for 100 kB lets it take."""

_WORST = 10
"""Inputs that are reported."""

Score = Callable[["Member"], float]


@dataclass(frozen=True, slots=True)
class Member:
    """An input with its command line, and what that took of time and memory, less the start."""

    sample: Sample
    case: Case
    outcome: Outcome

    @property
    def per_byte(self) -> float:
        """Seconds a byte."""
        return self.outcome.seconds / (len(self.sample.data) + _CONSTANT)

    @property
    def memory_per_byte(self) -> float:
        """Bytes of memory a byte."""
        return self.outcome.memory / (len(self.sample.data) + _CONSTANT)


@dataclass(frozen=True, slots=True)
class Finding:
    """An input that fails or exceeds a limit, in what way, and the command that repeats it."""

    member: Member
    words: str
    command: str


class Search:
    """A search; `folder` takes the inputs of findings."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.folder = folder
        self.findings: list[Finding] = []
        self.count = 0
        self._random = random.Random(seed)
        self._slow: dict[tuple[str, str], Member] = {}
        self._large: dict[tuple[str, str], Member] = {}
        self._starts = samples()
        self._base: dict[str, float] = {}

    def run(self, seconds: float, *, go_on: bool) -> None:
        """Search for a time; end at the first finding, or `go_on` without its descendants."""
        waiting = self._random.sample(self._starts, len(self._starts))
        self._prepare(waiting, time.monotonic() + seconds * _WARMING)
        end = time.monotonic() + seconds
        while time.monotonic() < end and (go_on or not self.findings):
            if waiting and self._random.random() < 0.5:
                sample = waiting.pop()
                self._try(sample, sample.case(self._random))
            elif self._slow:
                parent = self._parent()
                sample = parent.sample.mutated(self._random, self._random.choice(self._starts))
                other = self._random.random() < 0.1
                self._try(sample, sample.case(self._random) if other else parent.case)

    def worst(self) -> list[Member]:
        """Return the worst inputs of the population, one of a kind, by time and then memory."""
        chosen: dict[str, Member] = {}
        slow = sorted(self._slow.values(), key=lambda member: -member.per_byte)
        large = sorted(self._large.values(), key=lambda member: -member.memory_per_byte)
        for members, size in ((slow, _WORST * 7 // 10), (large, _WORST)):
            for member in members:
                if len(chosen) < size and (member.outcome.seconds or member.outcome.memory):
                    chosen.setdefault(member.sample.kind, member)
        return list(chosen.values())

    def _prepare(self, waiting: Sequence[Sample], end: float) -> None:
        """Import, fill caches until `end`, and time each command line for next to nothing."""
        runs.import_all()
        inputs = {sample.document: sample.data for sample in self._starts if sample.kind in _CLEAN}
        clean = [(case, inputs[bool(case.document)]) for case in CASES.values()]
        for case, data in clean:
            runs.warm(case, data)
        for sample in waiting:
            if time.monotonic() > end:
                break
            runs.warm(sample.case(self._random), sample.data)
        runs.freeze()
        for case, data in clean:
            self._base[case.name] = min(runs.forked(case, data).seconds for _ in range(2))

    def _parent(self) -> Member:
        by_time = self._random.random() < 0.7
        members = list((self._slow if by_time else self._large).values())
        drawn = self._random.choices(members, k=self._random.choice((1, _TOURNAMENT)))
        return max(drawn, key=_per_byte if by_time else _memory_per_byte)

    def _try(self, sample: Sample, case: Case) -> None:
        """Run an input; let it in where it is worse than what stands there."""
        self.count += 1
        outcome = runs.forked(case, sample.data)
        if self._is_finding(sample, case, outcome):
            return
        member = self._member(sample, case, outcome)
        place = case.name, sample.kind
        if self._takes(self._slow, place, member, _per_byte):
            again = self._member(sample, case, runs.forked(case, sample.data))
            quicker = min(member, again, key=_per_byte)
            if self._takes(self._slow, place, quicker, _per_byte):
                self._slow[place] = quicker
        if self._takes(self._large, place, member, _memory_per_byte):
            self._large[place] = member

    def _member(self, sample: Sample, case: Case, outcome: Outcome) -> Member:
        seconds = max(outcome.seconds - self._base[case.name], 0)
        return Member(sample, case, Outcome(outcome.code, seconds, outcome.memory))

    @staticmethod
    def _takes(
        members: dict[tuple[str, str], Member], place: tuple[str, str], new: Member, score: Score
    ) -> bool:
        return place not in members or score(new) > score(members[place]) * _BETTER

    def _is_finding(self, sample: Sample, case: Case, outcome: Outcome) -> bool:
        """Note what is wrong with a run, if anything; what is too expensive is run again, alone."""
        words = outcome.fault
        if words is None and self._random.random() < _REPEATED:
            again = runs.forked(case, sample.data)
            if (again.code, again.output) != (outcome.code, outcome.output):
                words = "a second run has another exit code or output"
        near = outcome.seconds > runs.SECONDS * _CONFIRM or outcome.memory > runs.MEMORY * _CONFIRM
        if words is None and near:
            outcome = min((runs.alone(case, sample.data) for _ in range(2)), key=_seconds)
            words = outcome.fault or outcome.excess
        if words is None:
            return False
        member = Member(sample, case, outcome)
        name = f"{sample.kind}-{len(self.findings)}"
        command = kept.save(self.folder, name, case, sample.data)
        self.findings.append(Finding(member, words, command))
        return True


def _per_byte(member: Member) -> float:
    return member.per_byte


def _memory_per_byte(member: Member) -> float:
    return member.memory_per_byte


def _seconds(outcome: Outcome) -> float:
    return outcome.seconds


def table(members: Sequence[Member], *, grown: bool = False) -> list[str]:
    """Return the lines of a table: inputs, and what they take in a process of their own.

    With `grown`, it also compares files of 10 MB of their lines with clean ones.
    """
    lines = [
        "case                 kind                               bytes  seconds     MB  us/byte"
    ]
    for member in members:
        taken = runs.alone(member.case, member.sample.data)
        size = len(member.sample.data)
        line = (
            f"{member.case.name:20} {member.sample.kind:32} {size:7,} {taken.seconds:8.2f} "
            f"{taken.memory / 1e6:6.0f} {member.per_byte * 1e6:8.2f}"
        )
        lines.append(f"{line}  {_grown(member)}" if grown and not member.case.document else line)
    return lines


def _grown(member: Member) -> str:
    """Return what an input takes that is grown, as a multiple of a clean file."""
    with tempfile.TemporaryDirectory() as folder:
        clean = Path(folder) / "clean.jsonl"
        corpus.write("chat", str(clean), GROWN)
        least = runs.alone(member.case, clean.read_bytes())
    taken = runs.alone(member.case, member.sample.grown(GROWN), _PATIENCE)
    words = f"10 MB: {taken.seconds:.1f} s, {taken.memory / 1e6:,.0f} MB"
    return f"{words}, {taken.seconds / least.seconds:.0f} x clean{_marked(taken)}"


def _marked(taken: Outcome) -> str:
    return f" ({taken.fault})" if taken.fault else ""
