"""The decorator that declares a rule, and its checks.

A rule that could never be called fails at import, not in silence.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from ftlint.config.profile import is_valued
from ftlint.core.errors import nearest
from ftlint.core.finding import Severity
from ftlint.core.rule import RULES, EventType, KeyEvent, Rule, RuleError, RuleFunction
from ftlint.formats.data_format import FORMATS
from ftlint.rules.events import Event

F = TypeVar("F", bound=RuleFunction)

JOB_FACTS = frozenset(
    (
        *("check_urls", "documents", "epochs", "fields", "grader", "grader_fields"),
        *("grader_references", "hyperparameters", "launching", "max_cost", "method", "model"),
        *("prices", "profile", "ranges", "response_format", "seed", "suffix", "tier", "today"),
        *("tokens", "validation"),
    )
)
"""Names that a rule may list in `job`: the keys of `ftlint.config.config.Config.job`, and `fields`,
which come from the file.
"""

_STATE = ("add", "merge", "finish")
_WITH_TEXTS = (Event.TEXT, Event.ROW, Event.EXAMPLE, Event.LINE)
_OF_STATES = (Event.DATASET, Event.DATASET_IMAGES)


def rule(
    id: str,  # noqa: A002 - the word that profiles, reports and users have for it
    *,
    severity: str,
    on: EventType[F] | Sequence[EventType[F]],
    also: Mapping[EventType[Any], RuleFunction] | None = None,
    tags: Sequence[str] = (),
    formats: Sequence[str] = (),
    cases: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    job: Sequence[str] = (),
    fixable: bool = False,
    once: bool = False,
    everywhere: str = "",
    contains: Sequence[str] = (),
    sees: str = "text",
    memory: str = "constant",
    aliases: Sequence[str] = (),
) -> Callable[[F], F]:
    """Declare the decorated function as a rule; its docstring is the rule's documentation.

    `also` maps further events to functions. The value of an option is its default, or its type if
    profiles set it. The rest is as in `Rule`. Raises `RuleError` if the id is taken, or if an
    event, signature, case, option or other name declared is unknown or does not fit.
    """

    def declare(function: F) -> F:
        events = (on,) if isinstance(on, EventType | str) else tuple(on)
        limits = dict(options or {})
        declared = Rule(
            id=id,
            severity=Severity(severity),
            calls=(*((event, function) for event in events), *(also or {}).items()),
            tags=tuple(tags),
            formats=tuple(formats),
            cases={case: Severity(level) for case, level in (cases or {}).items()},
            options={
                key: value if isinstance(value, type) else type(value)
                for key, value in limits.items()
            },
            defaults={key: value for key, value in limits.items() if not isinstance(value, type)},
            job=tuple(job),
            fixable=fixable,
            once=once,
            everywhere=everywhere,
            contains=tuple(contains),
            sees=sees,
            memory=memory,
            aliases=tuple(aliases),
            doc=inspect.getdoc(function) or "",
        )
        _check(declared)
        RULES[id] = declared
        return function

    return declare


def _check(declared: Rule) -> None:
    """Raise `RuleError` if a rule declares an unknown name, or names that do not go together."""
    if declared.id in RULES:
        raise RuleError(f"rule {declared.id!r} is declared twice; give one of them another id")
    for event, function in declared.calls:
        if not isinstance(event, EventType) or isinstance(event, KeyEvent):
            raise RuleError(_unknown(declared, "event", str(event), _events()))
        _check_signature(declared, event, function)
        if declared.contains and event not in _WITH_TEXTS:
            words = f"contains does not go with {event!r}"
            raise RuleError(f"rule {declared.id!r}: {words}; it goes with {_WITH_TEXTS}")
    everywhere = [declared.everywhere] if declared.everywhere else []
    for kind, names, known in (
        ("case", everywhere, declared.cases),
        ("fact of the job", declared.job, JOB_FACTS),
        ("format", declared.formats, FORMATS),
        ("way to see", [declared.sees], ("text", "view")),
    ):
        for name in names:
            if name not in known:
                raise RuleError(_unknown(declared, kind, name, known))
    for name in declared.options.keys() - declared.defaults.keys():
        if not is_valued(declared.id, name):
            words = f"option {name!r} has no value in any profile"
            remedy = f"set it under [rules.{declared.id}] in common.toml, or declare a default"
            raise RuleError(f"rule {declared.id!r}: {words}; {remedy}")


def _check_signature(declared: Rule, event: EventType[Any], function: RuleFunction) -> None:
    expected, called = event.parameters, function
    if (event in _OF_STATES) != isinstance(function, type):
        kind = "a class" if event in _OF_STATES else "a function"
        raise RuleError(f"rule {declared.id!r}: {event!r} expects {kind}, not {function!r}")
    if isinstance(function, type):
        missing = [name for name in _STATE if not callable(getattr(function, name, None))]
        if missing:
            words = f"{function.__name__} has no {', '.join(missing)}, which {event!r} needs"
            raise RuleError(f"rule {declared.id!r}: {words}")
        expected, called = ("self", *expected), vars(function)["__init__"]
    code = called.__code__
    if code.co_argcount != len(expected) or code.co_kwonlyargcount:
        taken = ", ".join(code.co_varnames[: code.co_argcount])
        words = f"takes ({taken}), expected ({', '.join(expected)}) for {event!r}"
        raise RuleError(f"rule {declared.id!r}: {function.__name__} {words}")


@cache
def _events() -> list[str]:
    events = [event for event in vars(Event).values() if isinstance(event, EventType)]
    return [f"{event.name}(KEY)" if isinstance(event, KeyEvent) else event.name for event in events]


def _unknown(declared: Rule, kind: str, name: str, known: Any) -> str:
    near = nearest(name, known) or nearest(f"Event.{name.upper().replace('.', '_')}(KEY)", known)
    hint = f"did you mean {near}?" if near else f"known: {', '.join(known) or 'none'}"
    return f"rule {declared.id!r}: unknown {kind} {name!r}; {hint}"
