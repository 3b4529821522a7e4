"""One line, from bytes to what the rules say of it.

The hot path is short: parse, ask the schema, walk. Everything else happens only on lines that
are refused or that hold something unusual.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

import orjson

from ftlint.config import Config
from ftlint.formats import FORMATS, MESSAGES, METHODS, detect_among
from ftlint.kinds import BOM
from ftlint.model import Example, Hit
from ftlint.registry import RULES, Accumulator, Collector, Rule
from ftlint.schema import Failure, Shape, load
from ftlint.walk import Walk

Fields = tuple[tuple[str, str], ...]


class Verdict(Enum):
    """What a line is: white space, no JSON object, or an object."""

    BLANK = 0
    BROKEN = 1
    OBJECT = 2


@dataclass
class Line:
    """A line as rules about bytes see it.

    `raw` are all its bytes; `start` is the length in bytes of the byte-order marks in front;
    `refused` says that it is not JSON.
    """

    raw: bytes
    start: int
    refused: bool = False

    @property
    def end(self) -> int:
        """The byte where the text ends, before LF or CR LF."""
        return len(self.raw) - (2 if self.raw.endswith(b"\r\n") else self.raw.endswith(b"\n"))

    @property
    def body(self) -> bytes:
        """The text, undecoded."""
        return self.raw[self.start : self.end]

    @cached_property
    def text(self) -> str:
        """The text. Raises `UnicodeDecodeError` where it is not UTF-8."""
        return self.body.decode()

    @cached_property
    def error(self) -> orjson.JSONDecodeError:
        """What orjson says of the text that it has refused, line end left out."""
        try:
            orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            return error
        raise AssertionError("orjson refuses a line, but not its text")

    def byte(self, at: int) -> int:
        """Return the byte in `raw` of the 0-based code point `at` of `text`."""
        return self.start + len(self.text[:at].encode())


@dataclass(slots=True)
class Found:
    """What the rules said of the last line.

    `start` is the byte where its columns begin. `faults` are what the schema refused: not yet
    described, because most never need to be.
    """

    start: int = 0
    data: dict[str, Any] = field(default_factory=dict)
    faults: list[Failure] = field(default_factory=list)


class LineChecker:
    """The rules in force for the lines of one file, ready to run.

    `expected` is the data format of the file, None where its first lines do not tell; `fields` are
    what its rows hold beside messages, with JSON types. After
    `check`, the hits of the line are in `collector`, its faults of shape in `found`.
    """

    def __init__(self, config: Config, expected: str | None, fields: Fields = ()) -> None:
        self.levels = config.levels
        self.collector = Collector(config.options, {**config.job, "fields": dict(fields)})
        self.found = Found()
        self._mark = 0
        self.rules = {
            rule.id: rule
            for rule in RULES.values()
            if any(name in config.levels for name in rule.names)
        }
        self._expected = expected
        known = FORMATS.get(expected or "", FORMATS["chat"])
        wanted = METHODS.get(config.method or "", known.name)
        legacy = expected == "completion" and config.method != "completions"
        self._strange = expected != wanted or legacy
        self._shape = Shape(load(known.name), config.off, config.options)
        rules = [
            rule for rule in self.rules.values() if not rule.formats or known.name in rule.formats
        ]
        self._walk = Walk(known, rules, self.collector)
        self._on: dict[str, list[Rule]] = {}
        for rule in self.rules.values():
            for event in rule.on:
                self._on.setdefault(event, []).append(rule)
        self._crlf = self._on.get("line.crlf")
        for event in _FIRST:  # what refuses a line is found out, whether or not it is told
            self._on[event] = [rule for rule in RULES.values() if event in rule.on]
        self._parsed = [
            (test, self._on[event]) for event, test in _parsed(config).items() if event in self._on
        ]

    def check(self, raw: bytes, start: int, path: str, offset: int) -> Verdict:
        """Check one line.

        `start` is the length in bytes of a byte-order mark that belongs there, `offset` the
        0-based byte of the file where the line starts.
        """
        self.collector.clear()
        self.found = Found(start)
        self._mark = start
        if self._crlf and raw.endswith(b"\r\n"):
            self._tell("line.crlf", Line(raw, start))
        return self._parse(raw, start, path, offset)

    def take_states(self) -> dict[str, Accumulator]:
        """Hand over what rules over the dataset have kept, and start anew."""
        states, self._walk.states = self._walk.states, {}
        return states

    def too_long(self, raw: bytes, length: int) -> Verdict:
        """Take a line over the cap, of which only the first bytes are known."""
        self.collector.clear()
        self.found = Found()
        self._tell("line.too-long", Line(raw, 0), length)
        return Verdict.BROKEN

    def unended(self, raw: bytes) -> None:
        """Add what is to say of the last line, when no LF ends it."""
        self._tell("line.unended", Line(raw, 0))

    def names(self) -> Iterator[tuple[Rule, str, str]]:
        """Yield (rule, rule or rule.case, about) of each thing found in the last line, in force."""
        for rule, hit in self.collector.hits:
            name = rule.name_of(hit)
            if name in self.levels:
                yield rule, name, hit.about
        for fault in self.found.faults:
            if fault.name in self.levels:
                yield self.rules[fault.name.partition(".")[0]], fault.name, ""

    def hits(self, wanted: Container[str]) -> Iterator[tuple[Rule, str, Hit]]:
        """Yield what was found in the last line, worded, for the rules (ids) that are wanted."""
        for rule, hit in tuple(self.collector.hits):
            name = rule.name_of(hit)
            if name in self.levels and rule.id in wanted:
                yield rule, name, hit
        faults = [
            fault
            for fault in self.found.faults
            if fault.name in self.levels and fault.name.partition(".")[0] in wanted
        ]
        described = self._shape.describe(self.found.data) if faults else {}
        for fault in faults:
            rule = self.rules[fault.name.partition(".")[0]]
            known = len(self.collector.hits)
            self.collector.call(rule, described[fault])
            worded = self.collector.hits[known:]
            del self.collector.hits[known:]
            for _, hit in worded:
                yield rule, fault.name, hit

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
        self._object(start, Example(path, offset, raw, data))
        return Verdict.OBJECT

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
        self.collector.first(self._on["line.refused"], Line(raw, start, refused=True))
        return Verdict.BROKEN

    def _object(self, start: int, example: Example) -> None:
        data = example.data
        if not self._strange and self._shape.is_valid(data):
            self._walk.run(example, ())
            return
        kind = detect_among(data, self._expected)
        if self._strange or kind != self._expected:
            self._tell("line.format", Line(example.raw, start), kind, self._expected, data)
        expected = self._expected if self._expected in FORMATS else "chat"
        if kind == expected or (kind is None and self._expected in MESSAGES):
            faults = _without_noise(self._shape.failed(data))
            self.found.data, self.found.faults = data, faults
            self._walk.run(example, faults)


_ALONE = "missing-messages"
"""A fault beside which other faults of the keys of an example are noise."""


def _without_noise(faults: list[Failure]) -> list[Failure]:
    if any(fault.name == _ALONE for fault in faults):
        return [fault for fault in faults if fault.name == _ALONE or len(fault.pointer) > 1]
    return faults


def _repeats_a_key(raw: bytes, data: dict[str, Any]) -> bool:
    """Tell whether a key may stand twice, by the quotation marks that parsing has lost.

    Exact unless the line writes a quotation mark as an escape, which says yes to be looked at.
    """
    try:
        return raw.count(b'"') != orjson.dumps(data).count(b'"') or b"u0022" in raw
    except orjson.JSONEncodeError:  # nested deeper than orjson writes
        return True


_ENDS = tuple(end.encode() for end in "\u0085\u2028\u2029")
_FIRST = ("line.refused", "line.value")
"""Events at which the first rule that has something to say has the word."""


def _parsed(config: Config) -> dict[str, Callable[[bytes, dict[str, Any]], bool]]:
    """Return what makes a parsed line worth a closer look, by the event it is looked at for."""
    long: int = config.options["long-string"]["maximum"]
    deep: int = config.options["excessive-nesting"]["maximum"]
    return {
        "line.separator": lambda raw, _: not raw.isascii() and any(map(raw.__contains__, _ENDS)),
        "line.long": lambda raw, _: len(raw) > long,
        "line.brackets": lambda raw, _: raw.count(b"{") + raw.count(b"[") > deep,
        "line.duplicate": _repeats_a_key,
    }
