"""One walk over an example, calling only the rules that asked for what is there.

Rules about the order of messages see the `turns`: the roles, in order, with `assistant+calls`
for an assistant message that calls tools. Few files hold more than a handful of different turns,
so what those rules say is remembered by turns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from ftlint.formats import Format
from ftlint.images import Picture, pictures
from ftlint.model import Example, Hit, Pointer, Related
from ftlint.registry import Accumulator, Collector, Rule
from ftlint.schema import Failure

CALLS = "assistant+calls"
Turns = tuple[str, ...]

_MEMO = 4096
_MEMO_LENGTH = 64
_WHOLE = frozenset(
    {"message-not-object", "missing-role", "unknown-role", "output-role-not-allowed"}
)
_MISSING = {"missing-tool-call-id": "tool_call_id"}
"""Faults of a message that lacks a key: rules across messages must not look for it."""

_ACROSS = frozenset({"content", "tool_calls", "tool_call_id"})


class Text(NamedTuple):
    """A text of a message: `role`, `text`, its own place and that of the message."""

    role: str
    text: str
    message: Pointer
    pointer: Pointer


class Conversation(NamedTuple):
    """A list of messages that are sound as far as a rule looks, and its place."""

    at: Pointer
    messages: list[dict[str, Any]]


class Broken:
    """What of a refused example the rules must not look at.

    `whole` are the places of messages without a usable role, `keys` those of single keys.
    """

    def __init__(self, faults: Iterable[Failure], known: Format) -> None:
        self.whole: set[Pointer] = set()
        self.keys: set[Pointer] = set()  # each ends in a key, a string
        for name, pointer, _ in faults:
            for base in known.lists:
                if pointer[: len(base)] == base and len(pointer) > len(base):
                    if name in _WHOLE:
                        self.whole.add(pointer[: len(base) + 1])
                    elif name in _MISSING:
                        self.keys.add((*pointer[: len(base) + 1], _MISSING[name]))
                    elif len(pointer) > len(base) + 1:
                        self.keys.add(pointer[: len(base) + 2])

    def allows(self, base: Pointer, keys: Iterable[str]) -> bool:
        """Tell whether rules across the messages at `base` may rely on these keys."""
        depth = len(base)
        return not any(place[:depth] == base for place in self.whole) and not any(
            place[:depth] == base and str(place[-1]) in keys for place in self.keys
        )


_SOUND = Broken((), Format("", "", "", ()))


class Walk:
    """The rules in force for one format, arranged by what they asked for."""

    def __init__(self, known: Format, rules: Sequence[Rule], collector: Collector) -> None:
        self._format, self._collector = known, collector
        self._row = [rule for rule in rules if "row" in rule.on]
        self._example = [rule for rule in rules if "example" in rule.on]
        self._conversation = [rule for rule in rules if "conversation" in rule.on]
        self._turns = [rule for rule in rules if "turns" in rule.on]
        self._text = [rule for rule in rules if "text" in rule.on]
        self._example_keys = _by_key(rules, "example.")
        self._across_keys = _by_key(rules, "messages.")
        self._message_keys = {
            **dict.fromkeys((*self._across_keys, "content"), ()),
            **_by_key(rules, "message."),
        }
        self._image = [rule for rule in rules if "image" in rule.on]
        self._images = [rule for rule in rules if "images" in rule.on]
        self._dataset = [rule for rule in rules if "dataset" in rule.on]
        self._with_images = [rule for rule in rules if "dataset.images" in rule.on]
        self.states: dict[str, Accumulator] = {}
        self._memo: dict[Turns, list[tuple[Rule, Hit]]] = {}

    def run(self, example: Example, faults: Collection[Failure]) -> bool:
        """Call the rules for one example, and return whether it holds images.

        `faults` are what its schema refuses.
        """
        for rule in self._row:
            if rule.when is None or rule.when(example.raw):
                self._collector.call(rule, example)
        broken = Broken(faults, self._format) if faults else _SOUND
        if self._example_keys:
            self._keys(example, {fault.pointer for fault in faults})
        pictured = self._lists(example, broken)
        if broken is _SOUND or all(broken.allows(base, _ACROSS) for base in self._format.lists):
            for rule in self._example:
                self._collector.call(rule, example)
        return pictured

    def take(self, example: Example, *, pictured: bool) -> None:
        """Add a sound example to what rules over the dataset keep."""
        self.keep(example, self.kept(example.data))
        if pictured:
            self.keep(example, self._with_images)

    def kept(self, data: dict[str, Any]) -> list[Rule]:
        """Return the rules over the dataset that take an example, images left aside."""
        return [rule for rule in self._dataset if rule.when is None or rule.when(data)]

    def keep(self, example: Example, rules: Iterable[Rule]) -> None:
        """Add an example to what some rules over the dataset keep."""
        for rule in rules:
            self._keep(rule, example)

    def _keys(self, example: Example, refused: set[Pointer]) -> None:
        """Call the rules about keys of the example, or of what holds its tools."""
        base = self._format.holder
        holder = find(example.data, base)
        if not isinstance(holder, dict):
            return
        for key, value in holder.items():
            if key in self._example_keys and (*base, key) not in refused:
                for rule in self._example_keys[key]:
                    if rule.when is None or rule.when(value):
                        self._collector.call(rule, example, (*base, key), holder)

    def _keep(self, rule: Rule, example: Example) -> None:
        """Add an example to what a rule over the dataset keeps."""
        collector = self._collector
        try:
            if rule.id not in self.states:
                made = rule.state or rule.function
                self.states[rule.id] = made(collector.options(rule))
            self.states[rule.id].add(example)
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the run goes on
            collector.crashes.append((rule, error))

    def _lists(self, example: Example, broken: Broken) -> bool:
        """Walk the lists of messages; return whether they hold images."""
        pictured = False
        for place, base in enumerate(self._format.lists):
            messages = find(example.data, base)
            if not isinstance(messages, list) or not messages:
                continue
            turns, present, seen = self._messages(example, base, messages, broken)
            talk = Conversation(base, messages)
            for rule in self._images if seen else ():
                self._collector.call(rule, example, talk, seen)
            pictured = pictured or bool(seen)
            for key in present:
                if broken is _SOUND or broken.allows(base, (key, *_ACROSS)):
                    for rule in self._across_keys[key]:
                        self._collector.call(rule, example, talk)
            if broken is _SOUND or broken.allows(base, _ACROSS):
                if not place:
                    self._run_turns(tuple(turns), base)
                self._converse(example, talk)
        return pictured

    def _converse(self, example: Example, talk: Conversation) -> None:
        for rule in self._conversation:
            if rule.when is None or rule.when(talk.messages):
                self._collector.call(rule, example, talk)

    def _messages(
        self, example: Example, base: Pointer, messages: list[dict[str, Any]], broken: Broken
    ) -> tuple[list[str], set[str], list[Picture]]:
        """Walk messages; return their turns, which keys some message has, and their images."""
        turns: list[str] = []
        seen: list[Picture] = []
        present: set[str] = set()
        rules_of, across, call = self._message_keys, self._across_keys, self._collector.call
        for index, message in enumerate(messages):
            if broken.whole and (*base, index) in broken.whole:
                continue
            role = message["role"]
            calls = role == "assistant" and ("tool_calls" in message or "function_call" in message)
            turns.append(CALLS if calls and _has_calls(message) else role)
            for key, value in message.items():
                if key not in rules_of:
                    continue
                if key in across:
                    present.add(key)
                if broken.keys and (*base, index, key) in broken.keys:
                    continue
                for rule in rules_of[key]:
                    if rule.when is None or rule.when(value):
                        call(rule, example, (*base, index, key), message)
                if key == "content":
                    self._content(example, (*base, index), message, seen)
        return turns, present, seen

    def _content(
        self, example: Example, at: Pointer, message: dict[str, Any], seen: list[Picture]
    ) -> None:
        """Call the rules about texts and images of a message; add its images to `seen`."""
        content = message["content"]
        if isinstance(content, str):
            for rule in self._text:
                if rule.when is None or rule.when(content):
                    text = Text(message["role"], content, at, (*at, "content"))
                    self._collector.call(rule, example, text)
            return
        for text in texts(at, message) if self._text else ():
            for rule in self._text:
                if rule.when is None or rule.when(text.text):
                    self._collector.call(rule, example, text)
        for picture in pictures((*at, "content"), content):
            seen.append(picture)
            for rule in self._image:
                self._collector.call(rule, example, picture)

    def _run_turns(self, turns: Turns, base: Pointer) -> None:
        collector = self._collector
        hits = self._memo.get(turns)
        if hits is not None:
            collector.hits.extend(hits)
            return
        known, crashes = len(collector.hits), len(collector.crashes)
        for rule in self._turns:
            collector.call(rule, turns)
        hits = [(rule, _rebase(hit, base)) for rule, hit in collector.hits[known:]]
        collector.hits[known:] = hits
        short = len(turns) <= _MEMO_LENGTH and len(self._memo) < _MEMO
        if short and crashes == len(collector.crashes):
            self._memo[turns] = hits


def _rebase(hit: Hit, base: Pointer) -> Hit:
    """Place what a rule said of turns, by index, in the list of messages at `base`."""
    related = tuple(
        Related(place.message, (*base, *(place.pointer or ()))) for place in hit.related
    )
    return hit._replace(pointer=(*base, *(hit.pointer or ())), related=related)


def find(data: Any, pointer: Pointer) -> Any:
    """Return the value at `pointer`, None where there is none."""
    for step in pointer:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _by_key(rules: Iterable[Rule], prefix: str) -> dict[str, Sequence[Rule]]:
    table: dict[str, Sequence[Rule]] = {}
    for rule in rules:
        for event in rule.on:
            if event.startswith(prefix):
                key = event.removeprefix(prefix)
                table[key] = (*table.get(key, ()), rule)
    return table


def _has_calls(message: dict[str, Any]) -> bool:
    return bool(message.get("tool_calls") or message.get("function_call"))


def texts(at: Pointer, message: dict[str, Any]) -> Iterable[Text]:
    """Yield the texts of the message at `at`, whose content is sound: a string, or parts."""
    role, content = message["role"], message.get("content")
    if isinstance(content, str):
        yield Text(role, content, at, (*at, "content"))
    elif content is not None:
        for place, part in enumerate(content):
            if part["type"] == "text":
                yield Text(role, part["text"], at, (*at, "content", place, "text"))
