"""The `Report`, the one artefact of a check, and how findings get their final places."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ftlint.model import Finding, FixSummary, Location, RelatedPlace, Severity
from ftlint.tally import Draft, RunError, Segment

_INDEX = re.compile(r"/\d+(?=/|$)")


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
