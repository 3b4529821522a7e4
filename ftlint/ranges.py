"""Checking the lines of one range, from bytes to a tally."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import ftlint.rules  # noqa: F401 - declares the rules
from ftlint import reading
from ftlint.config import Config
from ftlint.finish import group_of
from ftlint.kinds import BOM
from ftlint.line import Verdict
from ftlint.lines import LineChecker
from ftlint.model import Example
from ftlint.paths import unreadable
from ftlint.place import Place
from ftlint.plan import refusal
from ftlint.registry import Mergeable
from ftlint.source import Range
from ftlint.tally import DATA, TOKENS, Draft, Full, Segment, Tally, crash
from ftlint.tokens.measure import Measure, Spot

if TYPE_CHECKING:
    from ftlint.skeleton import Sketch
    from ftlint.statistics import Statistics
    from ftlint.tokens.totals import Totals

NOTHING = Segment(0, 0, 0)
_TOO_LONG = "line-too-long"
_CACHED = 8
_TOGETHER = 64 << 10
"""Bytes of lines that are looked at together, which is faster; what comes of more of them no longer
fits the cache of a core."""


def check_range(part: Range, config: Config, full: Full = frozenset()) -> Tally:
    """Check the lines of one range; `full` is what need not be stored of it."""
    tally = Tally(config.max_findings, full=full)
    try:
        if part.text:
            _Run(tally, part, config).all()
        else:
            lines, size = reading.measure(part)
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
        silent = self.checker.silent
        limit = line_limit(self.config)
        for offset, held, last in reading.blocks(self.part, limit, _TOGETHER):
            self.end = offset
            sketches = self.checker.sketch(held)
            if not self.surveys and silent.issuperset(
                [sketch and sketch[0] for sketch in sketches]
            ):
                self._pass(len(held))
                self.end += sum(map(len, held))
                continue
            lengths = [*map(len, held[:-1]), last]
            for sketch, raw, length in zip(sketches, held, lengths, strict=True):
                if sketch is None or sketch[0] not in silent or not self._known(raw, sketch):
                    self._line(self.end, raw, length, sketch)
                self.end += length

    def _pass(self, count: int) -> None:
        """Count examples of which there is nothing to say."""
        self.lines += count
        self.records += count
        self.examples += count

    def _known(self, raw: bytes, sketch: Sketch) -> bool:
        """Take an example of which there is nothing to say, unless it turns out to be too long."""
        if self.surveys:
            example = Example(self.part.path, self.end, raw, sketch[1])
            gauge = self.checker.gauge
            if gauge and gauge.over(raw, example.data):
                return False
            self._pass(1)
            self._survey(example, gauge.measured if gauge else None)
        else:
            self._pass(1)
        return True

    def _line(self, offset: int, raw: bytes, length: int, sketch: Sketch | None) -> None:
        """Check a line of which there may be something to say."""
        checker = self.checker
        self.lines += 1
        if length > len(raw):
            verdict = checker.too_long(raw, length)
        else:
            start = len(BOM) if offset == 0 and raw.startswith(BOM) else 0
            verdict = checker.check(raw, start, self.part.path, offset, sketch)
            if verdict is not Verdict.BLANK and not raw.endswith(b"\n"):
                checker.unended(raw)
        self.records += verdict is not Verdict.BLANK
        self.examples += verdict is Verdict.OBJECT
        if checker.told:
            self._take(raw, offset, verdict)
        if checker.example:
            self._survey(checker.example, checker.measured)

    def _survey(self, example: Example, measure: Measure | None) -> None:
        """Add an example to the totals and to what describes the data."""
        if self.statistics is not None:
            self.statistics.add(example)
        if self.totals is not None and measure is not None and measure.rows:
            spot = Spot(example.offset, self.part.start, self.lines, self.records)
            self.totals.add(measure, spot)

    def _take(self, raw: bytes, offset: int, verdict: Verdict) -> None:
        """Count what was found in a line, and place what is to be kept."""
        tally, path, levels = self.tally, self.part.path, self.config.levels
        wanted = set()
        for rule, name, about in self.checker.names():
            tally.counts[path, rule.id, levels[name]] += 1
            if rule.everywhere:
                tally.groups[path, (name, about)] += 1
            if tally.room(path, rule.id, once=rule.once):
                wanted.add(rule.id)
        if wanted:
            self.checker.recall()
            place = Place(
                path,
                raw,
                self.checker.found.start,
                offset=offset,
                line=self.lines,
                example=None if verdict is Verdict.BLANK else self.records,
            )
            worded = list(self.checker.hits(wanted))
            found = place.findings((rule.id, levels[name], hit) for rule, name, hit in worded)
            digest = place.digest
            tally.add(
                Draft(finding, self.part.start, digest, rule.once, group_of(rule, name, hit))
                for finding, (rule, name, hit) in zip(found, worded, strict=True)
            )
        for rule, error in self.checker.collector.crashes:
            tally.fail(crash(rule.id, error, path, offset))


def _totals(limit: int | None) -> Totals:
    from ftlint.tokens.totals import Totals  # noqa: PLC0415 - a check alone starts faster without

    return Totals(limit)


def _statistics(name: str) -> Statistics:
    from ftlint.statistics import Statistics  # noqa: PLC0415 - as above

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
