"""The dispatch of rules: the functions called for an example, and their arguments.

Shape rules get a view, in one pass over its messages; text rules get the example, in another. Both
skip the parts of an example that the schema refuses, so that no fault hides another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ftlint.core.example import Example
from ftlint.core.finding import Hit, Related
from ftlint.core.json_spans import Pointer, find
from ftlint.core.rule import EventType
from ftlint.engine.binding import (
    ACROSS,
    SOUND,
    Binder,
    Bound,
    Outcome,
    RefusedParts,
    RuleHit,
    occurs,
)
from ftlint.engine.fastpath.views import View
from ftlint.formats.data_format import Format
from ftlint.formats.images import Picture, pictures
from ftlint.rules.context import CALLS, Conversation, calls, texts
from ftlint.rules.events import Event


class ShapeRules:
    """The shape rules in force for one format, which see views only."""

    def __init__(self, data_format: Format, binder: Binder) -> None:
        self._format = data_format
        self._turns = binder.on(Event.TURNS)
        self._example = binder.by_key(Event.EXAMPLE_KEY)
        self._message = binder.by_key(Event.MESSAGE_KEY)
        self._across = binder.by_key(Event.MESSAGES_KEY)

    def run(self, example: Example, refused: RefusedParts = SOUND) -> Outcome:
        """Call the rules for an example whose data is a view."""
        out = Outcome()
        base = self._format.holder
        holder = find(example.data, base)
        for key in holder if isinstance(holder, dict) else ():
            if key in self._example and (*base, key) not in refused.pointers:
                for bound in self._example[key]:
                    out.call(bound, example, (*base, key), holder)
        for index, base in enumerate(self._format.lists):
            messages = find(example.data, base)
            if isinstance(messages, list) and messages:
                self._conversation(
                    example, Conversation(base, messages), refused, out, first=not index
                )
        return out

    def reworded(
        self, hits: Iterable[RuleHit], example: Example, refused: RefusedParts, out: Outcome
    ) -> Iterator[RuleHit]:
        """Put the texts of an example into the words of what was said of its view.

        Only what was said of the view counts, so that no finding depends on a text.
        """
        again = self.run(example, refused)
        out.crashes += again.crashes
        words: dict[tuple[str, Pointer | None], list[Hit]] = {}
        for _, name, hit in again.hits:
            words.setdefault((name, hit.pointer), []).append(hit)
        for rule, name, hit in hits:
            same = words.get((name, hit.pointer))
            yield rule, name, same.pop(0) if same else hit

    def _conversation(
        self,
        example: Example,
        talk: Conversation,
        refused: RefusedParts,
        out: Outcome,
        *,
        first: bool,
    ) -> None:
        base = talk.pointer
        turns: list[str] = []
        present: set[str] = set()
        for index, message in enumerate(talk.messages):
            if (*base, index) not in refused.whole:
                role = message["role"]
                has_calls = message.get("tool_calls") or message.get("function_call")
                turns.append(CALLS if role == "assistant" and has_calls else role)
                present.update(message)
                self._keys(example, (*base, index), message, refused, out)
        for key in present & self._across.keys():
            for bound in self._across[key] if refused.allows(base, (key, *ACROSS)) else ():
                out.call(bound, example, talk)
        if first and refused.allows(base):
            start = len(out.hits)
            for bound in self._turns:
                out.call(bound, tuple(turns))
            _rebase(out, start, base)

    def _keys(
        self,
        example: Example,
        pointer: Pointer,
        message: dict[str, Any],
        refused: RefusedParts,
        out: Outcome,
    ) -> None:
        for key in message:
            if key in self._message and (*pointer, key) not in refused.keys:
                for bound in self._message[key]:
                    out.call(bound, example, (*pointer, key), message)


class TextRules:
    """The other example rules in force for one format, which see the example itself.

    `contains` holds the strings that some of them require.
    """

    def __init__(self, data_format: Format, binder: Binder) -> None:
        self._format = data_format
        every = {
            event: binder.on(event)
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
        on_id, on_call = every[Event.CALL_ID], every[Event.CALL]
        self._call_keys: tuple[str, ...] = ("tool_call_id",) if on_id else ()
        self._call_keys += ("tool_calls", "function_call") if on_call or on_id else ()
        every_example = (Event.ROW, Event.TEXT, Event.EXAMPLE)
        self.more = any(self._always[event] for event in every_example)
        """Whether any rules but those on conversations run on every example."""

    def of(self, event: EventType[Any], matched: frozenset[str]) -> list[Bound]:
        """Return the rules to call on an event for a line that holds the strings `matched`."""
        if not matched:
            return self._always[event]
        return [
            bound
            for bound in self._every[event]
            if not bound.rule.contains or not matched.isdisjoint(bound.rule.contains)
        ]

    def run(
        self,
        example: Example,
        view: View,
        matched: frozenset[str],
        refused: RefusedParts,
        out: Outcome,
    ) -> bool:
        """Call the rules for one example; return whether it holds images.

        `matched` holds the strings of `contains` that occur in the example.
        """
        on_talk = self._every[Event.CONVERSATION]
        more = matched or view.images or self.more
        on_text = self.of(Event.TEXT, matched) if more else ()
        pictured = False
        if more:
            out.call_all(self.of(Event.ROW, matched), example)
        for talk, roles, contents in view.talks:
            calling = view.calling.get(talk.pointer, ())
            if on_text or calling:
                self._messages(example, talk, on_text, refused, out, calling=calling)
            if view.images and self._images(example, talk, refused, out):
                pictured = True
            if refused is SOUND or refused.allows(talk.pointer):
                start = len(out.hits)
                out.call_all(on_talk, roles, contents)
                if len(out.hits) > start:
                    _rebase(out, start, talk.pointer)
        if more and (refused is SOUND or all(map(refused.allows, self._format.lists))):
            out.call_all(self.of(Event.EXAMPLE, matched), example)
        return pictured

    def _messages(
        self,
        example: Example,
        talk: Conversation,
        on_text: Sequence[Bound],
        refused: RefusedParts,
        out: Outcome,
        *,
        calling: Sequence[int],
    ) -> None:
        """Call the rules on texts, calls and ids; `calling` are the messages with the latter."""
        keys = ("content", *self._call_keys) if on_text else self._call_keys
        for index in range(len(talk.messages)) if on_text else calling:
            message, pointer = talk.messages[index], (*talk.pointer, index)
            if refused.whole and pointer in refused.whole:
                continue
            for key in keys:
                if key not in message or (refused.keys and (*pointer, key) in refused.keys):
                    continue
                if key == "content":
                    for text in texts(pointer, message):
                        for bound in on_text:
                            if occurs(bound.rule.contains, text.text):
                                out.call(bound, example, text)
                else:
                    self._calls(example, (*pointer, key), message[key], out)

    def _calls(self, example: Example, pointer: Pointer, value: Any, out: Outcome) -> None:
        """Call the rules on the calls and ids in the value of a message key."""
        *_, key = pointer
        if key != "tool_call_id":
            for call in calls(pointer[:-1], str(key), value):
                out.call_all(self._every[Event.CALL], example, call)
        for bound in self._every[Event.CALL_ID]:
            for step, name in _ids(value):
                out.call(bound, example, (*pointer, *step), name)

    def _images(
        self, example: Example, talk: Conversation, refused: RefusedParts, out: Outcome
    ) -> bool:
        """Call the rules on images; return whether there are any."""
        seen: list[Picture] = []
        for index, message in enumerate(talk.messages):
            pointer = (*talk.pointer, index)
            content = None if pointer in refused.whole else message.get("content")
            if isinstance(content, list) and (*pointer, "content") not in refused.keys:
                seen += pictures((*pointer, "content"), content)
        for picture in seen:
            for bound in self._every[Event.IMAGE]:
                out.call(bound, example, picture)
        for bound in self._every[Event.IMAGES] if seen else ():
            out.call(bound, example, talk, seen)
        return bool(seen)


def _ids(value: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield an id, or that of each call in a list, with its pointer in the value."""
    if isinstance(value, str):
        yield (), value
    for index, call in enumerate(value if isinstance(value, list) else ()):
        if isinstance(call.get("id"), str):
            yield (index, "id"), call["id"]


def _rebase(out: Outcome, start: int, base: Pointer) -> None:
    """Put pointers of hits, which begin with the index of a message, below `base`."""
    for number, (rule, name, hit) in enumerate(out.hits[start:], start):
        related = tuple(
            Related(other.message, (*base, *(other.pointer or ()))) for other in hit.related
        )
        rebased = hit._replace(pointer=(*base, *(hit.pointer or ())), related=related)
        out.hits[number] = rule, name, rebased
