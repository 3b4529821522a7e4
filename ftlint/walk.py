"""One walk over an example, calling only the rules that asked for what is there.

Rules about the order of messages see the `turns`: the roles, in order, with `assistant+calls`
for an assistant message that calls tools. Few files hold more than a handful of different turns,
so what those rules say is remembered by turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ftlint.model import Example, Hit, Pointer
from ftlint.registry import Collector, Rule
from ftlint.schema import Failure

CALLS = "assistant+calls"
Turns = tuple[str, ...]

_MEMO = 4096
_MEMO_LENGTH = 64
_WHOLE = frozenset({"message-not-object", "missing-role", "unknown-role"})
_ACROSS = frozenset({"content", "tool_calls", "tool_call_id"})


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a message: `role`, `text`, and its place; `index` is that of the message."""

    role: str
    text: str
    index: int
    pointer: Pointer


@dataclass(slots=True)
class Broken:
    """What of a refused example the rules must not look at.

    `whole` are messages without a usable role, `keys` single keys of messages, `messages` says
    that there is no array of messages at all.
    """

    messages: bool
    whole: set[int]
    keys: set[tuple[int, str]]

    @classmethod
    def of(cls, faults: Iterable[Failure]) -> Broken:
        """Take the faults that the schema found."""
        broken = cls(messages=False, whole=set(), keys=set())
        for name, pointer, _ in faults:
            if name in ("missing-messages", "messages-not-array", "messages-empty"):
                broken.messages = True
            elif len(pointer) > 1 and pointer[0] == "messages" and isinstance(pointer[1], int):
                if name in _WHOLE:
                    broken.whole.add(pointer[1])
                elif len(pointer) > 2:
                    broken.keys.add((pointer[1], str(pointer[2])))
        return broken

    def allows(self, keys: Iterable[str]) -> bool:
        """Tell whether rules across messages may rely on these keys."""
        return not self.whole and not any(key in keys for _, key in self.keys)


class Walk:
    """The rules in force, arranged by what they asked for."""

    def __init__(self, rules: Sequence[Rule], collector: Collector) -> None:
        self._collector = collector
        self._example = [rule for rule in rules if "example" in rule.on]
        self._turns = [rule for rule in rules if "turns" in rule.on]
        self._text = [rule for rule in rules if "text" in rule.on]
        self._example_keys = _by_key(rules, "example.")
        self._message_keys = _by_key(rules, "message.")
        self._across_keys = _by_key(rules, "messages.")
        self._memo: dict[Turns, list[tuple[Rule, Hit]]] = {}

    def run(self, example: Example, broken: Broken | None) -> None:
        """Call the rules for one example; `broken` is None where the schema accepted it."""
        call = self._collector.call
        data, raw = example.data, example.raw
        for key in data.keys() & self._example_keys.keys():
            for rule in self._example_keys[key]:
                call(rule, example)
        if broken is not None and broken.messages:
            return
        turns, present = self._messages(example, broken)
        for key in present:
            if broken is None or broken.allows((key,)):
                for rule in self._across_keys[key]:
                    call(rule, example)
        if broken is None or broken.allows(_ACROSS):
            self._run_turns(tuple(turns))
            for rule in self._example:
                if _wanted(rule, raw):
                    call(rule, example)

    def _messages(self, example: Example, broken: Broken | None) -> tuple[list[str], set[str]]:
        """Walk the messages; return their turns, and which keys some message has."""
        turns: list[str] = []
        present: set[str] = set()
        rules_of, across = self._message_keys, self._across_keys
        text_rules = [rule for rule in self._text if _wanted(rule, example.raw)]
        for index, message in enumerate(example.data["messages"]):
            if broken is not None and index in broken.whole:
                continue
            role = message["role"]
            calls = role == "assistant" and ("tool_calls" in message or "function_call" in message)
            turns.append(CALLS if calls and _has_calls(message) else role)
            for key, value in message.items():
                if key in across:
                    present.add(key)
                if broken is not None and (index, key) in broken.keys:
                    continue
                if key in rules_of:
                    for rule in rules_of[key]:
                        if rule.when is None or rule.when(value):
                            self._collector.call(rule, example, index, message)
                if text_rules and key == "content":
                    self._texts(example, index, message, text_rules)
        return turns, present

    def _texts(
        self, example: Example, index: int, message: dict[str, Any], rules: list[Rule]
    ) -> None:
        for text in texts(index, message):
            for rule in rules:
                if rule.when is None or rule.when(text.text):
                    self._collector.call(rule, example, text)

    def _run_turns(self, turns: Turns) -> None:
        collector = self._collector
        hits = self._memo.get(turns)
        if hits is not None:
            collector.hits.extend(hits)
            return
        known, crashes = len(collector.hits), len(collector.crashes)
        for rule in self._turns:
            collector.call(rule, turns)
        short = len(turns) <= _MEMO_LENGTH and len(self._memo) < _MEMO
        if short and crashes == len(collector.crashes):
            self._memo[turns] = collector.hits[known:]


def _by_key(rules: Iterable[Rule], prefix: str) -> dict[str, list[Rule]]:
    table: dict[str, list[Rule]] = {}
    for rule in rules:
        for event in rule.on:
            if event.startswith(prefix):
                table.setdefault(event.removeprefix(prefix), []).append(rule)
    return table


def _wanted(rule: Rule, raw: bytes) -> bool:
    for marker in rule.markers:
        if marker in raw:
            return True
    return not rule.markers


def _has_calls(message: dict[str, Any]) -> bool:
    return bool(message.get("tool_calls") or message.get("function_call"))


def texts(index: int, message: dict[str, Any]) -> Iterable[Text]:
    """Yield the texts of a message whose content is sound: a string, or parts."""
    role, content = message["role"], message.get("content")
    if isinstance(content, str):
        yield Text(role, content, index, ("messages", index, "content"))
    elif content is not None:
        for at, part in enumerate(content):
            if part["type"] == "text":
                pointer = ("messages", index, "content", at, "text")
                yield Text(role, part["text"], index, pointer)
