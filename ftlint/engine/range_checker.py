"""Checking the lines of one range, from bytes to a tally."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ftlint.analysis.tokens.example_tokens import Spot
from ftlint.config.config import Config
from ftlint.core.report import DATA, TOKENS
from ftlint.core.rule import Mergeable
from ftlint.engine.binding import Outcome
from ftlint.engine.input_checker import group_of
from ftlint.engine.line_checker import LineChecker
from ftlint.engine.line_result import LineKind, LineResult
from ftlint.engine.locator import Place
from ftlint.engine.plan import refusal
from ftlint.engine.tally import Draft, Full, Segment, Tally, crash
from ftlint.inputs import ranges
from ftlint.inputs.discovery import Range
from ftlint.inputs.paths import unreadable
from ftlint.rules import load_rules

load_rules()  # a process that is given a range must know them


if TYPE_CHECKING:
    from ftlint.analysis.statistics.dataset import Statistics
    from ftlint.analysis.tokens.totals import Totals

NOTHING = Segment(0, 0, 0)
_TOO_LONG = "line-too-long"
_CACHED = 8


def check_range(part: Range, config: Config, full: Full = frozenset()) -> Tally:
    """Check the lines of one range; `full` is what need not be stored of it."""
    tally = Tally(config.max_findings, full=full)
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
    """Return what was counted in a range; where decompressed data end stands an empty segment."""
    return {end: NOTHING, part.start: segment} if part.compression else {part.start: segment}


class _Run:
    """The lines of one range on their way into a tally."""

    def __init__(self, tally: Tally, part: Range, config: Config) -> None:
        self.tally, self.part, self.config = tally, part, config
        self.checker = _line_checker(config, part)
        self.checker.take_states()
        self.lines = self.records = self.examples = 0
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
            segment = Segment(self.lines, self.records, self.examples)
            self.tally.segments[self.part.path] = _segments(self.part, segment, self.end)
            states: dict[str, Mergeable] = {**self.checker.take_states(), **self.surveys}
            self.tally.states = {(self.part.path, name): state for name, state in states.items()}

    def _lines(self) -> None:
        check, path = self.checker.check, self.part.path
        for offset, raw, length in ranges.lines(self.part, line_limit(self.config)):
            self.end = offset
            self.lines += 1
            held = length == len(raw)
            result = check(raw, path, offset) if held else self.checker.check_overlong(raw, length)
            if result.kind is not LineKind.BLANK:
                self.records += 1
            if result.kind is LineKind.OBJECT:
                self.examples += 1
                if self.surveys:
                    self._survey(result)
            if not result.silent:
                self._take(result, offset)
            self.end += length

    def _survey(self, result: LineResult) -> None:
        """Add an example to the totals and to what describes the data."""
        example, measure = result.example, result.measure
        if self.statistics is not None and example is not None:
            self.statistics.add(example)
        if self.totals is not None and measure is not None and measure.rows:
            spot = Spot(self.end, self.part.start, self.lines, self.records)
            self.totals.add(measure, spot)

    def _take(self, result: LineResult, offset: int) -> None:
        """Count what was found in a line, and locate what is to be kept."""
        tally, path, levels = self.tally, self.part.path, self.config.levels
        wanted = set()
        for rule, name, about in result.found(levels):
            tally.counts[path, rule.id, levels[name]] += 1
            if rule.everywhere:
                tally.groups[path, (name, about)] += 1
            if tally.room(path, rule.id, once=rule.once):
                wanted.add(rule.id)
        out = Outcome()
        out.crashes += result.crashes
        if wanted:
            place = Place(
                path,
                result.raw,
                result.start,
                offset=offset,
                line=self.lines,
                example=None if result.kind is LineKind.BLANK else self.records,
            )
            worded = list(self.checker.worded(result, wanted, out))
            found = place.findings((rule.id, levels[name], hit) for rule, name, hit in worded)
            digest = place.digest
            tally.add(
                Draft(finding, self.part.start, digest, rule.once, group_of(rule, name, hit))
                for finding, (rule, name, hit) in zip(found, worded, strict=True)
            )
        for rule, error in out.crashes:
            tally.fail(crash(rule.id, error, path, offset))


def _totals(limit: int | None) -> Totals:
    from ftlint.analysis.tokens.totals import Totals  # noqa: PLC0415 - a check alone starts faster without

    return Totals(limit)


def _statistics(name: str) -> Statistics:
    from ftlint.analysis.statistics.dataset import Statistics  # noqa: PLC0415 - as above

    return Statistics(name)


def line_limit(config: Config) -> int | None:
    """Return the longest line (bytes) that is held in memory, None for any."""
    if _TOO_LONG not in config.levels:
        return None
    limit: int = config.options[_TOO_LONG]["maximum"]
    return limit


class _Cache(threading.local):
    """The checkers of this thread, and the digest of the configuration used last."""

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
    """Return a checker of this thread's own; compiling one takes longer than a small range."""
    checkers = _CACHE.checkers
    key = f"{_CACHE.digest(config)} {part.format} {part.fields}"
    if key not in checkers:
        if len(checkers) > _CACHED:
            checkers.clear()
        checkers[key] = LineChecker(config, part.format, part.fields)
    return checkers[key]
