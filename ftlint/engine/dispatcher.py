"""The dispatch of rules: which functions are called for an example, and with what.

Rules about shape are called with a view, in one walk over its messages; rules about texts with the
example, in another. Of a refused example, both leave out what the schema refuses, so that no fault
hides another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ftlint.core.example import Example
from ftlint.core.finding import Hit, Related
from ftlint.core.json_spans import Pointer, find
from ftlint.core.rule import EventType, Rule
from ftlint.engine.binding import Binder, Bound, Outcome, RuleHit
from ftlint.engine.fastpath.views import View
from ftlint.formats.data_format import Format
from ftlint.formats.images import Picture, pictures
from ftlint.formats.schema import Failure
from ftlint.rules.context import CALLS, Conversation, calls, texts
from ftlint.rules.events import Event

_WHOLE = frozenset(
    {"message-not-object", "missing-role", "unknown-role", "output-role-not-allowed"}
)
_MISSING = {"missing-tool-call-id": "tool_call_id"}
"""Faults of a message that lacks a key: rules across messages must not look for it."""

_ACROSS = frozenset({"content", "tool_calls", "tool_call_id"})


class Broken:
    """What of a refused example the rules must not look at.

    `whole` are the pointers of messages without a usable role, `keys` those of single keys, and
    `refused` of all that the schema refuses.
    """

    def __init__(self, faults: Iterable[Failure], known: Format) -> None:
        self.whole: set[Pointer] = set()
        self.keys: set[Pointer] = set()  # each ends in a key, a string
        self.refused: set[Pointer] = set()
        for name, pointer, _ in faults:
            self.refused.add(pointer)
            for base in known.lists:
                if pointer[: len(base)] == base and len(pointer) > len(base):
                    if name in _WHOLE:
                        self.whole.add(pointer[: len(base) + 1])
                    elif name in _MISSING:
                        self.keys.add((*pointer[: len(base) + 1], _MISSING[name]))
                    elif len(pointer) > len(base) + 1:
                        self.keys.add(pointer[: len(base) + 2])

    def allows(self, base: Pointer, keys: Iterable[str] = _ACROSS) -> bool:
        """Tell whether rules across the messages at `base` may rely on these keys."""
        if not self.refused:
            return True
        depth = len(base)
        return not any(pointer[:depth] == base for pointer in self.whole) and not any(
            pointer[:depth] == base and str(pointer[-1]) in keys for pointer in self.keys
        )


SOUND = Broken((), Format("", "", "", ()))
"""Nothing is refused."""


class ShapeRules:
    """The rules about shape in force for one format; all they are given is a view."""

    def __init__(self, known: Format, rules: Sequence[Rule], binder: Binder) -> None:
        self._format = known
        self._turns = binder.on(Event.TURNS, rules)
        self._example = binder.by_key(Event.EXAMPLE_KEY, rules)
        self._message = binder.by_key(Event.MESSAGE_KEY, rules)
        self._across = binder.by_key(Event.MESSAGES_KEY, rules)

    def run(self, example: Example, broken: Broken = SOUND) -> Outcome:
        """Call the rules for one example, whose data are a view."""
        out = Outcome()
        base = self._format.holder
        holder = find(example.data, base)
        for key in holder if isinstance(holder, dict) else ():
            if key in self._example and (*base, key) not in broken.refused:
                for bound in self._example[key]:
                    out.call(bound, example, (*base, key), holder)
        for index, base in enumerate(self._format.lists):
            messages = find(example.data, base)
            if isinstance(messages, list) and messages:
                self._conversation(
                    example, Conversation(base, messages), broken, out, first=not index
                )
        return out

    def reworded(
        self, hits: Iterable[RuleHit], example: Example, broken: Broken, out: Outcome
    ) -> Iterator[RuleHit]:
        """Put the texts of an example into the words of what was said of its view.

        Only what was said of the view counts, so that no finding depends on a text.
        """
        again = self.run(example, broken)
        out.crashes += again.crashes
        words: dict[tuple[str, Pointer | None], list[Hit]] = {}
        for _, name, hit in again.hits:
            words.setdefault((name, hit.pointer), []).append(hit)
        for rule, name, hit in hits:
            same = words.get((name, hit.pointer))
            yield rule, name, same.pop(0) if same else hit

    def _conversation(
        self, example: Example, talk: Conversation, broken: Broken, out: Outcome, *, first: bool
    ) -> None:
        base = talk.at
        turns: list[str] = []
        present: set[str] = set()
        for index, message in enumerate(talk.messages):
            if (*base, index) not in broken.whole:
                role = message["role"]
                turns.append(CALLS if role == "assistant" and _has_calls(message) else role)
                present.update(message)
                self._keys(example, (*base, index), message, broken, out)
        for key in present & self._across.keys():
            for bound in self._across[key] if broken.allows(base, (key, *_ACROSS)) else ():
                out.call(bound, example, talk)
        if first and broken.allows(base):
            start = len(out.hits)
            for bound in self._turns:
                out.call(bound, tuple(turns))
            out.hits[start:] = [
                (rule, name, _rebase(hit, base)) for rule, name, hit in out.hits[start:]
            ]

    def _keys(
        self,
        example: Example,
        pointer: Pointer,
        message: dict[str, Any],
        broken: Broken,
        out: Outcome,
    ) -> None:
        for key in message:
            if key in self._message and (*pointer, key) not in broken.keys:
                for bound in self._message[key]:
                    out.call(bound, example, (*pointer, key), message)


class TextRules:
    """The other rules about examples in force for one format; they are given the example itself.

    `contains` are the strings that some of them are only called for.
    """

    def __init__(self, known: Format, rules: Sequence[Rule], binder: Binder) -> None:
        self._format = known
        every = {
            event: binder.on(event, rules)
            for event in (
                *(Event.LINE, Event.ROW, Event.TEXT, Event.CALL, Event.CALL_ID, Event.IMAGE),
                *(Event.IMAGES, Event.CONVERSATION, Event.EXAMPLE),
            )
        }
        bounds = [bound for bounds in every.values() for bound in bounds]
        self.contains = tuple({text for bound in bounds for text in bound.rule.contains})
        self._every = every
        self._always = {
            event: [bound for bound in bounds if not bound.rule.contains]
            for event, bounds in every.items()
        }
        every_example = (Event.ROW, Event.TEXT, Event.EXAMPLE)
        self.more = any(self._always[event] for event in every_example)
        """Whether any rules but those about conversations look at every example."""

    def of(self, event: EventType[Any], found: frozenset[str]) -> list[Bound]:
        """Return what to call on an event in a line in which these strings were found."""
        if not found:
            return self._always[event]
        return [
            bound
            for bound in self._every[event]
            if not bound.rule.contains or not found.isdisjoint(bound.rule.contains)
        ]

    def run(
        self, example: Example, view: View, found: frozenset[str], broken: Broken, out: Outcome
    ) -> bool:
        """Call the rules for one example, and return whether it holds images.

        `found` are the strings of `contains` that the example holds.
        """
        on_talk = self._every[Event.CONVERSATION]
        more = found or view.calls or view.images or self.more
        if not more and view.roles:  # nothing but texts, all of them known
            messages = example.data["messages"]
            talk = Conversation(self._format.lists[0], messages, view.roles, view.texts)
            out.call_all(on_talk, example, talk)
            return False
        on_text = self.of(Event.TEXT, found) if more else ()
        pictured = False
        if more:
            out.call_all(self.of(Event.ROW, found), example)
        for base in self._format.lists:
            messages = find(example.data, base)
            if isinstance(messages, list) and messages:
                talk = Conversation(base, messages)
                if on_text or view.calls:
                    self._messages(example, talk, on_text, broken, out)
                if view.images and self._images(example, talk, broken, out):
                    pictured = True
                if broken is SOUND or broken.allows(base):
                    out.call_all(on_talk, example, talk)
        if more and (broken is SOUND or all(map(broken.allows, self._format.lists))):
            out.call_all(self.of(Event.EXAMPLE, found), example)
        return pictured

    def _messages(
        self,
        example: Example,
        talk: Conversation,
        on_text: Sequence[Bound],
        broken: Broken,
        out: Outcome,
    ) -> None:
        """Call the rules about texts, calls and ids."""
        for index, message in enumerate(talk.messages):
            pointer = (*talk.at, index)
            for key in () if pointer in broken.whole else message:
                if (*pointer, key) in broken.keys:
                    continue
                if key == "content" and on_text:
                    for text in texts(pointer, message):
                        for bound in on_text:
                            if occurs(bound.rule.contains, text.text):
                                out.call(bound, example, text)
                elif key in ("tool_calls", "function_call", "tool_call_id"):
                    self._calls(example, (*pointer, key), message[key], out)

    def _calls(self, example: Example, pointer: Pointer, value: Any, out: Outcome) -> None:
        """Call the rules about the calls and ids in the value of a key of a message."""
        *_, key = pointer
        if key != "tool_call_id":
            for call in calls(pointer[:-1], str(key), value):
                for bound in self._every[Event.CALL]:
                    out.call(bound, example, call)
        for bound in self._every[Event.CALL_ID]:
            for place, name in _ids(value):
                out.call(bound, example, (*pointer, *place), name)

    def _images(self, example: Example, talk: Conversation, broken: Broken, out: Outcome) -> bool:
        """Call the rules about images; return whether there are any."""
        seen: list[Picture] = []
        for index, message in enumerate(talk.messages):
            pointer = (*talk.at, index)
            content = None if pointer in broken.whole else message.get("content")
            if isinstance(content, list) and (*pointer, "content") not in broken.keys:
                seen += pictures((*pointer, "content"), content)
        for picture in seen:
            for bound in self._every[Event.IMAGE]:
                out.call(bound, example, picture)
        for bound in self._every[Event.IMAGES] if seen else ():
            out.call(bound, example, talk, seen)
        return bool(seen)


def occurs(contains: Sequence[str], text: str) -> bool:
    """Tell whether a text holds one of some strings, or none are given."""
    return not contains or any(string in text for string in contains)


def _ids(value: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield the id, or that of each call of a list, with its pointer in the value."""
    if isinstance(value, str):
        yield (), value
    for index, call in enumerate(value if isinstance(value, list) else ()):
        if isinstance(call.get("id"), str):
            yield (index, "id"), call["id"]


def _rebase(hit: Hit, base: Pointer) -> Hit:
    """Place what a rule said of turns, by index, in the list of messages at `base`."""
    related = tuple(
        Related(place.message, (*base, *(place.pointer or ()))) for place in hit.related
    )
    return hit._replace(pointer=(*base, *(hit.pointer or ())), related=related)


def _has_calls(message: dict[str, Any]) -> bool:
    return bool(message.get("tool_calls") or message.get("function_call"))
