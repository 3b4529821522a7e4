"""Views: examples without their free texts, the only input of shape rules.

Most files hold at most a few hundred different views (roles in order, keys, weights, names of
functions called, tools). The hits of shape rules are cached by view, which is sound because the
view is all that they see.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

import orjson

from ftlint.core.free_text import FreeText
from ftlint.formats.data_format import Format

Data = dict[str, Any]

TEXT = FreeText("\0text")
"""The placeholder of a text that is not compared with others."""

_ID = "\0id"
_IDS = tuple(FreeText(f"{_ID}{number}") for number in range(64))
_TEXTS_OF_PARTS = {"text", "refusal"}
_MESSAGES = (("messages",),)
_PLAIN = {
    role: {"role": role, "content": TEXT}
    for role in ("system", "developer", "user", "assistant", "tool")
}
"""The views of messages that are a role and a text, by role."""

_ROLES = frozenset(_PLAIN)
_role_and_content = itemgetter("role", "content")


def plain_messages(example: Data) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return the roles and texts of messages that have nothing else, None for any others."""
    messages = example.get("messages")
    if type(messages) is not list or not messages:
        return None
    try:  # a few calls in C for all messages
        roles, texts = zip(*map(_role_and_content, messages), strict=True)
        if sum(map(len, messages)) != 2 * len(messages) or not _ROLES.issuperset(roles):
            return None
        if "" in texts or any(map(str.isspace, texts)):
            return None
    except (KeyError, TypeError):  # another key, a role or content that is no text
        return None
    return roles, texts


class View:
    """The view of one example, and its free texts (`texts`).

    `calls` and `images` are True if the example may hold any. Most examples hold only messages of a
    role and a text; to keep these cheap, the view itself (`data`) is built on demand.
    """

    calls = images = False
    roles: tuple[str, ...] = ()
    """The roles, if the example holds only messages of a role and a text; else empty."""

    def __init__(self, example: Data, data_format: Format) -> None:
        self._example = example
        self.texts: Sequence[str] = ()
        only = len(example) == 1 and data_format.lists == _MESSAGES
        plain = plain_messages(example) if only else None
        if plain is not None:
            self.roles, self.texts = plain
        else:
            self._ids: dict[str, FreeText] = {}
            self._collected: list[str] = []
            self.texts = self._collected
            data: Any = example
            for base in data_format.lists:
                data = self._below(data, base)
            self.data = data

    @cached_property
    def data(self) -> Data:
        """The data of the view."""
        return {"messages": [_PLAIN[role] for role in self.roles]}

    def key(self) -> tuple[Hashable, bytes]:
        """Return the cache key of the view without its `tools`: equal keys mean equal views.

        Raises `TypeError` for numbers that the parser keeps as text, or that orjson reads as other
        numbers.
        """
        if self.roles:
            return self.roles, b""
        data = self.data
        if "tools" in data:
            data = {key: value for key, value in data.items() if key != "tools"}
        return (), orjson.dumps(data)

    def _below(self, data: Any, base: tuple[str | int, ...]) -> Any:
        """Return a copy of data with the messages below `base` replaced by their views."""
        key, *rest = base
        if not isinstance(data, dict) or key not in data:
            return data
        if rest:
            return {**data, key: self._below(data[key], tuple(rest))}
        messages = data[key]
        return (
            {**data, key: list(map(self._message, messages))}
            if isinstance(messages, list)
            else data
        )

    def _message(self, message: Any) -> Any:
        if type(message) is not dict:
            return message
        if len(message) == 2:
            role, text = message.get("role"), message.get("content")
            if type(text) is str and type(role) is str and role in _ROLES and text.strip():
                self._collected.append(text)
                return _PLAIN[role]
        view = {}
        for key, value in message.items():
            make = _MAKERS.get(key)
            view[key] = make(self, value) if make else value
        return view

    def _tool_call_id(self, value: Any) -> Any:
        self.calls = True
        return self._id(value)

    def _tool_calls(self, value: Any) -> Any:
        self.calls = True
        return [self._call(call) for call in value] if type(value) is list else value

    def _function_call(self, value: Any) -> Any:
        self.calls = True
        return self._function(value)

    def _text(self, text: Any) -> Any:
        if type(text) is not str:
            return text
        self._collected.append(text)
        return (" " if text.isspace() else TEXT) if text else ""

    def _content(self, content: Any) -> Any:
        return list(map(self._part, content)) if type(content) is list else self._text(content)

    def _part(self, part: Any) -> Any:
        if type(part) is not dict:
            return part
        view = {**part, **{key: self._text(part[key]) for key in _TEXTS_OF_PARTS & part.keys()}}
        if "image_url" in part:
            self.images = True
            image = part["image_url"]
            has_url = type(image) is dict and "url" in image
            url = {**image, "url": self._text(image["url"])} if has_url else self._text(image)
            view["image_url"] = url
        return view

    def _id(self, name: Any) -> Any:
        """Return the placeholder of an id; equal ids of this example have equal ones."""
        if type(name) is not str or not name:
            return name
        placeholder = self._ids.get(name)
        if placeholder is None:
            self._collected.append(name)
            number = len(self._ids)
            placeholder = _IDS[number] if number < len(_IDS) else FreeText(f"{_ID}{number}")
            self._ids[name] = placeholder
        return placeholder

    def _call(self, call: Any) -> Any:
        if type(call) is not dict:
            return call
        view = dict(call)
        if "id" in call:
            view["id"] = self._id(call["id"])
        if "function" in call:
            view["function"] = self._function(call["function"])
        return view

    def _function(self, function: Any) -> Any:
        if type(function) is not dict or "arguments" not in function:
            return function
        return {**function, "arguments": self._text(function["arguments"])}


_MAKERS = {
    "content": View._content,  # noqa: SLF001 - of this class
    "refusal": View._content,  # noqa: SLF001 - as above
    "tool_call_id": View._tool_call_id,  # noqa: SLF001 - as above
    "tool_calls": View._tool_calls,  # noqa: SLF001 - as above
    "function_call": View._function_call,  # noqa: SLF001 - as above
}


def deeper(value: Any, limit: int) -> bool:
    """Return whether a value is nested deeper than a limit; a flat object has depth 1."""
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def strings(value: Any) -> Iterator[str]:
    """Yield each string in a view except free texts, keys included, at any depth."""
    stack = [value]
    while stack:
        item = stack.pop()
        if type(item) is str:
            yield item
        elif isinstance(item, dict):
            yield from item
            stack += item.values()
        elif isinstance(item, list):
            stack += item
