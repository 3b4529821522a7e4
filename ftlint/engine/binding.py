"""Rules bound to their options, and calls of them that no failing rule can stop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.rule import Accumulator, EventType, Options, Rule, RuleFunction
from ftlint.rules.events import Event

RuleHit = tuple[Rule, str, Hit]
"""A hit with its rule, and with `rule` or `rule.case`."""


class Outcome:
    """What rules say: hits, with `rule` or `rule.case`, and the rules that raised."""

    __slots__ = ("crashes", "hits")

    def __init__(self) -> None:
        self.hits: list[RuleHit] = []
        self.crashes: list[tuple[Rule, Exception]] = []

    def add(self, other: Outcome) -> None:
        """Add what others say."""
        self.hits += other.hits
        self.crashes += other.crashes

    def call(self, bound: Bound, *args: object) -> None:
        """Call a rule and keep its hits."""
        self.call_all((bound,), *args)

    def call_all(self, bounds: Iterable[Bound], *args: object) -> None:
        """Call rules and keep their hits; a rule that raises does not end the run."""
        for rule, function, options in bounds:
            try:
                for hit in function(*args, options):
                    self.hits.append((rule, rule.name_of(hit), hit))
            except Exception as error:  # noqa: BLE001 - whatever a rule raises, the run goes on
                self.crashes.append((rule, error))

    def first(self, rules: Iterable[Bound], *args: object) -> None:
        """Call rules until one of them has something to say."""
        before = len(self.hits)
        for bound in rules:
            self.call(bound, *args)
            if len(self.hits) > before:
                return


class Bound(NamedTuple):
    """A function of a rule, with the options that it is given."""

    rule: Rule
    function: RuleFunction
    options: Options


class Binder:
    """Binds rules to their options: their limits, and what they asked to know of the job."""

    def __init__(self, limits: Mapping[str, Options], job: Mapping[str, Any]) -> None:
        self._limits, self._job = limits, job

    def options(self, rule: Rule) -> Options:
        """Return what a rule is given."""
        facts = {key: self._job[key] for key in rule.job if key in self._job}
        return {**self._limits[rule.id], **facts}

    def on(self, event: EventType[Any], rules: Iterable[Rule]) -> list[Bound]:
        """Return what is to be called on an event, about whichever key, in order of declaration."""
        return [
            Bound(rule, function, self.options(rule))
            for rule in rules
            for function in rule.functions(event)
        ]

    def by_key(self, event: EventType[Any], rules: Iterable[Rule]) -> dict[str, list[Bound]]:
        """Return what is to be called on an event, by its key."""
        table: dict[str, list[Bound]] = {}
        for rule in rules:
            for mine, function in rule.calls:
                if mine.name == event.name:
                    table.setdefault(mine.key, []).append(Bound(rule, function, self.options(rule)))
        return table


class DatasetRules:
    """The rules over the dataset in force for one format, and what they have kept of a range."""

    def __init__(self, rules: Sequence[Rule], binder: Binder) -> None:
        every = binder.on(Event.DATASET, rules)
        self.all = [bound for bound in every if bound.rule.sees != "view"]
        self._views = [bound for bound in every if bound.rule.sees == "view"]
        self._images = binder.on(Event.DATASET_IMAGES, rules)
        self._states: dict[str, Accumulator] = {}

    def add(self, example: Example, out: Outcome, *, images: bool) -> None:
        """Add a sound example; `images` is whether it holds any."""
        for bound in (*self.all, *self._images) if images else self.all:
            self._add(bound, example, out)

    def add_view(self, example: Example, out: Outcome) -> None:
        """Add a view of a sound example."""
        for bound in self._views:
            self._add(bound, example, out)

    def _add(self, bound: Bound, example: Example, out: Outcome) -> None:
        rule = bound.rule
        try:
            if rule.id not in self._states:
                self._states[rule.id] = bound.function(bound.options)
            self._states[rule.id].add(example)
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the run goes on
            out.crashes.append((rule, error))

    def take(self) -> dict[str, Accumulator]:
        """Hand over what was kept, and start again."""
        states, self._states = self._states, {}
        return states
