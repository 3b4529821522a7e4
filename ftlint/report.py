"""Results: a `Tally` for a part of the data, merged in any order, and the `Report` at the end.

What is stored is capped, what is counted never is. A tally keeps the first findings of each rule
and input by their place, so that the sample does not depend on how the data was cut.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ftlint.model import Finding, FixSummary, Location, RelatedPlace, Severity
from ftlint.registry import Accumulator

MAX_STORED = 10_000
"""Findings stored in all, unless all are asked for (design, section 4)."""

_INDEX = re.compile(r"/\d+(?=/|$)")


@dataclass(frozen=True, slots=True)
class Draft:
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
    def order(self) -> tuple[int, str, str]:
        """The order of findings within an input."""
        where = self.finding.location
        return where.byte_offset, self.finding.rule, where.pointer or ""


@dataclass(frozen=True, slots=True)
class Segment:
    """What was counted in one range: lines, non-blank lines, and lines that are objects."""

    lines: int
    records: int
    examples: int


@dataclass(frozen=True, slots=True)
class RunError:
    """Something that kept ftlint from checking: no verdict is given then.

    `rule` is the rule that raised, None for an input that could not be read.
    """

    rule: str | None
    path: str
    byte_offset: int | None
    message: str


def crash(rule: str, error: Exception, path: str, offset: int | None) -> RunError:
    """Word the failure of a rule; `offset` is that of the line (bytes)."""
    words = f"rule {rule} failed with {type(error).__name__}: {error}; please report this"
    return RunError(rule, path, offset, words)


@dataclass(slots=True)
class Tally:
    """What was found in some ranges. `merge` is associative and commutative.

    `keep` is how many findings to keep of each rule and input, 0 for all. `counts` are exact;
    for a rule that is reported once for an input they are the places it was found at. `states`
    are what rules over the dataset have kept. `groups` count, by path and (rule or rule.case,
    what it is about), the places of rules that speak once of what is so everywhere.
    """

    keep: int
    segments: dict[str, dict[int, Segment]] = field(default_factory=dict)
    counts: Counter[tuple[str, str, Severity]] = field(default_factory=Counter)
    drafts: dict[tuple[str, str], list[Draft]] = field(default_factory=dict)
    errors: dict[tuple[str, str], RunError] = field(default_factory=dict)
    states: dict[tuple[str, str], Accumulator] = field(default_factory=dict)
    groups: Counter[tuple[str, tuple[str, str]]] = field(default_factory=Counter)

    def room(self, path: str, rule: str, *, once: bool) -> bool:
        """Tell whether a further finding of a rule would be kept, later in the same range."""
        stored = len(self.drafts.get((path, rule), ()))
        return not stored if once else not self.keep or stored < self.keep

    def add(self, drafts: Iterable[Draft]) -> None:
        """Store findings (which are counted apart from this), the first of each rule and input."""
        touched = {}
        for draft in drafts:
            key = (draft.finding.location.path, draft.finding.rule)
            self.drafts.setdefault(key, []).append(draft)
            touched[key] = 1 if draft.once else self.keep
        for key, keep in touched.items():
            self.drafts[key].sort(key=lambda draft: draft.order)
            if keep:
                del self.drafts[key][keep:]

    def trim(self) -> None:
        """Keep the first `MAX_STORED` findings in all, by path and place."""
        if not self.keep or sum(map(len, self.drafts.values())) <= MAX_STORED:
            return
        ordered = sorted(
            (draft for drafts in self.drafts.values() for draft in drafts),
            key=lambda draft: (draft.finding.location.path, draft.order),
        )
        self.drafts = {}
        self.add(ordered[:MAX_STORED])

    def fail(self, error: RunError) -> None:
        """Record what kept a rule from running; the first place of each rule and input stays."""
        key = (error.path, error.rule or "")
        known = self.errors.get(key)
        if known is None or (error.byte_offset or 0) < (known.byte_offset or 0):
            self.errors[key] = error

    def absorb(self, other: Tally) -> None:
        """Add another tally to this one."""
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
        self.trim()

    def _keep(self, key: tuple[str, str], state: Accumulator) -> None:
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


@dataclass(frozen=True, slots=True)
class InputReport:
    """One input: size in bytes, SHA-256 of the file, its counts and its own verdict."""

    path: str
    bytes: int
    sha256: str
    lines: int
    examples: int
    format: str | None
    method: str | None
    passed: bool
    counts: dict[str, int]
    rules: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Report:
    """The one artefact of a check; `schemas/report.schema.json` is its contract.

    `truncated` says how many findings of an input and rule are counted but not stored.
    """

    ftlint_version: str
    passed: bool
    strict: bool
    profile: str
    model: str | None
    config_digest: str
    rules_digest: str
    counts: dict[str, int]
    rules: dict[str, dict[str, int]]
    inputs: tuple[InputReport, ...]
    findings: tuple[Finding, ...]
    truncated: dict[str, dict[str, int]]
    statistics: dict[str, Any]
    errors: tuple[RunError, ...]
    version: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON; excerpts are left out."""
        data = asdict(self)
        for finding in data["findings"]:
            del finding["excerpt"]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """Read back what `to_dict` wrote."""
        return cls(
            **{
                **data,
                "inputs": tuple(InputReport(**entry) for entry in data["inputs"]),
                "findings": tuple(_finding(entry) for entry in data["findings"]),
                "errors": tuple(RunError(**entry) for entry in data["errors"]),
            }
        )


def _finding(data: Mapping[str, Any]) -> Finding:
    related = tuple(
        RelatedPlace(entry["message"], Location(**entry["location"])) for entry in data["related"]
    )
    return Finding(
        **{
            **data,
            "severity": Severity(data["severity"]),
            "location": Location(**data["location"]),
            "related": related,
            "fix": FixSummary(**data["fix"]) if data["fix"] else None,
        }
    )


class Stamper:
    """Turns the drafts of one input into findings, in the order of their places.

    `places` says of a rule that is reported once how many places there are.
    """

    def __init__(self, places: Mapping[str, int]) -> None:
        self._bases: dict[int | None, tuple[int, int]] = {None: (0, 0)}
        self._lines = self._records = 0
        self._places = places
        self._seen: Counter[tuple[str, str, str]] = Counter()

    def enter(self, start: int, segment: Segment) -> None:
        """Take note of the next segment, which starts at byte `start`."""
        self._bases[start] = (self._lines, self._records)
        self._lines += segment.lines
        self._records += segment.records

    def stamp(self, draft: Draft) -> Finding:
        """Give a draft its line, example and fingerprint; drafts come in order."""
        finding, base = draft.finding, self._bases[draft.segment]
        pointer = _INDEX.sub("/*", finding.location.pointer or "")
        key = (finding.rule, pointer, draft.digest)
        print_of = "\0".join((*key, str(self._seen[key])))
        self._seen[key] += 1
        places = self._places.get(finding.rule, 1)
        return replace(
            finding,
            message=f"{finding.message} ({places:,} lines)" if places > 1 else finding.message,
            location=_move(finding.location, base),
            related=tuple(
                replace(place, location=_move(place.location, base)) for place in finding.related
            ),
            fingerprint=hashlib.blake2b(print_of.encode(), digest_size=16).hexdigest(),
        )


def _move(location: Location, base: tuple[int, int]) -> Location:
    lines, records = base
    example = None if location.example is None else location.example + records
    return replace(location, line=location.line + lines, example=example)


def no_counts() -> dict[str, int]:
    """Return a count of nothing; every severity is named, also where there is none."""
    return {severity.value: 0 for severity in Severity}
