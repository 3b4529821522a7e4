"""The two ends of a check: the rules about a whole file, and the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from ftlint.config import Config
from ftlint.documents import Document
from ftlint.facts import InputFacts, Pair, facts_of
from ftlint.formats import FORMATS, METHODS
from ftlint.model import Finding, FtlintError, Hit, Severity
from ftlint.place import DocumentPlace, file_finding
from ftlint.probe import Probe
from ftlint.registry import RULES, Accumulator, Collector, Rule
from ftlint.report import InputReport, Report, Stamper, no_counts
from ftlint.source import Input
from ftlint.survey import survey
from ftlint.tally import Draft, RunError, Segment, Tally, crash
from ftlint.version import __version__


def file_hits(looked: Probe, config: Config) -> list[tuple[Rule, Hit]]:
    """Return what the rules in force say of a file, before its lines are read."""
    collector = _ask("file", looked, asker(config))
    return [(rule, hit) for rule, hit in collector.hits if rule.name_of(hit) in config.levels]


def asker(config: Config) -> Collector:
    """Return what calls the rules, for any number of files."""
    return Collector(config.options, config.job)


def check_file(looked: Probe, config: Config, collector: Collector) -> Tally:
    """Run the rules about a file, before its lines are read."""
    tally = Tally(config.max_findings)
    _tell(tally, _ask("file", looked, collector), looked.path, config)
    return tally


def check_input(tally: Tally, looked: Probe, config: Config, collector: Collector) -> None:
    """Run the rules about an input; the tally holds all its lines, and no other input."""
    facts = facts_of(tally, looked, config)
    _ask("input", facts, collector)
    if facts.role == "train":
        _call("job", _job(config, facts.method, facts.format), collector)
    for (_, name), state in tally.states.items():
        if name in RULES:
            collector.take(RULES[name], cast("Accumulator", state).finish, facts)
    _tell(tally, collector, looked.path, config)
    _gather(tally, facts, config)


def job_findings(config: Config, path: str) -> tuple[Finding, ...]:
    """Return what the rules about a job say of it; see `ftlint.checker.check_job`."""
    tally = Tally(config.max_findings)
    method = config.method
    job = _job(config, method, METHODS[method] if method else None)
    _tell(tally, _ask("job", job, asker(config)), path, config)
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
            collector = _ask("pair", Pair(train, validation), asker(config))
            _tell(parts[validation.path], collector, validation.path, config)


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


def _ask(event: str, facts: object, collector: Collector) -> Collector:
    collector.clear()
    return _call(event, facts, collector)


def _call(event: str, facts: object, collector: Collector) -> Collector:
    for rule in RULES.values():
        if event in rule.on:
            collector.call(rule, facts)
    return collector


def _tell(tally: Tally, collector: Collector, path: str, config: Config) -> None:
    for rule, hit in collector.hits:
        level = config.levels.get(rule.name_of(hit))
        if level is not None:
            tally.counts[path, rule.id, level] += 1
            tally.add([Draft(file_finding(path, rule.id, level, hit), None, path)])
    for rule, error in collector.crashes:
        tally.fail(crash(rule.id, error, path, None))


def _check_document(tally: Tally, document: Document, config: Config) -> None:
    """Run the rules about a document of the job, and place what they find."""
    path = document.path
    if document.refusal is not None:
        tally.fail(RunError(None, path, None, document.refusal))
        return
    tally.segments[path] = {0: Segment(document.lines, 0, 0)}
    event = document.kind if document.sound else "document.refused"
    collector = _ask(event, document, asker(config))
    kept: Counter[str] = Counter()
    hits = []
    for rule, hit in collector.hits:
        level = config.levels.get(rule.name_of(hit))
        if level is not None:
            tally.counts[path, rule.id, level] += 1
            if not tally.keep or kept[rule.id] < tally.keep:
                kept[rule.id] += 1
                hits.append((rule.id, level, hit))
    place = DocumentPlace(path, document.raw, document.start)
    digest = place.digest
    tally.add(Draft(finding, None, digest) for finding in place.findings(hits))
    for rule, error in collector.crashes:
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
    collector = asker(config)
    for _, looked, _ in known:
        check_input(parts[looked.path], looked, config, collector)
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
