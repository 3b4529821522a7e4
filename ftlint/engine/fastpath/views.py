"""Views: examples without their free texts, the only input of shape rules.

Most files hold at most a few hundred different views (roles in order, keys, weights, names of
functions called, tools). The hits of shape rules are cached by view, which is sound because the
view is all that they see.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any, ClassVar

import orjson

from ftlint.core.free_text import FreeText
from ftlint.core.json_spans import Pointer
from ftlint.formats.data_format import Format
from ftlint.rules.context import Contents, Conversation, Roles

Data = dict[str, Any]

LIST = "["
"""The first item of the shape of a list."""

TEXT = FreeText("\0text")
"""The placeholder of a text that is not compared with others."""

_Makers = Mapping[str, Callable[["View", Any], Hashable]]
_ID = "\0id"
_IDS = tuple(FreeText(f"{_ID}{number}") for number in range(64))
_TOOLS = ("tools",)
_CALLING = frozenset({"tool_calls", "function_call", "tool_call_id"})
_PLAIN = {
    role: {"role": role, "content": TEXT}
    for role in ("system", "developer", "user", "assistant", "tool")
}
"""The views of messages that are a role and a text, by role."""

_ROLES = frozenset(_PLAIN)

Plain = tuple[tuple[str, ...], tuple[str, ...]]
"""The roles and the texts of an example whose messages have nothing else."""


def plain_examples(examples: Sequence[Any]) -> list[Plain | None]:
    """Return the roles and texts of examples of messages that have nothing else; None for others.

    None is also for an example with a text that is empty or white space.
    """
    lists = list(map(_pairs, examples))
    try:  # a few calls in C for all messages
        roles, texts = _split(list(chain.from_iterable(lists)))
    except (KeyError, TypeError, ValueError):
        return list(map(plain_messages, examples))
    ends = list(accumulate(map(len, lists), initial=0))
    return [
        (roles[start:end], texts[start:end]) if end > start else None
        for start, end in pairwise(ends)
    ]


def plain_messages(example: Any) -> Plain | None:
    """Return the roles and texts of an example as `plain_examples` does."""
    messages = _pairs(example)
    try:
        return _split(messages) if messages else None
    except (KeyError, TypeError, ValueError):
        return None


def _pairs(example: Any) -> Sequence[Any]:
    """Return the messages of an example of nothing else, if they have two keys on average."""
    if type(example) is not dict or len(example) != 1:
        return ()
    messages = example.get("messages")
    if type(messages) is not list:
        return ()
    try:
        return messages if sum(map(len, messages)) == 2 * len(messages) else ()
    except TypeError:
        return ()


def _split(messages: Sequence[Any]) -> Plain:
    """Return the roles and texts of messages that have two keys on average.

    Raises `KeyError`, `TypeError` or `ValueError` if one is not of a known role and a text that
    says something.
    """
    roles = tuple([message["role"] for message in messages])
    texts = tuple([message["content"] for message in messages])
    if not _ROLES.issuperset(roles) or "" in texts or any(map(str.isspace, texts)):
        raise ValueError
    return roles, texts


class _Odd:
    """A value that orjson cannot write, in a shape that equals no other."""

    def __init__(self, value: Any) -> None:
        self.value = value


class View:
    """The view of one example: `shape`, which is hashable, and `data`, which shape rules are given.

    `texts` are the free texts, `talks` the conversations with roles and contents. `calling` has the
    indices of messages with calls or their ids, `images` is True if the example may hold any. `odd`
    means numbers that parsers read differently, or deep nesting: no other view has its shape.
    """

    # A shape is like the data: (keys, *values) for an object, ("[", *values) for a list, the role
    # for a message of a role and a text, JSON for a value that no rule about messages reads.

    __slots__ = ("_data", "_example", "_ids", "calling", "images", "odd", "shape", "talks", "texts")

    def __init__(self, example: Data, data_format: Format) -> None:
        self._example = example
        self._data: Data | None = None
        self._ids: dict[str, FreeText] = {}
        self.texts: list[str] = []
        self.talks: list[tuple[Conversation, Roles, Contents]] = []
        self.calling: dict[Pointer, list[int]] = {}
        self.images = self.odd = False
        self.shape: Hashable = self._holder(example, (), data_format.lists)

    @property
    def data(self) -> Data:
        """The data of the view."""
        if self._data is None:
            self._data = _unfolded(self.shape)
            if "tools" in self._example:
                self._data["tools"] = self._example["tools"]
        return self._data

    def _holder(self, data: Data, base: Pointer, lists: Sequence[Pointer]) -> Hashable:
        """Return the shape of an object that holds messages, below `base`; no list of tools."""
        shape: list[Hashable] = [tuple(data)]
        for key, value in data.items():
            pointer = (*base, key)
            if pointer in lists and type(value) is list:
                shape.append(self._messages(value, pointer))
            elif type(value) is dict and any(inner[:-1] == pointer for inner in lists):
                shape.append(self._holder(value, pointer, lists))
            else:
                left_out = pointer == _TOOLS and type(value) is list
                shape.append(None if left_out else self._value(value))
        return tuple(shape)

    def _messages(self, messages: list[Any], base: Pointer) -> Hashable:
        """Return the shape of a list of messages."""
        shape: list[Hashable] = [LIST]
        roles: list[Any] = []
        contents: list[Any] = []
        calling = []
        for index, message in enumerate(messages):
            if type(message) is not dict:
                shape.append(self._value(message, raw=True))
                continue
            role, content = message.get("role"), message.get("content")
            roles.append(role)
            contents.append(content)
            texts = len(message) == 2 and type(role) is str and type(content) is str
            if texts and role in _ROLES and content and not content.isspace():
                self.texts.append(content)
                shape.append(role)
                continue
            shape.append(self._object(message, self._OF_MESSAGES))
            if not _CALLING.isdisjoint(message):
                calling.append(index)
        if messages and len(roles) == len(messages):
            talk = Conversation(base, messages)
            self.talks.append((talk, tuple(roles), tuple(contents)))
            if calling:
                self.calling[base] = calling
        return tuple(shape)

    def _object(self, value: Any, makers: _Makers) -> Hashable:
        """Return the shape of a value that is an object where it is as it should be."""
        if type(value) is not dict:
            return self._value(value, raw=True)
        shape: list[Hashable] = [tuple(value)]
        for key, inner in value.items():
            make = makers.get(key)
            shape.append(make(self, inner) if make else self._value(inner))
        return tuple(shape)

    def _list(self, values: list[Any], makers: _Makers) -> Hashable:
        return (LIST, *[self._object(value, makers) for value in values])

    def _value(self, value: Any, *, raw: bool = False) -> Hashable:
        """Return the shape of a value that is seen as it is; no text if `raw`."""
        if value is None or (type(value) is str and not raw):
            return value
        try:
            return orjson.dumps(value)
        except TypeError:
            self.odd = True
            return _Odd(value)

    def _text(self, text: Any) -> Hashable:
        if type(text) is not str:
            return self._value(text)
        self.texts.append(text)
        return (" " if text.isspace() else TEXT) if text else ""

    def _content(self, content: Any) -> Hashable:
        if type(content) is list:
            return self._list(content, self._OF_PARTS)
        return self._text(content)

    def _image(self, image: Any) -> Hashable:
        self.images = True
        return self._object(image, self._OF_IMAGES) if type(image) is dict else self._text(image)

    def _id(self, name: Any) -> Hashable:
        """Return the placeholder of an id; equal ids of this example have equal ones."""
        if type(name) is not str or not name:
            return self._value(name)
        placeholder = self._ids.get(name)
        if placeholder is None:
            self.texts.append(name)
            number = len(self._ids)
            placeholder = _IDS[number] if number < len(_IDS) else FreeText(f"{_ID}{number}")
            self._ids[name] = placeholder
        return placeholder

    def _calls(self, value: Any) -> Hashable:
        return self._list(value, self._OF_CALLS) if type(value) is list else self._value(value)

    def _function(self, value: Any) -> Hashable:
        return self._object(value, self._OF_FUNCTIONS)

    _OF_FUNCTIONS: ClassVar[_Makers] = {"arguments": _text}
    _OF_CALLS: ClassVar[_Makers] = {"id": _id, "function": _function}
    _OF_IMAGES: ClassVar[_Makers] = {"url": _text}
    _OF_PARTS: ClassVar[_Makers] = {"text": _text, "refusal": _text, "image_url": _image}
    _OF_MESSAGES: ClassVar[_Makers] = {
        "content": _content,
        "refusal": _content,
        "tool_call_id": _id,
        "tool_calls": _calls,
        "function_call": _function,
    }


def _unfolded(shape: Any) -> Any:
    """Return the data of a shape."""
    if type(shape) is bytes:
        return orjson.loads(shape)
    if type(shape) is not tuple:
        return shape.value if type(shape) is _Odd else shape
    first, *values = shape
    if first == LIST:
        return [_PLAIN[value] if type(value) is str else _unfolded(value) for value in values]
    return {key: _unfolded(value) for key, value in zip(first, values, strict=True)}


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
