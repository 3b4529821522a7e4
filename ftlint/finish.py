"""The two ends of a check: the rules about a whole file, and the report."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from ftlint.binding import Binder, Bound, Outcome
from ftlint.config.config import Config
from ftlint.config.documents import Document
from ftlint.core.errors import FtlintError
from ftlint.core.finding import Finding, Hit, Location, Severity
from ftlint.core.report import InputReport, Report, RunError, no_counts
from ftlint.core.rule import RULES, Accumulator, EventType, Rule
from ftlint.facts import facts_of
from ftlint.formats.data_format import FORMATS, METHODS
from ftlint.inputs.discovery import Input
from ftlint.inputs.probe import Probe
from ftlint.place import DocumentPlace, file_finding
from ftlint.rules.context import InputFacts, Pair
from ftlint.rules.events import Event
from ftlint.survey import survey
from ftlint.tally import Draft, Segment, Tally, crash
from ftlint.version import __version__

_OF_DOCUMENTS = {"grader": Event.GRADER, "response-format": Event.RESPONSE_FORMAT}


def file_hits(looked: Probe, config: Config) -> list[tuple[Rule, Hit]]:
    """Return what the rules in force say of a file, before its lines are read."""
    hits = _call(Event.FILE, looked, config).hits
    return [(rule, hit) for rule, name, hit in hits if name in config.levels]


def check_file(looked: Probe, config: Config) -> Tally:
    """Run the rules about a file, before its lines are read."""
    tally = Tally(config.max_findings)
    _tell(tally, _call(Event.FILE, looked, config), looked.path, config)
    return tally


def check_input(tally: Tally, looked: Probe, config: Config) -> None:
    """Run the rules about an input; the tally holds all its lines, and no other input."""
    facts = facts_of(tally, looked, config)
    out = _call(Event.INPUT, facts, config)
    if facts.role == "train":
        out.add(_call(Event.JOB, _job(config, facts.method, facts.format), config))
    for (_, name), state in tally.states.items():
        if name in RULES:
            finish = cast("Accumulator", state).finish
            out.call(Bound(RULES[name], lambda facts, _, finish=finish: finish(facts), {}), facts)
    _tell(tally, out, looked.path, config)
    _gather(tally, facts, config)


def job_findings(config: Config, path: str) -> tuple[Finding, ...]:
    """Return what the rules about a job say of it; see `ftlint.checker.check_job`."""
    tally = Tally(config.max_findings)
    method = config.method
    job = _job(config, method, METHODS[method] if method else None)
    _tell(tally, _call(Event.JOB, job, config), path, config)
    for error in tally.errors.values():
        raise FtlintError(error.message)
    return tuple(stamp(tally, path))


def _job(config: Config, method: str | None, format: str | None) -> dict[str, Any]:  # noqa: A002 - as everywhere
    return {**config.job, "method": method, "format": format}


def _check_pairs(parts: Mapping[str, Tally], known: Iterable[Probe], config: Config) -> None:
    """Run the rules about a training file and its validation file; they speak of the latter."""
    roles: dict[str, list[InputFacts]] = {"train": [], "validation": []}
    for looked in known:
        roles[looked.role].append(facts_of(parts[looked.path], looked, config))
    for validation in roles["validation"]:
        for train in roles["train"]:
            out = _call(Event.PAIR, Pair(train, validation), config)
            _tell(parts[validation.path], out, validation.path, config)


def group_of(rule: Rule, name: str, hit: Hit) -> tuple[str, str] | None:
    """Return what a hit of a rule that may be found everywhere is counted with."""
    return (name, hit.about) if rule.everywhere else None


def _gather(tally: Tally, facts: InputFacts, config: Config) -> None:
    """Make one finding of what a rule has found, about the same, at every example of an input."""
    path = facts.path
    for (_, group), places in tally.groups.items():
        name, _, case = group[0].partition(".")
        level = config.levels.get(group[0] if case else f"{name}.{RULES[name].everywhere}")
        if level is None or places < facts.examples:
            continue
        tally.counts[path, name, config.levels[group[0]]] -= places
        tally.counts[path, name, level] += 1
        kept = []
        for draft in tally.drafts.get((path, name), []):
            if draft.group != group:
                kept.append(draft)
            elif level is not None:
                message = f"{draft.finding.message} (all {facts.examples:,} examples)"
                finding = replace(draft.finding, severity=level, message=message)
                kept.append(draft._replace(finding=finding, group=None))
                level = None  # the first of them stands for all
        tally.drafts[path, name] = kept


def _call(event: EventType[Any], facts: object, config: Config) -> Outcome:
    """Call the rules on an event, in force or not: what they say of it may decide of others."""
    out = Outcome()
    for bound in Binder(config.options, config.job).on(event, RULES.values()):
        out.call(bound, facts)
    return out


def _tell(tally: Tally, out: Outcome, path: str, config: Config) -> None:
    for rule, name, hit in out.hits:
        level = config.levels.get(name)
        if level is not None:
            tally.counts[path, rule.id, level] += 1
            tally.add([Draft(file_finding(path, rule.id, level, hit), None, path)])
    for rule, error in out.crashes:
        tally.fail(crash(rule.id, error, path, None))


def _check_document(tally: Tally, document: Document, config: Config) -> None:
    """Run the rules about a document of the job, and place what they find."""
    path = document.path
    if document.refusal is not None:
        tally.fail(RunError(None, path, None, document.refusal))
        return
    tally.segments[path] = {0: Segment(document.lines, 0, 0)}
    event = _OF_DOCUMENTS[document.kind] if document.sound else Event.REFUSED_DOCUMENT
    out = _call(event, document, config)
    kept: Counter[str] = Counter()
    hits = []
    for rule, name, hit in out.hits:
        level = config.levels.get(name)
        if level is not None:
            tally.counts[path, rule.id, level] += 1
            if not tally.keep or kept[rule.id] < tally.keep:
                kept[rule.id] += 1
                hits.append((rule.id, level, hit))
    place = DocumentPlace(path, document.raw, document.start)
    digest = place.digest
    tally.add(Draft(finding, None, digest) for finding in place.findings(hits))
    for rule, error in out.crashes:
        tally.fail(crash(rule.id, error, path, None))


def _documents(taken: Iterable[str], config: Config) -> Iterator[Document]:
    """Yield the documents of the job; one that has the name of an input gets another."""
    names = set(taken)
    for document in config.documents:
        path = document.path
        while path in names:
            path = f"{path} ({document.kind})"
        names.add(path)
        yield document._replace(path=path)


def assemble(tally: Tally, inputs: Iterable[tuple[Input, Probe, str]], config: Config) -> Report:
    """Make the report of a whole tally; `inputs` come with their probe and SHA-256."""
    known = list(inputs)
    tally.trim()
    parts = tally.by_path()
    for _, looked, _ in known:
        check_input(parts[looked.path], looked, config)
    _check_pairs(parts, [looked for _, looked, _ in known], config)
    for document in _documents([entry.path for entry, _, _ in known], config):
        _check_document(parts[document.path], document, config)
        if document.refusal is None:
            path, size = document.path, len(document.raw)
            entry = Input(path, document.file, size, 0, document.kind)
            looked = Probe(path, size, "document", bool(document.start), None)
            known.append((entry, looked, document.sha256))
    whole = Tally(tally.keep)
    for part in parts.values():
        whole.absorb(part)
    whole.trim()
    parts = whole.by_path()
    reports = [
        _input(parts[entry.path], entry, looked, digest, config) for entry, looked, digest in known
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
            finding for entry, _, _ in known for finding in stamp(parts[entry.path], entry.path)
        ),
        truncated=_truncated(whole, reports),
        statistics=survey(parts, [looked for _, looked, _ in known], config),
        errors=tuple(whole.errors[key] for key in sorted(whole.errors)),
    )


def stamp(tally: Tally, path: str) -> Iterator[Finding]:
    """Yield the stored findings of an input, complete and in order; the tally holds no other."""
    places: Counter[str] = Counter()
    for (_, rule, _), count in tally.counts.items():
        if RULES[rule].once:
            places[rule] += count
    stamper = Stamper(places)
    for start, segment in sorted(tally.segments.get(path, {}).items()):
        stamper.enter(start, segment)
    drafts = [draft for found in tally.drafts.values() for draft in found]
    for draft in sorted(drafts, key=lambda draft: draft.order):
        yield stamper.stamp(draft)


def _input(tally: Tally, entry: Input, looked: Probe, digest: str, config: Config) -> InputReport:
    rules: dict[str, dict[str, int]] = {}
    for (_, rule, severity), count in tally.counts.items():
        counted = rules.setdefault(rule, no_counts())
        counted[severity] += 1 if RULES[rule].once else count
    counts = _add(rules.values())
    failed = counts[Severity.ERROR] or (config.strict and counts[Severity.WARNING])
    facts = facts_of(tally, looked, config)
    known = FORMATS.get(looked.format or "")
    return InputReport(
        path=entry.path,
        bytes=entry.size,
        sha256=digest,
        lines=facts.lines,
        examples=facts.examples,
        format=known.name if known else None,
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
            left = sum(counts.values()) - len(tally.drafts.get((entry.path, rule), ()))
            if left:
                missing.setdefault(entry.path, {})[rule] = left
    return missing


_INDEX = re.compile(r"/\d+(?=/|$)")


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
