"""The report of a tally, and the final location and fingerprint of findings.

Ranges are checked in any order, so line numbers are final only once all are counted.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from ftlint.config.config import Config
from ftlint.core.errors import FtlintError
from ftlint.core.finding import Finding, Location, Severity
from ftlint.core.report import InputReport, Report, no_counts
from ftlint.core.rule import RULES
from ftlint.engine.input_checker import (
    add_outcome,
    call_rules,
    check_document,
    check_input,
    check_pairs,
    documents_of,
    job_of,
)
from ftlint.engine.input_summary import facts_of, statistics_of
from ftlint.engine.tally import PendingFinding, Segment, Tally
from ftlint.formats.data_format import FORMATS, METHODS
from ftlint.inputs.discovery import Input
from ftlint.inputs.probe import Probe
from ftlint.rules.context import InputFacts
from ftlint.rules.events import Event
from ftlint.version import __version__


class TrainingData(NamedTuple):
    """What a job over checked data is judged by.

    `size` is in bytes; `tokens` are those of one epoch after truncation, None if not counted.
    """

    size: int
    examples: int
    tokens: int | None


def job_findings(config: Config, path: str, data: TrainingData | None) -> tuple[Finding, ...]:
    """Return the findings about a job; see `ftlint.engine.checker.check_job`."""
    tally, method = Tally(config.max_findings), config.method
    form = METHODS[method] if method else None
    out = call_rules(Event.JOB, job_of(config, method, form), config)
    if data:
        size, examples, tokens = data
        facts = InputFacts(path, "lines", form, examples, examples, examples,
                           method=method, size=size, tokens=tokens)  # fmt: skip
        of_input = call_rules(Event.INPUT, facts, config)
        of_input.hits = [hit for hit in of_input.hits if hit[0].job]
        out.add(of_input)
    add_outcome(tally, out, path, config)
    for error in tally.errors.values():
        raise FtlintError(error.message)
    return tuple(stamp(tally, path))


def assemble(tally: Tally, inputs: Iterable[tuple[Input, Probe, str]], config: Config) -> Report:
    """Return the report of a complete tally; `inputs` have their probe and SHA-256."""
    entries = list(inputs)
    tally.trim()
    parts = tally.by_path()
    for _, probed, _ in entries:
        check_input(parts[probed.path], probed, config)
    check_pairs(parts, [probed for _, probed, _ in entries], config)
    for document in documents_of([entry.path for entry, _, _ in entries], config):
        check_document(parts[document.path], document, config)
        if document.refusal is None:
            path, size = document.path, len(document.raw)
            entry = Input(path, document.file, size, "", document.kind)
            probed = Probe(path, size, "document", bool(document.start), None)
            entries.append((entry, probed, document.sha256))
    whole = Tally(tally.keep)
    for part in parts.values():
        whole.absorb(part)
    whole.trim()
    parts = whole.by_path()
    reports = [
        _input(parts[entry.path], entry, probed, digest, config)
        for entry, probed, digest in entries
    ]
    return Report(
        ftlint_version=__version__,
        passed=all(report.passed for report in reports) and not whole.errors,
        strict=config.strict,
        profile=config.profile,
        model=config.job["model"]["name"] if "model" in config.job else None,
        config_digest=config.digest,
        rules_digest=config.rules_digest,
        counts=_add(report.counts for report in reports),
        rules=_add_rules(report.rules for report in reports),
        inputs=tuple(reports),
        findings=tuple(
            finding for entry, _, _ in entries for finding in stamp(parts[entry.path], entry.path)
        ),
        truncated=_truncated(whole, reports),
        statistics=statistics_of(parts, [probed for _, probed, _ in entries], config),
        errors=tuple(whole.errors[key] for key in sorted(whole.errors)),
    )


def stamp(tally: Tally, path: str) -> Iterator[Finding]:
    """Yield the stored findings of an input, complete and in order; the tally holds no other."""
    occurrences: Counter[str] = Counter()
    for (_, rule, _), count in tally.counts.items():
        if RULES[rule].once:
            occurrences[rule] += count
    stamper = Stamper(occurrences)
    for start, segment in sorted(tally.segments.get(path, {}).items()):
        stamper.enter(start, segment)
    findings = [pending for stored in tally.findings.values() for pending in stored]
    for pending in sorted(findings, key=lambda pending: pending.order):
        yield stamper.stamp(pending)


def _input(tally: Tally, entry: Input, probed: Probe, digest: str, config: Config) -> InputReport:
    rules: dict[str, dict[str, int]] = {}
    for (_, rule, severity), count in tally.counts.items():
        counted = rules.setdefault(rule, no_counts())
        counted[severity] += 1 if RULES[rule].once else count
    counts = _add(rules.values())
    failed = counts[Severity.ERROR] or (config.strict and counts[Severity.WARNING])
    facts = facts_of(tally, probed, config)
    data_format = FORMATS.get(probed.format or "")
    return InputReport(
        path=entry.path,
        bytes=entry.size,
        sha256=digest,
        lines=facts.lines,
        examples=facts.examples,
        format=data_format.name if data_format else None,
        method=facts.method,
        passed=not failed and not tally.errors,
        counts=counts,
        rules=dict(sorted(rules.items())),
    )


def _add(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total = no_counts()
    for counted in counts:
        for severity, count in counted.items():
            total[severity] += count
    return total


def _add_rules(inputs: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    gathered: dict[str, list[Mapping[str, int]]] = {}
    for rules in inputs:
        for rule, counts in rules.items():
            gathered.setdefault(rule, []).append(counts)
    return {rule: _add(gathered[rule]) for rule in sorted(gathered)}


def _truncated(tally: Tally, inputs: Iterable[InputReport]) -> dict[str, dict[str, int]]:
    missing: dict[str, dict[str, int]] = {}
    for entry in inputs:
        for rule, counts in entry.rules.items():
            left = sum(counts.values()) - len(tally.findings.get((entry.path, rule), ()))
            if left:
                missing.setdefault(entry.path, {})[rule] = left
    return missing


_INDEX = re.compile(r"/\d+(?=/|$)")


class Stamper:
    """The completion of pending findings of one input, given in order of location.

    `occurrences` counts those of each rule that is reported once.
    """

    def __init__(self, occurrences: Mapping[str, int]) -> None:
        self._bases: dict[int | None, tuple[int, int]] = {None: (0, 0)}
        self._lines = self._records = 0
        self._occurrences = occurrences
        self._seen: Counter[tuple[str, str, str]] = Counter()

    def enter(self, start: int, segment: Segment) -> None:
        """Add the next segment, which starts at byte `start`."""
        self._bases[start] = (self._lines, self._records)
        self._lines += segment.lines
        self._records += segment.records

    def stamp(self, pending: PendingFinding) -> Finding:
        """Return a finding with its final line, example and fingerprint."""
        finding, base = pending.finding, self._bases[pending.segment]
        pointer = _INDEX.sub("/*", finding.location.pointer or "")
        key = (finding.rule, pointer, pending.digest)
        print_of = "\0".join((*key, str(self._seen[key])))
        self._seen[key] += 1
        occurrences = self._occurrences.get(finding.rule, 1)
        return replace(
            finding,
            message=f"{finding.message} ({occurrences:,} lines)"
            if occurrences > 1
            else finding.message,
            location=_move(finding.location, base),
            related=tuple(
                replace(other, location=_move(other.location, base)) for other in finding.related
            ),
            fingerprint=hashlib.blake2b(print_of.encode(), digest_size=16).hexdigest(),
        )


def _move(location: Location, base: tuple[int, int]) -> Location:
    lines, records = base
    example = None if location.example is None else location.example + records
    return replace(location, line=location.line + lines, example=example)
