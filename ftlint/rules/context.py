"""The arguments of rules besides examples: lines, texts, conversations, calls, input facts.

They are made once for all rules on an event, and parse or decode on demand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ftlint.core.example import Example
from ftlint.core.json_spans import Pointer
from ftlint.formats.tools.arguments import ACCEPTED, Verdict, judge
from ftlint.formats.tools.sets import declared, holder_of

if TYPE_CHECKING:
    pass


CALLS = "assistant+calls"
LISTS = {"tool_calls": "tools", "function_call": "functions"}
"""The key with the definitions, by the key of a message with the calls."""

Turns = tuple[str, ...]
"""The roles of a conversation, in order; `CALLS` for an assistant message that calls tools."""

Roles = tuple[str, ...]
Contents = tuple[Any, ...]
"""The role and the content of each message of a conversation, None where there is no content."""


@dataclass(eq=False, repr=False)
class Line:
    """A line, for rules on bytes.

    `raw` holds all its bytes; `start` is the length in bytes of leading byte-order marks;
    `refused` means that it is not JSON, `brief` that only the rule matters, not its message.
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
        """The error of orjson for the text, without the line end."""
        try:
            orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            return error.with_traceback(None)  # the traceback would make a reference cycle
        raise AssertionError("orjson refuses a line, but not its text")

    def byte(self, index: int) -> int:
        """Return the 0-based byte in `raw` of the 0-based code point `index` of `text`."""
        return self.start + len(self.text[:index].encode())


class Text(NamedTuple):
    """A text of a message, with the role and pointer of the message and its own pointer."""

    role: str
    text: str
    message: Pointer
    pointer: Pointer


class Conversation(NamedTuple):
    """A list of messages, valid as far as a rule reads them, and its pointer."""

    pointer: Pointer
    messages: list[dict[str, Any]]


class Call:
    """A function call in a message: its pointer, `function` (name and arguments), and `key`.

    `key` is the message key that holds the call: "tool_calls" or "function_call".
    """

    __slots__ = ("_arguments", "_parsed", "_verdict", "function", "key", "pointer")

    def __init__(self, pointer: Pointer, function: dict[str, Any], key: str) -> None:
        self.pointer, self.function, self.key = pointer, function, key
        self._arguments: dict[str, Any] | None = None
        self._parsed = False
        self._verdict: Verdict | None = None

    @property
    def arguments(self) -> dict[str, Any] | None:
        """The parsed arguments; None if they are not a JSON object."""
        if not self._parsed:
            self._parsed = True
            with suppress(orjson.JSONDecodeError):
                value = orjson.loads(self.function["arguments"])
                self._arguments = value if isinstance(value, dict) else None
        return self._arguments

    def verdict(self, example: Example) -> Verdict:
        """Return the verdict on the arguments by the tools of the example."""
        if self._verdict is None:
            self._verdict = self._judged(example)
        return self._verdict

    def _judged(self, example: Example) -> Verdict:
        tools = holder_of(example, self.pointer).get(LISTS[self.key])
        definition = declared(tools).by_name.get(self.function["name"])
        if definition is None or self.arguments is None:
            return ACCEPTED
        if definition.arguments is None:
            reason = "the parameters are too large, too deep or too recursive"
            return Verdict(undecided=reason) if definition.involved else ACCEPTED
        return judge(definition.arguments, self.function["arguments"], self.arguments)


def texts(pointer: Pointer, message: dict[str, Any]) -> Iterator[Text]:
    """Yield the texts of a message whose content is valid: a string, or parts."""
    role, content = message["role"], message.get("content")
    if isinstance(content, str):
        yield Text(role, content, pointer, (*pointer, "content"))
    elif content is not None:
        for index, part in enumerate(content):
            if part["type"] == "text":
                yield Text(role, part["text"], pointer, (*pointer, "content", index, "text"))


def calls(pointer: Pointer, key: str, value: Any) -> Iterator[Call]:
    """Yield the calls in `value`, the valid value of `key` in the message at `pointer`."""
    if isinstance(value, dict):
        yield Call((*pointer, key), value, key)
    else:
        for index, call in enumerate(value or ()):
            yield Call((*pointer, key, index, "function"), call["function"], key)


class InputFacts(NamedTuple):
    """The facts of an input, complete after its last line.

    `kind`, `format`, `fields` and `role` are as in `Probe`, `size` is in bytes (None if unknown);
    `records` counts the non-blank lines, `examples` those that are objects, and `method` is the
    training method for them. `tokens` are those of one epoch after truncation, None unless all were
    counted.
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
    tokens: int | None = None


class Pair(NamedTuple):
    """A training file and its validation file."""

    train: InputFacts
    validation: InputFacts
