"""The results of checking some ranges: a `Tally`, which merges with others in any order.

Stored findings are capped, counts never are. A tally keeps the first findings of each rule and
input by location, so that the sample does not depend on how the data was split into ranges.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ftlint.core.finding import Finding, Severity
from ftlint.core.report import RunError
from ftlint.core.rule import Mergeable

MAX_STORED = 10_000
"""Maximum of stored findings in total, unless all are wanted."""


Order = tuple[int, str, str]


CappedRules = frozenset[tuple[str, str]]
"""(path, rule) pairs whose findings are no longer stored; rule "" means all rules."""


class PendingFinding(NamedTuple):
    """A finding without its final line, example and fingerprint: both count from its segment.

    `segment` is the byte offset of that segment, None for a finding about the whole file;
    `digest` is the hash of the line. Of findings that are `once`, an input keeps the first.
    `group` is the key in `Tally.groups` under which the finding is counted.
    """

    finding: Finding
    segment: int | None
    digest: str
    once: bool = False
    group: tuple[str, str] | None = None

    @property
    def order(self) -> Order:
        """The sort key within an input."""
        where = self.finding.location
        return where.byte_offset, self.finding.rule, where.pointer or ""


class Segment(NamedTuple):
    """The counts of one range: lines, non-blank lines, and lines that are objects."""

    lines: int
    records: int
    examples: int


def crash(rule: str, error: Exception, path: str, offset: int | None) -> RunError:
    """Return the error for a rule that raised; `offset` is the 0-based byte of the line."""
    words = f"rule {rule} failed with {type(error).__name__}: {error}; please report this"
    return RunError(rule, path, offset, words)


@dataclass(slots=True)
class Tally:
    """The results of checking some ranges. `merge` is associative and commutative.

    `keep` is the maximum of findings to store per rule and input, 0 for all. `counts` are exact;
    for a rule that is reported once per input they count its occurrences. `states` holds the
    states of dataset rules, and those named `TOKENS` and `DATA`. `groups` counts, by path and
    (rule or rule.case, `Hit.about`), the occurrences of rules with a case `everywhere`. `done` is
    the size in bytes of the ranges checked. `capped` is the result of `StorageCap.capped`.
    """

    keep: int
    segments: dict[str, dict[int, Segment]] = field(default_factory=dict)
    counts: Counter[tuple[str, str, Severity]] = field(default_factory=Counter)
    findings: dict[tuple[str, str], list[PendingFinding]] = field(default_factory=dict)
    errors: dict[tuple[str, str, int], RunError] = field(default_factory=dict)
    states: dict[tuple[str, str], Mergeable] = field(default_factory=dict)
    groups: Counter[tuple[str, tuple[str, str]]] = field(default_factory=Counter)
    done: int = 0
    capped: CappedRules = field(default=frozenset(), repr=False, compare=False)
    _added: int = field(default=0, repr=False, compare=False)

    def room(self, path: str, rule: str, *, once: bool) -> bool:
        """Return whether a later finding of a rule, in the same range, would be stored."""
        if self.capped and ((path, rule) in self.capped or (path, "") in self.capped):
            return False
        stored = len(self.findings.get((path, rule), ()))
        return not stored if once else not self.keep or stored < self.keep

    def add(self, findings: Iterable[PendingFinding]) -> None:
        """Store findings, the first of each rule and input; count nothing."""
        for pending in findings:
            key = (pending.finding.location.path, pending.finding.rule)
            kept = self.findings.setdefault(key, [])
            keep = 1 if pending.once else self.keep
            full = bool(keep) and len(kept) >= keep
            if (
                not kept or kept[-1].order <= pending.order
            ):  # the usual case: findings come in order
                if not full:
                    kept.append(pending)
                    self._added += 1
                continue
            insort(kept, pending, key=lambda entry: entry.order)
            if full:
                kept.pop()
            else:
                self._added += 1

    def trim(self) -> None:
        """Keep the first `MAX_STORED` findings in total, by path and location."""
        if self.keep and sum(map(len, self.findings.values())) > MAX_STORED:
            ordered = sorted(
                (pending for findings in self.findings.values() for pending in findings),
                key=lambda pending: (pending.finding.location.path, pending.order),
            )
            self.findings = {}
            self.add(ordered[:MAX_STORED])
        self._added = 0

    def fail(self, error: RunError) -> None:
        """Record an error; of several with the same key, keep the first by offset."""
        earlier = self.errors.get(error.key)
        if earlier is None or error.order < earlier.order:
            self.errors[error.key] = error

    def absorb(self, other: Tally) -> None:
        """Add another tally to this one, in time proportional to the size of the other."""
        for path, segments in other.segments.items():
            self.segments.setdefault(path, {}).update(segments)
        self.counts.update(other.counts)
        self.groups.update(other.groups)
        for findings in other.findings.values():
            self.add(findings)
        for error in other.errors.values():
            self.fail(error)
        for key, state in other.states.items():
            self._keep(key, state)
        self.done += other.done
        if self._added > MAX_STORED:
            self.trim()

    def _keep(self, key: tuple[str, str], state: Mergeable) -> None:
        mine = self.states.get(key)
        try:
            self.states[key] = state if mine is None else mine.merge(state)
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the run goes on
            self.fail(crash(key[1], error, key[0], None))

    def merge(self, other: Tally) -> Tally:
        """Return a new tally of both parts."""
        merged = Tally(self.keep)
        merged.absorb(self)
        merged.absorb(other)
        return merged

    def by_path(self) -> Mapping[str, Tally]:
        """Return one tally per path; for any other path, an empty one."""
        parts = _Parts(self.keep)
        for path, segments in self.segments.items():
            parts[path].segments[path] = segments
        for key, count in self.counts.items():
            parts[key[0]].counts[key] = count
        for rule, findings in self.findings.items():
            parts[rule[0]].findings[rule] = findings
        for failed, error in self.errors.items():
            parts[failed[0]].errors[failed] = error
        for name, state in self.states.items():
            parts[name[0]].states[name] = state
        for group, count in self.groups.items():
            parts[group[0]].groups[group] = count
        return parts


class _Parts(dict[str, Tally]):
    """Tallies by path, created on first access."""

    def __init__(self, keep: int) -> None:
        super().__init__()
        self._keep = keep

    def __missing__(self, path: str) -> Tally:
        self[path] = Tally(self._keep)
        return self[path]


class StorageCap:
    """The record of rules and inputs with enough stored findings: more are only counted.

    `keep` is as in `Tally`. A tally that is not noted costs time, but changes no report.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._missing: dict[str, dict[str, tuple[int, int]]] = {}
        self._stored, self._last = 0, ""

    def note(self, tally: Tally) -> None:
        """Record the findings stored for some ranges."""
        for (path, rule), findings in tally.findings.items():
            missing, last = self._missing.setdefault(path, {}).get(rule) or (
                1 if findings[0].once else self._keep,
                0,
            )
            if missing > 0:
                self._stored += min(missing, len(findings))
                self._last = max(self._last, path)
                last = max(last, findings[-1].finding.location.byte_offset)
                self._missing[path][rule] = missing - len(findings), last

    def capped(self, path: str, start: int) -> CappedRules:
        """Return the rules capped for a range that starts at byte `start` of an input."""
        if not self._keep:
            return frozenset()
        if self._stored >= MAX_STORED and path > self._last:
            return frozenset({(path, "")})
        rules = list(self._missing.get(path, {}).items())  # a copy: `map` may call from a thread
        return frozenset((path, rule) for rule, (left, last) in rules if left <= 0 and last < start)


class Sum:
    """The sum of many tallies, as a balanced merge.

    Tallies of about equally many parts are merged with each other, so that the state of a rule is
    copied log n times for n parts, not n times.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._runs: list[tuple[int, Tally]] = []

    def add(self, tally: Tally) -> None:
        """Add a tally, which the sum owns from then on."""
        if tally.keep != self._keep:
            other, tally = tally, Tally(self._keep)
            tally.absorb(other)
        parts = 1
        while self._runs and self._runs[-1][0] <= parts:
            count, earlier = self._runs.pop()
            earlier.absorb(tally)
            tally, parts = earlier, parts + count
        self._runs.append((parts, tally))

    def total(self) -> Tally:
        """Return the tally of everything added, and reset."""
        total = Tally(self._keep)
        while self._runs:
            total.absorb(self._runs.pop(0)[1])
        return total
