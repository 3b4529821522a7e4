"""The rules on whole inputs, documents and the job.

They run in the main process, before the first line or on the merged tally of all lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from ftlint.config.config import Config
from ftlint.config.documents import Document
from ftlint.core.finding import Hit
from ftlint.core.report import RunError
from ftlint.core.rule import RULES, Accumulator, EventType, Rule
from ftlint.engine.binding import Binder, Bound, Outcome
from ftlint.engine.input_summary import facts_of
from ftlint.engine.locator import DocumentLocator, file_finding
from ftlint.engine.tally import PendingFinding, Segment, Tally, crash
from ftlint.inputs.probe import Probe
from ftlint.rules.context import InputFacts, Pair
from ftlint.rules.events import Event

_OF_DOCUMENTS = {"grader": Event.GRADER, "response-format": Event.RESPONSE_FORMAT}


def file_hits(probed: Probe, config: Config) -> list[tuple[Rule, Hit]]:
    """Return the hits of the file rules in force, before any line is read."""
    hits = call_rules(Event.FILE, probed, config).hits
    return [(rule, hit) for rule, name, hit in hits if name in config.levels]


def check_file(probed: Probe, config: Config) -> Tally:
    """Run the file rules, before any line is read."""
    tally = Tally(config.max_findings)
    add_outcome(tally, call_rules(Event.FILE, probed, config), probed.path, config)
    return tally


def check_input(tally: Tally, probed: Probe, config: Config) -> None:
    """Run the rules on an input; the tally holds all its lines, and no other input."""
    facts = facts_of(tally, probed, config)
    out = call_rules(Event.INPUT, facts, config)
    if facts.role == "train":
        out.add(call_rules(Event.JOB, job_of(config, facts.method, facts.format), config))
    for (_, name), state in tally.states.items():
        if name in RULES:
            finish = cast("Accumulator", state).finish
            out.call(Bound(RULES[name], lambda facts, _, finish=finish: finish(facts), {}), facts)
    add_outcome(tally, out, probed.path, config)
    _gather(tally, facts, config)


def job_of(config: Config, method: str | None, format: str | None) -> dict[str, Any]:  # noqa: A002 - as everywhere
    """Return the argument of job rules."""
    return {**config.job, "method": method, "format": format}


def check_pairs(parts: Mapping[str, Tally], probes: Iterable[Probe], config: Config) -> None:
    """Run the rules on pairs of training and validation file; findings go to the latter."""
    roles: dict[str, list[InputFacts]] = {"train": [], "validation": []}
    for probed in probes:
        roles[probed.role].append(facts_of(parts[probed.path], probed, config))
    for validation in roles["validation"]:
        for train in roles["train"]:
            out = call_rules(Event.PAIR, Pair(train, validation), config)
            add_outcome(parts[validation.path], out, validation.path, config)


def group_of(rule: Rule, name: str, hit: Hit) -> tuple[str, str] | None:
    """Return the key in `Tally.groups` of a hit of a rule with a case `everywhere`, else None."""
    return (name, hit.about) if rule.everywhere else None


def _gather(tally: Tally, facts: InputFacts, config: Config) -> None:
    """Replace the findings of a rule at every example, with the same `about`, by a single one."""
    path = facts.path
    for (_, group), count in tally.groups.items():
        name, _, case = group[0].partition(".")
        level = config.levels.get(group[0] if case else f"{name}.{RULES[name].everywhere}")
        if level is None or count < facts.examples:
            continue
        tally.counts[path, name, config.levels[group[0]]] -= count
        tally.counts[path, name, level] += 1
        kept = []
        for pending in tally.findings.get((path, name), []):
            if pending.group != group:
                kept.append(pending)
            elif level is not None:
                message = f"{pending.finding.message} (all {facts.examples:,} examples)"
                finding = replace(pending.finding, severity=level, message=message)
                kept.append(pending._replace(finding=finding, group=None))
                level = None  # only the first is kept
        tally.findings[path, name] = kept


def call_rules(event: EventType[Any], facts: object, config: Config) -> Outcome:
    """Call all rules on an event; the caller drops hits of rules that are not in force."""
    out = Outcome()
    for bound in Binder(RULES.values(), config.options, config.job).on(event):
        out.call(bound, facts)
    return out


def add_outcome(tally: Tally, out: Outcome, path: str, config: Config) -> None:
    """Add the outcome of rules on a file to its tally."""
    for rule, name, hit in out.hits:
        level = config.levels.get(name)
        if level is not None:
            tally.counts[path, rule.id, level] += 1
            tally.add([PendingFinding(file_finding(path, rule.id, level, hit), None, path)])
    for rule, error in out.crashes:
        tally.fail(crash(rule.id, error, path, None))


def check_document(tally: Tally, document: Document, config: Config) -> None:
    """Run the rules on a document of the job, and locate their hits."""
    path = document.path
    if document.refusal is not None:
        tally.fail(RunError(None, path, None, document.refusal))
        return
    tally.segments[path] = {0: Segment(document.lines, 0, 0)}
    event = _OF_DOCUMENTS[document.kind] if document.sound else Event.REFUSED_DOCUMENT
    out = call_rules(event, document, config)
    kept: Counter[str] = Counter()
    hits = []
    for rule, name, hit in out.hits:
        level = config.levels.get(name)
        if level is not None:
            tally.counts[path, rule.id, level] += 1
            if not tally.keep or kept[rule.id] < tally.keep:
                kept[rule.id] += 1
                hits.append((rule.id, level, hit))
    locator = DocumentLocator(path, document.raw, document.start)
    digest = locator.digest
    tally.add(PendingFinding(finding, None, digest) for finding in locator.findings(hits))
    for rule, error in out.crashes:
        tally.fail(crash(rule.id, error, path, None))


def documents_of(taken: Iterable[str], config: Config) -> Iterator[Document]:
    """Yield the documents of the job, renamed if an input has the same name."""
    names = set(taken)
    for document in config.documents:
        path = document.path
        while path in names:
            path = f"{path} ({document.kind})"
        names.add(path)
        yield document._replace(path=path)
