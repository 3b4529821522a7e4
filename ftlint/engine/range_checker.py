"""The check of one range, from bytes to a tally.

A worker runs nothing else, so its result depends only on the range and the configuration.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ftlint.analysis.tokens.example_tokens import Spot
from ftlint.config.config import Config
from ftlint.core.limits import LINE_FINDINGS
from ftlint.core.report import DATA, TOKENS
from ftlint.core.rule import Mergeable, Rule
from ftlint.engine.binding import Outcome, RuleHit
from ftlint.engine.input_checker import group_of
from ftlint.engine.line_checker import LineChecker
from ftlint.engine.line_result import SILENT, LineKind, LineResult
from ftlint.engine.locator import LineLocator
from ftlint.engine.plan import refusal
from ftlint.engine.tally import CappedRules, PendingFinding, Segment, Tally, crash
from ftlint.inputs import ranges
from ftlint.inputs.discovery import Range
from ftlint.inputs.paths import unreadable
from ftlint.rules import load_rules

load_rules()  # a worker process may import nothing else


if TYPE_CHECKING:
    from ftlint.analysis.statistics.dataset import Statistics
    from ftlint.analysis.tokens.totals import Totals

NOTHING = Segment(0, 0, 0)
_TOO_LONG = "line-too-long"
_CACHED = 8


def check_range(part: Range, config: Config, capped: CappedRules = frozenset()) -> Tally:
    """Check the lines of one range; findings of the rules `capped` are only counted."""
    tally = Tally(config.max_findings, capped=capped)
    try:
        if part.text:
            _Run(tally, part, config).all()
        else:
            lines, size = ranges.measure(part)
            tally.segments[part.path] = _segments(part, Segment(lines, 0, 0), part.start + size)
    except OSError as error:
        tally.fail(refusal(unreadable(part.path, error)))
    return tally


def _segments(part: Range, segment: Segment, end: int) -> dict[int, Segment]:
    """Return the segments of a range; an empty one marks the end of decompressed data."""
    return {end: NOTHING, part.start: segment} if part.compression else {part.start: segment}


class _Run:
    """The check of the lines of one range, into a tally."""

    def __init__(self, tally: Tally, part: Range, config: Config) -> None:
        self.tally, self.part, self.config = tally, part, config
        self.checker = _line_checker(config, part)
        self.checker.take_states()
        self.lines = self.records = self.examples = 0
        self.last: LineResult | None = None
        self.repeated = 0
        gauge = self.checker.gauge
        self.totals = _totals(gauge.limit) if gauge and gauge.exact else None
        self.statistics = _statistics(self.checker.format) if config.statistics else None
        made = {TOKENS: self.totals, DATA: self.statistics}
        self.surveys = {name: state for name, state in made.items() if state is not None}

    def all(self) -> None:
        self.end = self.part.start
        try:
            self._lines()
        finally:
            if self.repeated:
                self._count_repeated()
            segment = Segment(self.lines, self.records, self.examples)
            self.tally.segments[self.part.path] = _segments(self.part, segment, self.end)
            states: dict[str, Mergeable] = {**self.checker.take_states(), **self.surveys}
            self.tally.states = {(self.part.path, name): state for name, state in states.items()}

    def _lines(self) -> None:
        checker, path = self.checker, self.part.path
        for lines, size in ranges.blocks(self.part, line_limit(self.config)):
            if len(lines) == 1 and size != len(lines[0]):
                self._take(checker.check_overlong(lines[0], size), size)
                continue
            results = checker.check_block(lines, path, self.end)
            for raw, result in zip(lines, results, strict=True):
                if result is SILENT:
                    self.lines += 1
                    self.records += 1
                    self.examples += 1
                    self.end += len(raw)
                elif result is self.last:
                    self.lines += 1
                    self.repeated += 1
                    self.end += len(raw)
                else:
                    self._take(result, len(raw))

    def _take(self, result: LineResult, length: int) -> None:
        """Add the result of a line of `length` bytes."""
        if self.repeated:
            self._count_repeated()
        self.lines += 1
        if result.kind is not LineKind.BLANK:
            self.records += 1
        if result.kind is LineKind.OBJECT:
            self.examples += 1
            if self.surveys:
                self._describe(result)
        if not result.silent:
            self._report(result)
        self.end += length

    def _describe(self, result: LineResult) -> None:
        """Add an example to the token totals and to the statistics."""
        example, measure = result.example, result.measure
        if self.statistics is not None and example is not None:
            self.statistics.add(example)
        if self.totals is not None and measure is not None and measure.rows:
            spot = Spot(self.end, self.part.start, self.lines, self.records)
            self.totals.add(measure, spot)

    def _count(self, result: LineResult, lines: int) -> list[Rule]:
        """Count the findings of a line that stands `lines` times; return their rules."""
        tally, path, levels = self.tally, self.part.path, self.config.levels
        rules = []
        for rule, name, about in result.matches(levels):
            tally.counts[path, rule.id, levels[name]] += lines
            if rule.everywhere:
                tally.groups[path, (name, about)] += lines
            rules.append(rule)
        return rules

    def _count_repeated(self) -> None:
        """Count the lines that were equal to the last one, of which nothing more is stored."""
        assert self.last
        self._count(self.last, self.repeated)
        self.records += self.repeated * (self.last.kind is not LineKind.BLANK)
        self.examples += self.repeated * (self.last.kind is LineKind.OBJECT)
        self.repeated = 0

    def _first(self, hits: Iterable[RuleHit]) -> Iterator[RuleHit]:
        """Yield as many hits of each rule as a line may need: to locate one costs more than it."""
        keep, seen = self.config.max_findings, Counter[str]()
        for rule, name, hit in hits:
            seen[rule.id] += 1
            if not keep or seen[rule.id] <= max(keep, LINE_FINDINGS):
                yield rule, name, hit

    def _report(self, result: LineResult) -> None:
        """Count the findings of a line, and locate those to store."""
        tally, path, levels = self.tally, self.part.path, self.config.levels
        rules = self._count(result, 1)
        wanted = {rule.id for rule in rules if tally.room(path, rule.id, once=rule.once)}
        out = Outcome()
        out.crashes += result.crashes
        if wanted:
            locator = LineLocator(
                path,
                result.raw,
                result.start,
                offset=self.end,
                line=self.lines,
                example=None if result.kind is LineKind.BLANK else self.records,
            )
            worded = list(self._first(self.checker.worded(result, wanted, out)))
            located = locator.findings((rule.id, levels[name], hit) for rule, name, hit in worded)
            digest = locator.digest
            tally.add(
                PendingFinding(
                    finding, self.part.start, digest, rule.once, group_of(rule, name, hit)
                )
                for finding, (rule, name, hit) in zip(located, worded, strict=True)
            )
        for rule, error in out.crashes:
            tally.fail(crash(rule.id, error, path, self.end))
        is_described = self.surveys and result.kind is LineKind.OBJECT
        self.last = None if wanted or out.crashes or is_described else result


def _totals(limit: int | None) -> Totals:
    from ftlint.analysis.tokens.totals import Totals  # noqa: PLC0415 - a check alone starts faster without

    return Totals(limit)


def _statistics(name: str) -> Statistics:
    from ftlint.analysis.statistics.dataset import Statistics  # noqa: PLC0415 - as above

    return Statistics(name)


def line_limit(config: Config) -> int | None:
    """Return the maximum length (bytes) of a line held in memory, None for no limit."""
    if _TOO_LONG not in config.levels:
        return None
    limit: int = config.options[_TOO_LONG]["maximum"]
    return limit


class _Cache(threading.local):
    """The line checkers of this thread, and the digest of the last configuration."""

    def __init__(self) -> None:
        self.checkers: dict[str, LineChecker] = {}
        self._last: tuple[Config | None, str] = (None, "")

    def digest(self, config: Config) -> str:
        last, digest = self._last
        if last is not config:
            digest = config.digest
            self._last = (config, digest)
        return digest


_CACHE = _Cache()


def _line_checker(config: Config, part: Range) -> LineChecker:
    """Return a cached checker of this thread; compiling one takes longer than a small range."""
    checkers = _CACHE.checkers
    key = f"{_CACHE.digest(config)} {config.statistics} {part.format} {part.fields}"
    if key not in checkers:
        if len(checkers) > _CACHED:
            checkers.clear()
        checkers[key] = LineChecker(config, part.format, part.fields)
    return checkers[key]
