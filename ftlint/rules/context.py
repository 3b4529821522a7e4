"""What rules are given besides examples: lines, texts, conversations, facts about an input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ftlint.core.json_spans import Pointer

if TYPE_CHECKING:
    from ftlint.analysis.tokens.totals import Totals


CALLS = "assistant+calls"
"""How `Turns` name an assistant message that calls tools."""


Turns = tuple[str, ...]
"""The roles of a conversation, in order."""


@dataclass
class Line:
    """A line as rules about bytes see it.

    `raw` are all its bytes; `start` is the length in bytes of the byte-order marks in front;
    `refused` says that it is not JSON, `brief` that only the rule matters, not its message.
    """

    raw: bytes
    start: int
    refused: bool = False
    brief: bool = False

    @property
    def end(self) -> int:
        """The byte where the text ends, before LF or CR LF."""
        return len(self.raw) - (2 if self.raw.endswith(b"\r\n") else self.raw.endswith(b"\n"))

    @property
    def body(self) -> bytes:
        """The text, undecoded."""
        return self.raw[self.start : self.end]

    @cached_property
    def text(self) -> str:
        """The text. Raises `UnicodeDecodeError` where it is not UTF-8."""
        return self.body.decode()

    @cached_property
    def error(self) -> orjson.JSONDecodeError:
        """The error of orjson about the text that it has refused, without the line end."""
        try:
            orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            return error.with_traceback(None)  # which holds this line, and the line the error
        raise AssertionError("orjson refuses a line, but not its text")

    def byte(self, at: int) -> int:
        """Return the byte in `raw` of the 0-based code point `at` of `text`."""
        return self.start + len(self.text[:at].encode())


class Text(NamedTuple):
    """A text of a message: `role`, `text`, the pointers of the message and of the text."""

    role: str
    text: str
    message: Pointer
    pointer: Pointer


class Conversation:
    """A list of messages that are sound as far as a rule looks, and its pointer.

    `roles` and `contents` may be given where they are known.
    """

    def __init__(
        self,
        at: Pointer,
        messages: list[dict[str, Any]],
        roles: Sequence[str] | None = None,
        contents: Sequence[Any] | None = None,
    ) -> None:
        self.at, self.messages = at, messages
        if roles and contents:
            self.roles, self.contents = roles, contents

    @cached_property
    def roles(self) -> Sequence[str]:
        """The role of each message."""
        return [message["role"] for message in self.messages]

    @cached_property
    def contents(self) -> Sequence[Any]:
        """The content of each message, None where there is none."""
        return [message.get("content") for message in self.messages]


class Call:
    """A call of a function: its pointer, `function` (name and arguments), and a key.

    `key` is "tool_calls" or "function_call", the key of the message that makes the call.
    """

    def __init__(self, pointer: Pointer, function: dict[str, Any], key: str) -> None:
        self.pointer, self.function, self.key = pointer, function, key

    @cached_property
    def arguments(self) -> dict[str, Any] | None:
        """The arguments, parsed; None where they are not the JSON of an object."""
        try:
            value = orjson.loads(self.function["arguments"])
        except orjson.JSONDecodeError:
            return None
        return value if isinstance(value, dict) else None


def texts(at: Pointer, message: dict[str, Any]) -> Iterator[Text]:
    """Yield the texts of the message at `at`, whose content is sound: a string, or parts."""
    role, content = message["role"], message.get("content")
    if isinstance(content, str):
        yield Text(role, content, at, (*at, "content"))
    elif content is not None:
        for index, part in enumerate(content):
            if part["type"] == "text":
                yield Text(role, part["text"], at, (*at, "content", index, "text"))


def calls(at: Pointer, key: str, value: Any) -> Iterator[Call]:
    """Yield the calls in the value of `key`, which is sound, of the message at `at`."""
    if isinstance(value, dict):
        yield Call((*at, key), value, key)
    else:
        for index, call in enumerate(value or ()):
            yield Call((*at, key, index, "function"), call["function"], key)


class InputFacts(NamedTuple):
    """What is known of an input when all its lines are read.

    `kind`, `format`, `fields` and `role` are as in `Probe`, `size` is in bytes (None where it is
    not known); `records` are the non-blank lines, `examples` those that are objects, and `method`
    what these train. `tokens` are there when all were counted.
    """

    path: str
    kind: str
    format: str | None
    lines: int
    records: int
    examples: int
    fields: tuple[tuple[str, str], ...] = ()
    role: str = "train"
    method: str | None = None
    size: int | None = None
    tokens: Totals | None = None


class Pair(NamedTuple):
    """A training file and the file to validate with."""

    train: InputFacts
    validation: InputFacts
