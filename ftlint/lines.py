"""One line, from bytes to what the rules say of it.

A line like one that was seen before (`ftlint.skeleton`) is parsed and no more. Others are parsed
by orjson, which judges what is JSON, then the schema is asked, then the rules.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from ftlint.config import Config
from ftlint.formats import FORMATS, MESSAGES, METHODS, detect_among
from ftlint.kinds import BOM
from ftlint.line import ENDS, Line, Verdict, worth_a_look
from ftlint.model import Example, Hit
from ftlint.registry import RULES, Accumulator, Collector, Rule
from ftlint.schema import Shape, load, without_noise
from ftlint.tokens.gauge import Gauge
from ftlint.tokens.measure import Measure
from ftlint.told import Found, Known
from ftlint.walk import Walk

if TYPE_CHECKING:
    from ftlint.skeleton import Skeletons, Sketch

Fields = tuple[tuple[str, str], ...]

FEW = 64
"""Lines up to which each is looked at: getting ready for skeletons takes as long."""


class LineChecker:
    """The rules in force for the lines of one file, ready to run.

    `expected` is the data format of the file, None where its first lines do not tell; `fields` are
    what its rows hold beside messages, with JSON types. After
    `check`, the hits of the line are in `collector`, its faults of shape in `found`, the `example`
    is what it was parsed to; `format` is what examples are taken for. Of lines whose skeleton is
    `silent` there is nothing to say, and nothing more to keep, but how long it is (`gauge`).
    """

    def __init__(self, config: Config, expected: str | None, fields: Fields = ()) -> None:
        self.levels = config.levels
        self.collector = Collector(config.options, {**config.job, "fields": dict(fields)})
        self.found = Found()
        self.known: Known | None = None
        self.example: Example | None = None
        self._memo: dict[Hashable, Known] = {}
        self.silent: set[Hashable] = set()
        self._line = (b"", 0, "", 0)
        self._again = self._brief = self._over = False
        self._mark = 0
        self.rules = {
            rule.id: rule
            for rule in RULES.values()
            if any(name in config.levels for name in rule.names)
        }
        self._expected = expected
        known = self._known = FORMATS.get(expected or "", FORMATS["chat"])
        wanted = METHODS.get(config.method or "", known.name)
        legacy = expected == "completion" and config.method != "completions"
        self._strange = expected != wanted or legacy
        self._shape = Shape(load(known.name), config.off, config.options)
        told = any("tokens" in rule.on for rule in self.rules.values())
        self.gauge = Gauge.of(config.job, config.options, config.off, known.name, told=told)
        rules = [
            rule for rule in self.rules.values() if not rule.formats or known.name in rule.formats
        ]
        self._walk = Walk(known, rules, self.collector)
        self.format = known.name
        self._seen = 0
        exact = self.gauge is not None and self.gauge.exact
        self._surveyed = exact or config.statistics
        self._long: int = config.options["long-string"]["maximum"]
        if self.gauge and self.gauge.limit is not None and not exact:
            self._long = min(self._long, self.gauge.limit)
        self._on: dict[str, list[Rule]] = {}
        for rule in self.rules.values():
            for event in rule.on:
                self._on.setdefault(event, []).append(rule)
        self._crlf = self._on.get("line.crlf")
        for event in _FIRST:  # what refuses a line is found out, whether or not it is told
            self._on[event] = [rule for rule in RULES.values() if event in rule.on]
        self._parsed = [
            (test, self._on[event])
            for event, test in worth_a_look(config.options).items()
            if event in self._on
        ]

    def sketch(self, lines: Sequence[bytes]) -> list[Sketch | None]:
        """Return what is left of lines without their texts, None for lines to be looked at."""
        self._seen += len(lines)
        if self._seen <= FEW or not self._skeletons.possible:
            return [None] * len(lines)
        return self._skeletons.of_block(lines, self._long, ends=bool(self._crlf))

    @cached_property
    def _skeletons(self) -> Skeletons:
        from ftlint.skeleton import Skeletons  # noqa: PLC0415 - for more than a few lines

        return Skeletons(self._known, self.rules.values(), self._shape.words(), ENDS)

    def check(
        self, raw: bytes, start: int, path: str, offset: int, sketch: Sketch | None = None
    ) -> Verdict:
        """Check one line.

        `start` is the length in bytes of a byte-order mark that belongs there, `offset` the
        0-based byte of the file where the line starts, `sketch` what is left of it without texts.
        """
        self._line = (raw, start, path, offset)
        self.known = self.example = None
        if sketch is None:
            return self._look()
        skeleton, data = sketch
        self.known = known = self._memo.get(skeleton)
        if known is None:
            return self._learn(skeleton, data)
        if known.kept or self._surveyed:
            self.example = example = Example(path, offset, raw, data)
            self._walk.keep(example, known.kept)
            if self.gauge and self.gauge.exact and self.gauge.over(raw, data):
                self.known = None
                return self._look(again=True)
        if not known.names and all(rule.alike == "skeleton" for rule in known.kept):
            self.silent.add(skeleton)
        return Verdict.OBJECT

    def recall(self) -> None:
        """Look at the last line in full, if that has not been done."""
        if self.known is not None or self._brief:
            self.known = None
            self._look(again=True)

    def _learn(self, key: Hashable, data: dict[str, Any]) -> Verdict:
        """Look at a line, and remember what is to be said of all that are like it."""
        verdict = self._look()
        known = verdict is Verdict.OBJECT and not self.collector.crashes and not self._over
        dense = self.gauge is not None and self.gauge.dense(self._line[0], data)
        if known and not dense and self._skeletons.sound(key):
            if len(self._memo) >= _MEMO:
                self._memo.clear()
                self.silent.clear()
            kept = [] if self.found.faults else self._walk.kept(data)
            self._memo[key] = Known(tuple(self.names()), tuple(kept))
        return verdict

    def _look(self, *, again: bool = False) -> Verdict:
        """Parse the last line, ask the schema, call the rules."""
        raw, start, path, offset = self._line
        self.collector.clear()
        self.found = Found(start)
        self._mark = start
        self._again, self._brief = again, False
        if self._crlf and raw.endswith(b"\r\n"):
            self._tell("line.crlf", Line(raw, start))
        return self._parse(raw, start, path, offset)

    @property
    def measured(self) -> Measure | None:
        """The tokens of the last line, where all are counted and it is an example."""
        return self.gauge.measured if self.gauge and self.example else None

    @property
    def told(self) -> bool:
        """Whether there is anything to say of the last line."""
        if self.known is not None:
            return bool(self.known.names)
        found = self.collector
        return bool(found.hits or found.crashes or self.found.faults)

    def take_states(self) -> dict[str, Accumulator]:
        """Hand over what rules over the dataset have kept, and start anew."""
        states, self._walk.states = self._walk.states, {}
        self.silent.clear()
        return states

    def too_long(self, raw: bytes, length: int) -> Verdict:
        """Take a line over the cap, of which only the first bytes are known."""
        self.collector.clear()
        self.known, self.example, self._brief = None, None, False
        self.found = Found()
        self._tell("line.too-long", Line(raw, 0), length)
        return Verdict.BROKEN

    def unended(self, raw: bytes) -> None:
        """Add what is to say of the last line, when no LF ends it."""
        self.recall()
        self._tell("line.unended", Line(raw, 0))

    def names(self) -> Iterator[tuple[Rule, str, str]]:
        """Yield (rule, rule or rule.case, about) of each thing found in the last line, in force."""
        if self.known is not None:
            yield from self.known.names
            return
        for rule, hit in self.collector.hits:
            name = rule.name_of(hit)
            if name in self.levels:
                yield rule, name, hit.about
        for fault in self.found.faults:
            if fault.name in self.levels:
                yield self.rules[fault.name.partition(".")[0]], fault.name, ""

    def hits(self, wanted: Container[str]) -> Iterator[tuple[Rule, str, Hit]]:
        """Yield what was found in the last line, worded, for the rules (ids) that are wanted."""
        self.recall()
        for rule, hit in tuple(self.collector.hits):
            name = rule.name_of(hit)
            if name in self.levels and rule.id in wanted:
                yield rule, name, hit
        for failure, fault in self.found.faults.items():
            rule = RULES[failure.name.partition(".")[0]]
            if failure.name not in self.levels or rule.id not in wanted:
                continue
            known = len(self.collector.hits)
            self.collector.call(rule, fault)
            worded = self.collector.hits[known:]
            del self.collector.hits[known:]
            for _, hit in worded:
                yield rule, failure.name, hit

    def _tell(self, event: str, *args: object) -> None:
        for rule in self._on.get(event, ()):
            self.collector.call(rule, *args)

    def _parse(self, raw: bytes, start: int, path: str, offset: int) -> Verdict:
        try:
            data = orjson.loads(raw[start:] if start else raw)
        except orjson.JSONDecodeError:
            return self._refused(raw, start, path, offset)
        if not isinstance(data, dict):
            self.collector.first(self._on["line.value"], Line(raw, start), data)
            return Verdict.BROKEN
        for test, rules in self._parsed:
            if test(raw, data):
                for rule in rules:
                    self.collector.call(rule, Line(raw, start))
        self.example = example = Example(path, offset, raw, data)
        self._object(start, example)
        if self.gauge:
            self._weigh(self.gauge, example)
        return Verdict.OBJECT

    def _weigh(self, gauge: Gauge, example: Example) -> None:
        """Call the rules about examples that are longer than the model takes."""
        measure = gauge.over(example.raw, example.data)
        self._over = measure is not None
        for rule in self._on.get("tokens", ()) if measure else ():
            self.collector.call(rule, example, measure, gauge.limit)

    def _refused(self, raw: bytes, start: int, path: str, offset: int) -> Verdict:
        if not raw[start:].strip():
            self._tell("line.blank", Line(raw, self._mark))
            return Verdict.BLANK
        marked = start
        while raw.startswith(BOM, marked):
            marked += len(BOM)
        if marked > start:
            self._tell("line.bom", Line(raw, start), marked - start)
            self.found.start = marked
            return self._parse(raw, marked, path, offset)
        self._brief = not self._again
        line = Line(raw, start, refused=True, brief=self._brief)
        self.collector.first(self._on["line.refused"], line)
        return Verdict.BROKEN

    def _object(self, start: int, example: Example) -> None:
        data = example.data
        if not self._strange and self._shape.is_valid(data):
            pictured = self._walk.run(example, ())
            if not self._again:
                self._walk.take(example, pictured=pictured)
            return
        kind = detect_among(data, self._expected)
        if self._strange or kind != self._expected:
            self._tell("line.format", Line(example.raw, start), kind, self._expected, data)
        expected = self._expected if self._expected in FORMATS else "chat"
        if kind == expected or (kind is None and self._expected in MESSAGES):
            faults = without_noise(self._shape.failed(data))
            self.found.faults = faults
            pictured = self._walk.run(example, faults)
            if not faults and not self._again:
                self._walk.take(example, pictured=pictured)


_MEMO = 4096
"""Skeletons that are remembered."""

_FIRST = ("line.refused", "line.value")
"""Events at which the first rule that has something to say has the word."""
