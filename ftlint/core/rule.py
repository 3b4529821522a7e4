"""Rules as plain values: what is known of a rule, and of the events that rules are called for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar

from ftlint.core.errors import FtlintError
from ftlint.core.example import Example
from ftlint.core.finding import Hit, Severity

Options = Mapping[str, Any]
"""The limits of a rule by name, and what it asked to know of the job."""

RuleFunction = Callable[..., Any]
"""A generator of hits; for a rule over the dataset, a class (`Accumulator`)."""

F = TypeVar("F", bound=RuleFunction)

SCOPES = ("file", "example", "dataset", "job")


class RuleError(FtlintError):
    """A rule whose declaration does not hold."""


class EventType(Generic[F]):
    """An occasion to call rules; `F` is the type of the functions that it calls.

    `parameters` names what a function is given, in order. `scope` is one of `SCOPES`. On a `shape`
    event a rule is given a view without free text, so what it says may be cached by that view.
    `key` is the key of an object that the event is about, empty where it is about none. An event
    takes its name from the attribute of the enumeration that it is assigned to.
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
    """A shape event about a key, which is given when a rule is declared."""

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
    """What is known of a rule.

    `calls` are the events that it is on, each with the function to call. `formats` are the data
    formats that it is for, none for all. `cases` are variants with a severity of their own,
    addressed as `rule.case`. `options` are the names and types of its limits, which a profile
    values, or else `defaults`; `job` names the facts of the job, or of the file, that it is given
    besides (`ftlint.config.config.Config.job`). A rule that is `once` is reported at most once for
    an input, at its first place. What a rule that has a case `everywhere` finds at every example of
    an input, once at each and about the same (`Hit.about`), becomes a single finding: of that case,
    or of its own, if it is of a case already.

    `contains` holds strings of which one occurs in whatever the rule has something to say of: it
    is called for those texts, or examples, only. A rule over the dataset that `sees` the "view"
    is given, of each part of an input, every different view of an example once; adding one again
    must change nothing. `memory` says whether what it keeps grows with the input. `doc` is its
    description, in Markdown; the first line is a summary.
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
        """One of `SCOPES`: whether the rule looks at a file, an example, a dataset or a job."""
        return self.calls[0][0].scope

    @property
    def summary(self) -> str:
        """The requirement, in one sentence."""
        return self.doc.partition("\n")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The rule and its cases, as a profile and `--select` address them."""
        return (self.id, *(f"{self.id}.{case}" for case in self.cases))

    def functions(self, event: EventType[Any]) -> list[RuleFunction]:
        """Return what to call on an event, about whichever key."""
        return [function for mine, function in self.calls if mine.name == event.name]

    def name_of(self, hit: Hit) -> str:
        """Name a hit as `rule` or `rule.case`. Raises `RuleError` for an undeclared case."""
        if not hit.case:
            return self.id
        if hit.case not in self.cases:
            declared = ", ".join(self.cases) or "none"
            raise RuleError(f"case {hit.case!r} is not declared; declared: {declared}")
        return f"{self.id}.{hit.case}"

    def default_severity(self, name: str) -> Severity:
        """Return the severity that the declaration gives to `rule` or `rule.case`."""
        return self.cases.get(name.partition(".")[2], self.severity)


RULES: dict[str, Rule] = {}
"""Every rule declared so far, by id."""


class Mergeable(Protocol):
    """What is kept of a part of a dataset; it must be picklable."""

    def merge(self, other: Self) -> Self:
        """Return what both parts come to, whichever was first; change neither."""


class Accumulator(Mergeable, Protocol):
    """What a rule over a whole dataset keeps of the examples of a part of it.

    It is made with the options of the rule, once for each range.
    """

    def add(self, example: Example) -> None:
        """Take an example whose shape is sound."""

    def finish(self, facts: Any) -> Iterable[Hit]:
        """Yield what is to be said of an input (`InputFacts`) when all of it was added."""
