"""What is left of an example without its texts, so that examples alike are looked at once.

Few files hold more than some hundred different skeletons: the roles in order, the keys, the
weights, the names that are called, the tools. What the rules say of an example depends on its
skeleton, and on texts only where a rule says so in its declaration (`starts`, `holds`, `alike`,
`values` and `when` of `ftlint.registry.Rule`). A line whose skeleton was seen before, and whose
texts are nothing to any of those rules, is known without calling one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import accumulate, chain, repeat
from typing import Any, TypeGuard

from ftlint.formats import Format
from ftlint.registry import Rule
from ftlint.repeated import Data, ToolLists
from ftlint.texts import PLAIN, Said, Telling, Texts, keys_of

Sketch = tuple[Hashable, Data]
"""The skeleton of a line, and its data."""
Test = Callable[[Data, Any], object]
_Parsed = tuple[int, Data]
"""A line (0-based), and its data."""

_MESSAGES = 64
_NAME = 64
_EXACT = 2**53
"""The most messages, characters of a string that is no text, and an integer that is not rounded."""

_STRANGE = (Telling, AttributeError, LookupError, TypeError, ValueError)
"""What comes of a line that is not JSON, or of another shape: it is looked at in full."""

_PLAIN = list(PLAIN)
_SKELETONS = 1024
"""Skeletons of which it is remembered whether a role stands twice."""


def _always(data: Data, value: Any) -> bool:
    """Stand in for the test that a rule does not declare."""
    return True


class Skeletons:
    """Makes skeletons of the lines of a chat file, for the rules in force.

    `words` are the texts that the schema knows, `marks` characters that some rule looks for in the
    bytes of a line. It is `possible` where each rule that sees texts says which are nothing to it.
    """

    def __init__(
        self, known: Format, rules: Iterable[Rule], words: Iterable[str], marks: str
    ) -> None:
        about = [rule for rule in rules if not rule.formats or known.name in rule.formats]
        self._texts = Texts(about, words, marks)
        self.possible = known.name == "chat" and self._texts.possible
        self._values: dict[str, list[Test]] = {}
        for rule in about:
            for key in () if rule.by_shape else keys_of(rule):
                tests = self._values.setdefault(key, [])
                if (test := rule.values or _always) not in tests:
                    tests.append(test)
        self._tools = ToolLists(self._texts)
        self._repeating: dict[tuple[str, ...], bool] = {}

    def of_block(self, lines: Sequence[bytes], long: int, *, ends: bool) -> list[Sketch | None]:
        """Return the skeletons of lines of a file, None for those of more than `long` bytes.

        With `ends`, those that end in CR LF have others than those that do not; what no LF ends has
        none.
        """
        found = self.of(lines)
        if max(map(len, lines)) > long:
            found = [
                None if len(line) > long else one for line, one in zip(lines, found, strict=True)
            ]
        if ends and any(map(bytes.endswith, lines, repeat(b"\r\n"))):
            found = [
                one and ((line[-2:], one[0]), one[1])
                for line, one in zip(lines, found, strict=True)
            ]
        if not lines[-1].endswith(b"\n"):
            found[-1] = None
        return found

    def of(self, lines: Sequence[bytes]) -> list[Sketch | None]:
        """Return the skeleton of each line; None where the rules have to look at it."""
        found: list[Sketch | None] = [None] * len(lines)
        plain: list[_Parsed] = []
        rich: list[_Parsed] = []
        for place, line in enumerate(lines):
            try:
                data = self._tools.parse(line)
            except (Telling, ValueError):
                continue
            (plain if len(data) == 1 else rich).append((place, data))
        if plain and not self._plain(plain, found):
            few: list[_Parsed] = []
            for entry in plain:
                (few if _may_be_plain(entry[1]) else rich).append(entry)
            if few and not self._plain(few, found):
                rich += few
        if rich:
            self._rich(lines, rich, found)
        return found

    def _plain(self, parsed: list[_Parsed], found: list[Sketch | None]) -> bool:
        """Make skeletons of lines of messages that are a role and a text; else return False."""
        messages = [data.get("messages") for _, data in parsed]
        if not _are_lists(messages) or max(map(len, messages)) > _MESSAGES:
            return False
        flat = list(chain.from_iterable(messages))
        try:
            values = list(chain.from_iterable(map(dict.values, flat)))
        except TypeError:  # a message that is no object
            return False
        if list(chain.from_iterable(flat)) != _PLAIN * len(flat) or set(map(type, values)) != {str}:
            return False
        roles, ends = values[::2], list(accumulate(map(len, messages)))
        said = Said(values[1::2], ends, messages)
        start = 0
        for line, end in enumerate(ends):
            place, data = parsed[line]
            skeleton = tuple(roles[start:end])
            start, found[place] = end, (skeleton, data)
            if self._repeats(skeleton):
                said.repeating.append(line)
        for line in self._texts.telling(said):
            found[parsed[line][0]] = None
        return True

    def _rich(
        self, lines: Sequence[bytes], parsed: list[_Parsed], found: list[Sketch | None]
    ) -> None:
        """Make the skeletons of other lines."""
        said = Said(repeating=list(range(len(parsed))))
        for place, data in parsed:
            known, more = len(said.texts), len(said.others)
            try:
                found[place] = (self._skeleton(lines[place], data, said), data)
            except _STRANGE:
                del said.texts[known:], said.others[more:]
            said.ends.append(len(said.texts))
            said.other_ends.append(len(said.others))
            said.messages.append(data.get("messages") or [])
        try:
            telling: Iterable[int] = self._texts.telling(said)
        except TypeError:  # arguments that are no text
            telling = range(len(parsed))
        for line in telling:
            found[parsed[line][0]] = None

    def _skeleton(self, line: bytes, data: Data, said: Said) -> Hashable:
        """Return the skeleton of an example; add its texts to what is said."""
        messages = data["messages"]
        if type(messages) is not list or len(messages) > _MESSAGES:
            raise Telling
        ids: dict[str, int] = {}
        parts: list[Hashable] = []
        for message in messages:
            text, role = message.get("content"), message.get("role")
            if type(text) is str:
                said.texts.append(text)
                if len(message) == 2 and type(role) is str:
                    parts.append(role)
                    continue
            parts.append(_message(message, ids, said.others))
        rest = self._rest(line, data) if len(data) > 1 else None
        if not self._values.keys().isdisjoint(chain.from_iterable(messages)):
            self._ask(data, messages)
        return (*parts, rest) if rest else tuple(parts)

    def _ask(self, data: Data, messages: list[Data]) -> None:
        """Raise `Telling` where a rule has something to say of the value of a key."""
        for key, tests in self._values.items():
            for message in messages:
                if key in message:
                    for tells in tests:
                        if tells(data, message[key]):
                            raise Telling

    def _repeats(self, skeleton: tuple[str, ...]) -> bool:
        """Tell whether a role stands twice."""
        known = self._repeating.get(skeleton)
        if known is None:
            known = len(set(skeleton)) < len(skeleton)
            if len(self._repeating) < _SKELETONS:
                self._repeating[skeleton] = known
        return known

    def _rest(self, line: bytes, data: Data) -> Hashable:
        """Return the skeleton of what stands beside the messages."""
        parts: list[Hashable] = []
        for key, value in data.items():
            if key == "tools" and value:
                parts.append(self._tools.number(line, data))
            elif key != "messages":
                parts.append((key, _frozen(value)))
        return tuple(parts)

    def sound(self, skeleton: Hashable) -> bool:
        """Tell whether the strings in a skeleton are short, and nothing to any rule."""
        if isinstance(skeleton, tuple):
            return all(map(self.sound, skeleton))
        if not isinstance(skeleton, str):
            return True
        try:
            self._texts.search(skeleton)
        except Telling:
            return False
        return len(skeleton) <= _NAME


def _are_lists(values: list[Any]) -> TypeGuard[list[list[Any]]]:
    return set(map(type, values)) == {list}


def _may_be_plain(data: Data) -> bool:
    """Tell whether all messages have as many keys as a role and a text."""
    messages = data.get("messages")
    if not isinstance(messages, list):
        return False
    try:
        return sum(map(len, messages)) == len(_PLAIN) * len(messages)
    except TypeError:
        return False


def _message(message: Data, ids: dict[str, int], others: list[str]) -> Hashable:
    """Return the skeleton of a message; add what is not in it, save its content, to `others`."""
    parts: list[Hashable] = []
    for key, value in message.items():
        parts.append(key)
        kind = type(value)
        if kind is str:
            if key == "tool_call_id":
                others.append(value)
                parts.append(ids.setdefault(value, len(ids)))
            elif key != "content":
                parts.append(value)
        elif key == "tool_calls" and kind is list:
            parts.append(tuple([_call(call, ids, others) for call in value]))
        else:
            parts.append(_frozen(value))
    return tuple(parts)


def _call(call: Data, ids: dict[str, int], others: list[str]) -> Hashable:
    """Return the skeleton of a tool call; add its id and arguments to `others`."""
    if len(call) != 3 or len(call["function"]) != 2:
        raise Telling
    function, name, kind = call["function"], call["id"], call["type"]
    if not type(name) is type(kind) is type(function["name"]) is str:
        raise Telling
    others += (name, function["arguments"])
    return kind, function["name"], ids.setdefault(name, len(ids))


def _frozen(value: Any) -> Hashable:
    """Return a value that is no text, apart from all that are equal but of another type."""
    if isinstance(value, dict):
        if "image_url" in value:  # rules over the dataset count images
            raise Telling
        return (dict, *[(key, _frozen(inner)) for key, inner in value.items()])
    if isinstance(value, list):
        return (list, *map(_frozen, value))
    if isinstance(value, int) and abs(value) > _EXACT:
        raise Telling
    if value is None or isinstance(value, str | bool | int):
        return (type(value), value)
    raise Telling
