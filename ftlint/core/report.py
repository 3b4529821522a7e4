"""The `Report` of a check, which every output format and the receipt are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ftlint.core.finding import Finding, FixSummary, Location, RelatedPlace, Severity


@dataclass(frozen=True, slots=True)
class InputReport:
    """The report on one input: size in bytes, SHA-256 of the file, counts and verdict."""

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
    """The report of a check; `schemas/report.schema.json` defines its JSON.

    `truncated` counts the findings, by input and rule, that are not stored.
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
        """Return the report as plain data for JSON, without excerpts."""
        data = asdict(self)
        for finding in data["findings"]:
            del finding["excerpt"]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """Return the report that `to_dict` has written."""
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


def no_counts() -> dict[str, int]:
    """Return zero counts for every severity."""
    return {severity.value: 0 for severity in Severity}


TOKENS, DATA = "tokens", "data"
"""Names of the states that hold tokens and statistics, among those of rules."""


@dataclass(frozen=True, slots=True)
class RunError:
    """An error that prevented a check, so that there is no verdict.

    `rule` is the rule that raised, None for an input or a range that could not be checked; a range
    starts at `byte_offset` (0-based).
    """

    rule: str | None
    path: str
    byte_offset: int | None
    message: str

    @property
    def key(self) -> tuple[str, str, int]:
        """The identity: input and rule or range. One error per key is kept."""
        ranged = self.rule is None and self.byte_offset is not None
        return self.path, self.rule or "", (self.byte_offset or 0) if ranged else -1

    @property
    def order(self) -> tuple[int, str]:
        """The sort key among errors of the same `key`; the first is kept."""
        return self.byte_offset or 0, self.message
