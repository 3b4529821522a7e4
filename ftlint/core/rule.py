"""Rules and event types as plain values.

They import no rule, so that every layer can name rules without loading them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar

from ftlint.core.errors import FtlintError
from ftlint.core.example import Example
from ftlint.core.finding import Hit, Severity

Options = Mapping[str, Any]
"""The limits of a rule by name, and the facts of the job that it lists."""

RuleFunction = Callable[..., Any]
"""A generator of hits; for a dataset rule, a class (`Accumulator`)."""

F = TypeVar("F", bound=RuleFunction)

SCOPES = ("file", "example", "dataset", "job")


class RuleError(FtlintError):
    """An invalid declaration of a rule, or a hit of a case that is not declared."""


class EventType(Generic[F]):
    """A type of event; `F` is the type of the functions called on it.

    `parameters` names the arguments of a function, in order. `scope` is one of `SCOPES`. On a
    `shape` event a rule gets a view without free text, so its hits may be cached by that view.
    `key` is the object key that the event is about, empty if none. An event takes its name from the
    attribute that it is assigned to.
    """

    __slots__ = ("key", "name", "parameters", "scope", "shape")

    def __init__(
        self, parameters: str, *, scope: str = "example", shape: bool = False, key: str = ""
    ) -> None:
        self.name, self.key = "", key
        self.parameters = tuple(parameters.split(", "))
        self.scope, self.shape = scope, shape

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"{owner.__name__}.{name}"

    def __repr__(self) -> str:
        return f"{self.name}({self.key!r})" if self.key else self.name


class KeyEvent(EventType[F]):
    """A shape event about a key that each rule names."""

    __slots__ = ()

    def __init__(self, parameters: str) -> None:
        super().__init__(parameters, shape=True)

    def __call__(self, key: str) -> EventType[F]:
        """Return the event about one key."""
        event: EventType[F] = EventType(", ".join(self.parameters), shape=True, key=key)
        event.name = self.name
        return event


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A declared rule.

    `calls` pairs events with functions. `formats` lists the data formats that the rule applies to,
    all if empty. `cases` are variants with their own severity, addressed as `rule.case`. `options`
    maps the names of its limits to types; values come from a profile, else from `defaults`. `job`
    lists the facts of the job or file (`ftlint.config.config.Config.job`) that are added to its
    options. A rule that is `once` is reported at most once per input, at its first location. If a
    rule with a case `everywhere` yields a hit for every example of an input, one each and with the
    same `Hit.about`, they become a single finding: of that case, or of their own, if they have one.

    `contains` lists strings: the rule is called only for texts, or examples, that hold at least
    one. A dataset rule that `sees` the "view" gets every different view of each range once; adding
    a view twice must change nothing. `memory` says whether its state grows with the input. `doc` is
    its description in Markdown; the first line is a summary.
    """

    id: str
    severity: Severity
    calls: tuple[tuple[EventType[Any], RuleFunction], ...] = field(repr=False)
    tags: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    cases: Mapping[str, Severity] = field(default_factory=dict)
    options: Mapping[str, type] = field(default_factory=dict)
    defaults: Options = field(default_factory=dict)
    job: tuple[str, ...] = ()
    fixable: bool = False
    once: bool = False
    everywhere: str = ""
    contains: tuple[str, ...] = ()
    sees: str = "text"
    memory: str = "constant"
    since: str = "0.1"
    aliases: tuple[str, ...] = ()
    doc: str = ""

    @property
    def scope(self) -> str:
        """What the rule checks: one of `SCOPES`."""
        return self.calls[0][0].scope

    @property
    def summary(self) -> str:
        """The requirement, in one sentence."""
        return self.doc.partition("\n")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the rule and its cases, as in profiles and `--select`."""
        return (self.id, *(f"{self.id}.{case}" for case in self.cases))

    def name_of(self, hit: Hit) -> str:
        """Return the `rule` or `rule.case` of a hit. Raises `RuleError` for an undeclared case."""
        if not hit.case:
            return self.id
        if hit.case not in self.cases:
            declared = ", ".join(self.cases) or "none"
            raise RuleError(f"case {hit.case!r} is not declared; declared: {declared}")
        return f"{self.id}.{hit.case}"

    def default_severity(self, name: str) -> Severity:
        """Return the declared severity of `rule` or `rule.case`."""
        return self.cases.get(name.partition(".")[2], self.severity)


RULES: dict[str, Rule] = {}
"""The rules declared so far, by id."""


class Mergeable(Protocol):
    """A picklable state for a part of a dataset."""

    def merge(self, other: Self) -> Self:
        """Return the state for both parts, in either order; change neither."""


class Accumulator(Mergeable, Protocol):
    """The state of a dataset rule for the examples of a part of the dataset.

    It is created with the options of the rule, once per range.
    """

    def add(self, example: Example) -> None:
        """Add a valid example."""

    def finish(self, facts: Any) -> Iterable[Hit]:
        """Yield the hits for an input (`InputFacts`), all of whose examples were added."""
