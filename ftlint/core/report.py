"""The `Report`, the one artefact of a check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ftlint.core.finding import Finding, FixSummary, Location, RelatedPlace, Severity


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


def no_counts() -> dict[str, int]:
    """Return a count of nothing; every severity is named, also where there is none."""
    return {severity.value: 0 for severity in Severity}


TOKENS, DATA = "tokens", "data"
"""Names under which tokens and statistics are kept beside the states of rules."""


@dataclass(frozen=True, slots=True)
class RunError:
    """Something that kept ftlint from checking: no verdict is given then.

    `rule` is the rule that raised, None for an input or a range that could not be checked; a range
    starts at `byte_offset` (0-based).
    """

    rule: str | None
    path: str
    byte_offset: int | None
    message: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What it is about, input and rule or range; one error about the same is kept."""
        ranged = self.rule is None and self.byte_offset is not None
        return self.path, self.rule or "", (self.byte_offset or 0) if ranged else -1

    @property
    def order(self) -> tuple[int, str]:
        """What decides which of several errors about the same is kept."""
        return self.byte_offset or 0, self.message
