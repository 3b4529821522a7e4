"""Rules bound to their options, and their calls, in which a rule that raises stops no other.

The parts of an example that the schema refuses are skipped, so that no fault hides another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Pointer
from ftlint.core.rule import Accumulator, EventType, Options, Rule, RuleFunction
from ftlint.formats.data_format import Format
from ftlint.formats.schema import FaultKey
from ftlint.rules.events import Event

RuleHit = tuple[Rule, str, Hit]
"""A hit with its rule, and with `rule` or `rule.case`."""


class Outcome:
    """The outcome of calling rules: their hits, and the rules that raised."""

    __slots__ = ("crashes", "hits")

    def __init__(self) -> None:
        self.hits: list[RuleHit] = []
        self.crashes: list[tuple[Rule, Exception]] = []

    def add(self, other: Outcome) -> None:
        """Add another outcome."""
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
        """Call rules until one of them yields a hit."""
        before = len(self.hits)
        for bound in rules:
            self.call(bound, *args)
            if len(self.hits) > before:
                return


class Bound(NamedTuple):
    """A function of a rule, with its options."""

    rule: Rule
    function: RuleFunction
    options: Options


class Binder:
    """Some rules, by the events that they are on, with their options.

    Options are limits, and the facts of the job that a rule lists.
    """

    def __init__(
        self, rules: Iterable[Rule], limits: Mapping[str, Options], job: Mapping[str, Any]
    ) -> None:
        self._calls: dict[str, list[tuple[str, Bound]]] = {}
        for rule in rules:
            options = limits[rule.id]
            if rule.job:
                options = {**options, **{key: job[key] for key in rule.job if key in job}}
            for event, function in rule.calls:
                bound = Bound(rule, function, options)
                self._calls.setdefault(event.name, []).append((event.key, bound))

    def on(self, event: EventType[Any]) -> list[Bound]:
        """Return the functions to call on an event, for any key, in declaration order."""
        return [bound for _, bound in self._calls.get(event.name, ())]

    def by_key(self, event: EventType[Any]) -> dict[str, list[Bound]]:
        """Return the functions to call on an event, by key."""
        table: dict[str, list[Bound]] = {}
        for key, bound in self._calls.get(event.name, ()):
            table.setdefault(key, []).append(bound)
        return table


class DatasetRules:
    """The dataset rules in force for one format, with their states for one range."""

    def __init__(self, binder: Binder) -> None:
        every = binder.on(Event.DATASET)
        self.all = [bound for bound in every if bound.rule.sees != "view"]
        self._views = [bound for bound in every if bound.rule.sees == "view"]
        self._images = binder.on(Event.DATASET_IMAGES)
        self._states: dict[str, Accumulator] = {}

    def add(self, example: Example, out: Outcome, *, images: bool) -> None:
        """Add a valid example; `images` is whether it holds any."""
        for bound in (*self.all, *self._images) if images else self.all:
            self._add(bound, example, out)

    def add_view(self, example: Example, out: Outcome) -> None:
        """Add the view of a valid example."""
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
        """Return the states, and reset them."""
        states, self._states = self._states, {}
        return states


_WHOLE = frozenset(
    {"message-not-object", "missing-role", "unknown-role", "output-role-not-allowed"}
)
_MISSING = {"missing-tool-call-id": "tool_call_id"}
"""Faults of a message that lacks a key, which rules across messages must not rely on."""

ACROSS = frozenset({"content", "tool_calls", "tool_call_id"})
"""Keys of messages that rules across messages read."""


class RefusedParts:
    """The parts of a refused example that rules must not read.

    `whole` holds the pointers of messages without a usable role, `keys` those of single keys, and
    `pointers` those of all values that the schema refuses.
    """

    def __init__(self, faults: Iterable[FaultKey], data_format: Format) -> None:
        self.whole: set[Pointer] = set()
        self.keys: set[Pointer] = set()  # each ends in a key, a string
        self.pointers: set[Pointer] = set()
        for name, pointer, _ in faults:
            self.pointers.add(pointer)
            for base in data_format.lists:
                if pointer[: len(base)] == base and len(pointer) > len(base):
                    if name in _WHOLE:
                        self.whole.add(pointer[: len(base) + 1])
                    elif name in _MISSING:
                        self.keys.add((*pointer[: len(base) + 1], _MISSING[name]))
                    elif len(pointer) > len(base) + 1:
                        self.keys.add(pointer[: len(base) + 2])

    def allows(self, base: Pointer, keys: Iterable[str] = ACROSS) -> bool:
        """Return whether rules across the messages at `base` may rely on these keys."""
        if not self.pointers:
            return True
        depth = len(base)
        return not any(pointer[:depth] == base for pointer in self.whole) and not any(
            pointer[:depth] == base and str(pointer[-1]) in keys for pointer in self.keys
        )


SOUND = RefusedParts((), Format("", "", "", ()))
"""The refused parts of a valid example: none."""


def occurs(contains: Sequence[str], text: str) -> bool:
    """Return whether a text holds one of the strings, or there are none."""
    return not contains or any(string in text for string in contains)
