"""What was found in one line, as values: nothing is kept from one line to the next."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from ftlint.analysis.tokens.example_tokens import Measure
from ftlint.core.example import Example
from ftlint.core.rule import RULES, Rule
from ftlint.engine.binding import RuleHit
from ftlint.formats.schema import Failure, Fault

NO_FAULTS: Mapping[Failure, Fault] = {}


class LineKind(Enum):
    """What a line is: white space, no JSON object, or an object."""

    BLANK = 0
    BROKEN = 1
    OBJECT = 2


@dataclass(slots=True)
class LineResult:
    """What was found in a line.

    `start` is the byte where its columns begin. `example` is what it was parsed to, `measure` its
    tokens where all are counted. `hits` are of rules that see the line as it is, `shape` of rules
    that see its view, with placeholders for texts in their words; `faults` are what the schema
    refuses, in force or not. A `brief` result, of what is no JSON, has the rule, but not its words.
    """

    kind: LineKind
    raw: bytes
    start: int = 0
    example: Example | None = None
    measure: Measure | None = None
    shape: Sequence[RuleHit] = ()
    faults: Mapping[Failure, Fault] = field(default_factory=lambda: NO_FAULTS)
    brief: bool = False
    hits: Sequence[RuleHit] = ()
    crashes: Sequence[tuple[Rule, Exception]] = ()

    @property
    def silent(self) -> bool:
        """Whether there is nothing to say of the line."""
        return not (self.hits or self.shape or self.faults or self.crashes)

    def found(self, levels: Container[str]) -> Iterator[tuple[Rule, str, str]]:
        """Yield (rule, rule or rule.case, about) of each thing found; `levels` are in force."""
        for rule, name, hit in (*self.hits, *self.shape):
            yield rule, name, hit.about
        for failure in self.faults:
            if failure.name in levels:
                yield RULES[failure.rule], failure.name, ""


SILENT = LineResult(LineKind.OBJECT, b"")
"""The result of an example of which there is nothing to say, and nothing to survey."""
