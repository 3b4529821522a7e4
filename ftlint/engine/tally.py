"""What was found in some ranges of the data: a `Tally`, which merges in any order.

What is stored is capped, what is counted never is. A tally keeps the first findings of each rule
and input by their place, so that the sample does not depend on how the data was cut.
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
"""Findings stored in all, unless all are asked for (design, section 4)."""


Order = tuple[int, str, str]


Full = frozenset[tuple[str, str]]
"""Paths and rules ("" for all) of which no more findings are stored."""


class Draft(NamedTuple):
    """A finding whose line and example count from the start of its segment.

    `segment` is the byte offset of that segment, None for a finding about the whole file;
    `digest` stands for the bytes of the line; of what is `once`, an input keeps the first.
    `group` is what the finding is counted with in `Tally.groups`.
    """

    finding: Finding
    segment: int | None
    digest: str
    once: bool = False
    group: tuple[str, str] | None = None

    @property
    def order(self) -> Order:
        """The order of findings within an input."""
        where = self.finding.location
        return where.byte_offset, self.finding.rule, where.pointer or ""


class Segment(NamedTuple):
    """What was counted in one range: lines, non-blank lines, and lines that are objects."""

    lines: int
    records: int
    examples: int


def crash(rule: str, error: Exception, path: str, offset: int | None) -> RunError:
    """Word the failure of a rule; `offset` is that of the line (bytes)."""
    words = f"rule {rule} failed with {type(error).__name__}: {error}; please report this"
    return RunError(rule, path, offset, words)


@dataclass(slots=True)
class Tally:
    """What was found in some ranges. `merge` is associative and commutative.

    `keep` is how many findings to keep of each rule and input, 0 for all. `counts` are exact;
    for a rule that is reported once for an input they are the places it was found at. `states`
    are what rules over the dataset have kept, and `TOKENS` and `DATA`. `groups` count, by path and
    (rule or rule.case, what it is about), the places of rules that speak once of what is so
    everywhere. `done` is the size in bytes of the ranges that were checked. `full` is what
    `Stored.full` says.
    """

    keep: int
    segments: dict[str, dict[int, Segment]] = field(default_factory=dict)
    counts: Counter[tuple[str, str, Severity]] = field(default_factory=Counter)
    drafts: dict[tuple[str, str], list[Draft]] = field(default_factory=dict)
    errors: dict[tuple[str, str, int], RunError] = field(default_factory=dict)
    states: dict[tuple[str, str], Mergeable] = field(default_factory=dict)
    groups: Counter[tuple[str, tuple[str, str]]] = field(default_factory=Counter)
    done: int = 0
    full: Full = field(default=frozenset(), repr=False, compare=False)
    _added: int = field(default=0, repr=False, compare=False)

    def room(self, path: str, rule: str, *, once: bool) -> bool:
        """Tell whether a further finding of a rule would be kept, later in the same range."""
        if self.full and ((path, rule) in self.full or (path, "") in self.full):
            return False
        stored = len(self.drafts.get((path, rule), ()))
        return not stored if once else not self.keep or stored < self.keep

    def add(self, drafts: Iterable[Draft]) -> None:
        """Store findings (which are counted apart from this), the first of each rule and input."""
        for draft in drafts:
            key = (draft.finding.location.path, draft.finding.rule)
            kept = self.drafts.setdefault(key, [])
            keep = 1 if draft.once else self.keep
            full = bool(keep) and len(kept) >= keep
            if not kept or kept[-1].order <= draft.order:  # as it is when a file is read
                if not full:
                    kept.append(draft)
                    self._added += 1
                continue
            insort(kept, draft, key=lambda entry: entry.order)
            if full:
                kept.pop()
            else:
                self._added += 1

    def trim(self) -> None:
        """Keep the first `MAX_STORED` findings in all, by path and place."""
        if self.keep and sum(map(len, self.drafts.values())) > MAX_STORED:
            ordered = sorted(
                (draft for drafts in self.drafts.values() for draft in drafts),
                key=lambda draft: (draft.finding.location.path, draft.order),
            )
            self.drafts = {}
            self.add(ordered[:MAX_STORED])
        self._added = 0

    def fail(self, error: RunError) -> None:
        """Record what kept a rule from running; the first place of each rule and input stays."""
        known = self.errors.get(error.key)
        if known is None or error.order < known.order:
            self.errors[error.key] = error

    def absorb(self, other: Tally) -> None:
        """Add another tally to this one; the time it takes is that of reading the other."""
        for path, segments in other.segments.items():
            self.segments.setdefault(path, {}).update(segments)
        self.counts.update(other.counts)
        self.groups.update(other.groups)
        for drafts in other.drafts.values():
            self.add(drafts)
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
        """Return the tally of both parts."""
        merged = Tally(self.keep)
        merged.absorb(self)
        merged.absorb(other)
        return merged

    def by_path(self) -> Mapping[str, Tally]:
        """Return what is known of each path, as a tally of its own; empty for any other path."""
        parts = _Parts(self.keep)
        for path, segments in self.segments.items():
            parts[path].segments[path] = segments
        for key, count in self.counts.items():
            parts[key[0]].counts[key] = count
        for found, drafts in self.drafts.items():
            parts[found[0]].drafts[found] = drafts
        for failed, error in self.errors.items():
            parts[failed[0]].errors[failed] = error
        for kept, state in self.states.items():
            parts[kept[0]].states[kept] = state
        for group, places in self.groups.items():
            parts[group[0]].groups[group] = places
        return parts


class _Parts(dict[str, Tally]):
    """Tallies by path, made when they are asked for."""

    def __init__(self, keep: int) -> None:
        super().__init__()
        self._keep = keep

    def __missing__(self, path: str) -> Tally:
        self[path] = Tally(self._keep)
        return self[path]


class Stored:
    """Knows of what enough is stored: more of it is counted, and need not be put into words.

    `keep` is as in `Tally`. What is not noted here costs time, and changes no report.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._missing: dict[str, dict[str, tuple[int, int]]] = {}
        self._stored, self._last = 0, ""

    def note(self, tally: Tally) -> None:
        """Take note of the findings of some ranges."""
        for (path, rule), drafts in tally.drafts.items():
            missing, last = self._missing.setdefault(path, {}).get(rule) or (
                1 if drafts[0].once else self._keep,
                0,
            )
            if missing > 0:
                self._stored += min(missing, len(drafts))
                self._last = max(self._last, path)
                last = max(last, drafts[-1].finding.location.byte_offset)
                self._missing[path][rule] = missing - len(drafts), last

    def full(self, path: str, start: int) -> Full:
        """Return what need not be stored of a range that starts at byte `start` of an input."""
        if not self._keep:
            return frozenset()
        if self._stored >= MAX_STORED and path > self._last:
            return frozenset({(path, "")})
        known = list(self._missing.get(path, {}).items())  # a map may ask from another thread
        return frozenset((path, rule) for rule, (left, last) in known if left <= 0 and last < start)


class Sum:
    """Merges many tallies, each part of the data few times.

    Tallies of about as many parts are merged with each other, so that what a rule keeps of n parts
    is copied log n times, not n times.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._runs: list[tuple[int, Tally]] = []

    def add(self, tally: Tally) -> None:
        """Add a tally, which is the sum's own from then on."""
        if tally.keep != self._keep:
            known, tally = tally, Tally(self._keep)
            tally.absorb(known)
        parts = 1
        while self._runs and self._runs[-1][0] <= parts:
            earlier, found = self._runs.pop()
            found.absorb(tally)
            tally, parts = found, parts + earlier
        self._runs.append((parts, tally))

    def total(self) -> Tally:
        """Return the tally of all that was added, and start anew."""
        total = Tally(self._keep)
        while self._runs:
            total.absorb(self._runs.pop(0)[1])
        return total
