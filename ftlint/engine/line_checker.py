"""The check of one line: parsing, schema, rules.

orjson decides what is JSON; text rules run on every line. The verdicts of the schema and of shape
rules are cached by the view of an example (`ftlint.engine.fastpath.views`): shape rules see nothing
else, and for the schema `ftlint.formats.schema_proof` proves it, or else nothing is cached.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any

import orjson

from ftlint.analysis.tokens.context_limit import Gauge
from ftlint.config.config import Config
from ftlint.core.example import Example
from ftlint.core.rule import RULES, Accumulator, EventType
from ftlint.engine.binding import SOUND, Binder, DatasetRules, Outcome, RefusedParts, RuleHit
from ftlint.engine.dispatcher import ShapeRules, TextRules
from ftlint.engine.fastpath.answer_cache import Answer, AnswerCache
from ftlint.engine.fastpath.plain_lines import PlainLines
from ftlint.engine.fastpath.short_lines import BYTES, ShortLines
from ftlint.engine.fastpath.views import View, deeper
from ftlint.engine.line_result import SILENT, LineKind, LineResult
from ftlint.formats.data_format import FORMATS, MESSAGES, METHODS, detect_among
from ftlint.formats.schema import FaultKey, FormatValidator, SchemaFault, load, without_noise
from ftlint.inputs.filetype import BOM
from ftlint.rules.context import Line
from ftlint.rules.events import Event

Fields = tuple[tuple[str, str], ...]

_FIRST = (Event.REFUSED_LINE, Event.LINE_VALUE)
"""Events on which only the first rule with a hit counts, in force or not."""

_OF_LINES = (
    *(Event.BLANK_LINE, Event.LINE_BOM, Event.CRLF_LINE, Event.LONG_LINE, Event.NESTED_LINE),
    *(Event.REPEATED_KEY, Event.LINE_FORMAT, Event.OVERLONG_LINE, Event.UNENDED_LINE),
    Event.TOKENS,
)


class LineChecker:
    """The rules in force for the lines of one file, bound and compiled.

    `expected` is the format of the file, None if its first lines do not tell; `fields` are the keys
    of its rows besides messages, with JSON types. `format` is the format that examples are checked
    as, `rules` the ids of those in force. `cached` turns on the cache, which changes no result.
    """

    def __init__(
        self, config: Config, expected: str | None, fields: Fields = (), *, cached: bool = True
    ) -> None:
        self._levels, self._expected = config.levels, expected
        data_format = self._data_format = FORMATS.get(expected or "", FORMATS["chat"])
        name = self.format = data_format.name
        wanted = METHODS.get(config.method or "", name)
        legacy = expected == "completion" and config.method != "completions"
        self._strange = expected != wanted or legacy
        self._schema = FormatValidator(load(name), config.off, config.options)
        rules = [rule for rule in RULES.values() if not config.levels.keys().isdisjoint(rule.names)]
        self.rules = {rule.id for rule in rules}
        job = {**config.job, "fields": dict(fields)}
        in_force, every = (Binder(some, config.options, job) for some in (rules, RULES.values()))
        on_tokens = bool(in_force.on(Event.TOKENS))
        self.gauge = Gauge.of(config.job, config.options, config.off, name, has_rules=on_tokens)
        self._long: int = config.options["long-string"]["maximum"]
        self._deep: int = config.options["excessive-nesting"]["maximum"]
        self._on = {event: in_force.on(event) for event in _OF_LINES}
        self._on |= {event: every.on(event) for event in _FIRST}
        self._wording = {bound.rule.id: bound for bound in every.on(Event.SCHEMA)}
        for_format = [rule for rule in rules if not rule.formats or name in rule.formats]
        binder = Binder(for_format, config.options, job)
        self._shape = ShapeRules(data_format, binder)
        self._texts = TextRules(data_format, binder)
        self._dataset = DatasetRules(binder)
        cached &= not self._strange
        words = partial(self._schema.words, data_format) if cached else None
        self.cache = AnswerCache(self._texts.contains, words)
        longest = self._long if self.gauge is None else min(self._long, self.gauge.surely_fits)
        more = config.statistics or self._dataset.all or self._texts.more
        possible = cached and name == "chat" and longest > 0 and not more
        self._plain = PlainLines(self.cache, binder, longest) if possible else None
        self._short = ShortLines()

    def take_states(self) -> dict[str, Accumulator]:
        """Return the states of the dataset rules, and reset them."""
        self.cache.generation += 1
        return self._dataset.take()

    def check(self, raw: bytes, path: str, offset: int) -> LineResult:
        """Check a line, the last one with or without LF; `offset` is its 0-based byte."""
        start = len(BOM) if offset == 0 and raw.startswith(BOM) else 0
        return self._check(Example(path, offset, raw, self.cache.parse(raw[start:])), start)

    def check_block(self, lines: Sequence[bytes], path: str, offset: int) -> Iterator[LineResult]:
        """Check some lines in a row; `offset` is the 0-based byte of the first one."""
        if offset == 0:
            yield self.check(lines[0], path, offset)
            offset, lines = len(lines[0]), lines[1:]
        known = self._short
        parsed = known.parse(lines, self.cache.parse)
        silent = self._plain.silent(lines, parsed) if self._plain and lines else ()
        for raw, data, quiet in zip_longest(lines, parsed, silent):
            if quiet:
                yield SILENT
            elif len(raw) > BYTES:
                yield self._check(Example(path, offset, raw, data), 0)
            else:
                example = Example(path, offset, raw, data)
                yield known.get(raw) or known.keep(self._check(example, 0))
            offset += len(raw)

    def _check(self, example: Example, start: int) -> LineResult:
        raw, data = example.raw, example.data
        out = Outcome()
        result = None if data is None else self._object(example, start, out)
        if result is None:
            result = self._reread(example, start, out, repeated=data is None)
        if raw[-2:-1] == b"\r" or raw[-1:] != b"\n":
            if raw.endswith(b"\r\n"):
                self._call(Event.CRLF_LINE, out, Line(raw, start))
            elif not raw.endswith(b"\n") and result.kind is not LineKind.BLANK:
                self._call(Event.UNENDED_LINE, out, Line(raw, 0))
        return self._finished(result, out) if out.hits or out.crashes else result

    def check_overlong(self, raw: bytes, length: int) -> LineResult:
        """Check a line of `length` bytes, over the limit; `raw` holds its first bytes."""
        out = Outcome()
        self._call(Event.OVERLONG_LINE, out, Line(raw, 0), length)
        return self._finished(LineResult(LineKind.BROKEN, raw), out)

    def _finished(self, result: LineResult, out: Outcome) -> LineResult:
        result.hits = [hit for hit in out.hits if hit[1] in self._levels]
        result.crashes = out.crashes
        return result

    def worded(self, result: LineResult, wanted: Container[str], out: Outcome) -> Iterator[RuleHit]:
        """Yield the hits of the rules `wanted`, with complete messages; crashes go to `out`."""
        hits: Iterable[RuleHit] = result.hits
        if result.brief and any(rule.id in wanted for rule, _, _ in result.hits):
            out.first(self._on[Event.REFUSED_LINE], Line(result.raw, result.start, refused=True))
            again = {rule.id: hit for rule, _, hit in out.hits}
            hits = [(rule, name, again.get(rule.id, hit)) for rule, name, hit in hits]
        yield from (hit for hit in hits if hit[0].id in wanted)
        shape = [hit for hit in result.shape if hit[0].id in wanted]
        example = result.example
        if example and shape:
            refused = RefusedParts(result.faults, self._data_format) if result.faults else SOUND
            yield from self._shape.reworded(shape, example, refused, out)
        faults = self._faults(example) if example and result.faults else {}
        for key, fault in faults.items():
            if key.rule in wanted and key.name in self._levels:
                start = len(out.hits)
                out.call(self._wording[key.rule], fault)
                yield from ((rule, key.name, hit) for rule, _, hit in out.hits[start:])

    def _call(self, event: EventType[Any], out: Outcome, *args: object) -> None:
        for bound in self._on[event]:
            out.call(bound, *args)

    def _reread(
        self, example: Example, start: int, out: Outcome, *, repeated: bool = False
    ) -> LineResult:
        """Check a line as orjson parses it; `repeated` means that it may repeat a key."""
        raw = example.raw
        begin = start
        while True:
            try:
                data = orjson.loads(raw[begin:])
                break
            except orjson.JSONDecodeError:
                marked = begin
                while raw.startswith(BOM, marked):
                    marked += len(BOM)
                if marked == begin or not raw[begin:].strip():
                    return self._refused(raw, start, begin, out)
                self._call(Event.LINE_BOM, out, Line(raw, begin), marked - begin)
                begin = marked
        if not isinstance(data, dict):
            out.first(self._on[Event.LINE_VALUE], Line(raw, begin), data)
            return LineResult(LineKind.BROKEN, raw, begin)
        if repeated:
            self._call(Event.REPEATED_KEY, out, Line(raw, begin))
        example.data = data
        result = self._object(example, begin, out, judged=True)
        assert result is not None
        return result

    def _refused(self, raw: bytes, start: int, begin: int, out: Outcome) -> LineResult:
        """Check a line that orjson refuses; its text begins at byte `begin`, after any BOM."""
        if not raw[begin:].strip():
            self._call(Event.BLANK_LINE, out, Line(raw, start))
            return LineResult(LineKind.BLANK, raw, begin)
        out.first(self._on[Event.REFUSED_LINE], Line(raw, begin, refused=True, brief=True))
        return LineResult(LineKind.BROKEN, raw, begin, brief=True)

    def _object(
        self, example: Example, start: int, out: Outcome, *, judged: bool = False
    ) -> LineResult | None:
        """Check a parsed line; return None if orjson has to parse it first (`judged`).

        That is so if it is not an object, or holds numbers that parsers read differently.
        """
        data, raw = example.data, example.raw
        if type(data) is not dict:
            return None
        view = View(data, self._data_format)
        try:
            key = self.cache.key(raw, data, view)
        except TypeError:
            view.odd, key = True, None
        if view.odd and not judged:
            return None
        result = LineResult(LineKind.OBJECT, raw, start, example)
        answer = self.cache.answers.get(key) if key else None
        if answer is None:
            matched, answer = self._new_answer(result, view, key, out)
            if answer is None:
                result.foreign = True
                return self._measured(result, view, out)
        else:
            matched = self.cache.search(view.texts)
            if matched or len(raw) > self._long:
                self._call_on_bytes(result, matched, out)
        result.shape, result.faults = answer.hits, answer.faults
        pictured = self._texts.run(example, view, matched, answer.refused, out)
        if not answer.faults:
            self._dataset.add(example, out, images=pictured)
            if answer.generation != self.cache.generation:
                answer.generation = self.cache.generation
                self._dataset.add_view(example.with_data(view.data), out)
        return self._measured(result, view, out)

    def _new_answer(
        self, result: LineResult, view: View, key: Hashable, out: Outcome
    ) -> tuple[frozenset[str], Answer | None]:
        """Return the strings matched and the answer for a view, cached if that is sound.

        There is none for an object of another format than the file's.
        """
        example = result.example
        assert example is not None
        self.cache.misses += 1
        faults: Sequence[FaultKey] = ()
        if self._strange or not self._schema.is_valid(example.data):
            kind = detect_among(example.data, self._expected)
            if self._strange or kind != self._expected:
                line = Line(example.raw, result.start)
                self._call(Event.LINE_FORMAT, out, line, kind, self._expected, example.data)
                key = None
            expected = self._expected if self._expected in FORMATS else "chat"
            if kind != expected and (kind is not None or self._expected not in MESSAGES):
                return self._search(result, view, out)[0], None
            faults = tuple(self._faults(example))
        matched, decided = self._search(result, view, out)
        refused = RefusedParts(faults, self._data_format) if faults else SOUND
        shape = self._shape.run(example.with_data(view.data), refused)
        out.crashes += shape.crashes
        answer = Answer(faults, refused, [hit for hit in shape.hits if hit[1] in self._levels])
        if key and decided and not shape.crashes:
            self.cache.put(key, view, answer)
        return matched, answer

    def _faults(self, example: Example) -> dict[FaultKey, SchemaFault]:
        return without_noise(self._schema.failed(example.data))

    def _call_on_bytes(self, result: LineResult, matched: frozenset[str], out: Outcome) -> None:
        """Call the rules on the bytes of a line that is an object."""
        if len(result.raw) > self._long:
            self._call(Event.LONG_LINE, out, Line(result.raw, result.start))
        for bound in self._texts.of(Event.LINE, matched) if matched else ():
            out.call(bound, Line(result.raw, result.start))

    def _search(self, result: LineResult, view: View, out: Outcome) -> tuple[frozenset[str], bool]:
        """Search all of a line; return the strings matched, and whether the view decides the rest.

        It does not if it holds one of these strings, or is nested deeply.
        """
        raw = result.raw
        held = self.cache.search_view(view)
        matched = held | self.cache.search(view.texts)
        self._call_on_bytes(result, matched, out)
        nested = raw.count(b"{") + raw.count(b"[") > self._deep and deeper(view.data, self._deep)
        if nested:
            self._call(Event.NESTED_LINE, out, Line(raw, result.start))
        return matched, not held and not nested

    def _measured(self, result: LineResult, view: View, out: Outcome) -> LineResult:
        """Return the result with the tokens counted, if all are or the example may be too long."""
        gauge, example = self.gauge, result.example
        if gauge and example and (view.images or len(example.raw) > gauge.surely_fits):
            measure = gauge.measure(example.raw, example.data, images=view.images)
            if measure and gauge.limit is not None and measure.longest > gauge.limit:
                self._call(Event.TOKENS, out, example, measure, gauge.limit)
            result.measure = measure if gauge.exact else None
        return result
