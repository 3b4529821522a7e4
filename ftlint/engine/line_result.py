"""The result of checking one line, as a value: no state is kept from line to line."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from ftlint.analysis.tokens.example_tokens import Measure
from ftlint.core.example import Example
from ftlint.core.rule import RULES, Rule
from ftlint.engine.binding import RuleHit
from ftlint.formats.schema import FaultKey


class LineKind(Enum):
    """The kind of a line: white space, not a JSON object, or an object."""

    BLANK = 0
    BROKEN = 1
    OBJECT = 2


@dataclass(slots=True, eq=False, repr=False)
class LineResult:
    """The result of checking a line.

    `start` is the byte where its columns begin. `example` is the parsed line, `measure` its tokens
    if all are counted. `hits` come from rules that see the line itself, `shape` from rules that see
    its view, so their messages have placeholders for texts; `faults` come from the schema, whether
    their rules are in force or not. A `brief` result, for a line that is not JSON, names the rule
    but has no message. An object is `foreign` if it is of another format than the file's, so that
    only rules about lines apply.
    """

    kind: LineKind
    raw: bytes
    start: int = 0
    example: Example | None = None
    measure: Measure | None = None
    shape: Sequence[RuleHit] = ()
    faults: Sequence[FaultKey] = ()
    brief: bool = False
    hits: Sequence[RuleHit] = ()
    crashes: Sequence[tuple[Rule, Exception]] = ()
    foreign: bool = False

    @property
    def silent(self) -> bool:
        """Whether there are neither findings nor errors."""
        return not (self.hits or self.shape or self.faults or self.crashes)

    def matches(self, levels: Container[str]) -> Iterator[tuple[Rule, str, str]]:
        """Yield (rule, rule or rule.case, about) of each hit or fault; `levels` are in force."""
        for rule, name, hit in (*self.hits, *self.shape):
            yield rule, name, hit.about
        for key in self.faults:
            if key.name in levels:
                yield RULES[key.rule], key.name, ""


SILENT = LineResult(LineKind.OBJECT, b"")
"""The result of an example without findings, where nothing else is kept of it."""
