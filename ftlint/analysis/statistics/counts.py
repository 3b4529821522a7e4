"""Mergeable counters of roles, weights, tools, images and scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Self

from ftlint.analysis.statistics.heavy_hitters import Frequent
from ftlint.analysis.statistics.histogram import Histogram
from ftlint.analysis.statistics.scripts import letters
from ftlint.formats import images

OTHER = "other"
_ROLES = ("system", "developer", "user", "assistant", "tool", "function", OTHER)
_FREE = 26
_LONGEST = 64
"""Maximum number of other roles (free text), the shortest of which stay, and of characters."""

_DETAIL = ("low", "high", "auto")
_SHOWN = 20


@dataclass(slots=True)
class Sums:
    """A record that merges field by field: numbers and counters add up, strings stay."""

    def merge(self, other: Self) -> Self:
        """Return the sum of both, changing neither."""
        names = [each.name for each in fields(self)]
        return type(self)(*(_sum(getattr(self, name), getattr(other, name)) for name in names))


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, str):
        return one
    return one.merge(other) if hasattr(one, "merge") else one + other


@dataclass(slots=True)
class Role(Sums):
    """Number of messages of a role, and the characters of those with text."""

    messages: int = 0
    characters: Histogram = field(default_factory=Histogram)


class Roles:
    """Messages by role; roles are free text, so an excess of them is merged into `OTHER`."""

    def __init__(self) -> None:
        self.named: dict[str, Role] = {}

    def add(self, name: str, text: str | None) -> None:
        """Count a message; `text` is None where it has none."""
        role = self.named.get(name)
        if role is None:
            name = name if len(name) <= _LONGEST else OTHER
            self.named.setdefault(name, Role())
            self.cap()
            role = self.named.get(name) or self.named[OTHER]
        role.messages += 1
        if text is not None:
            role.characters.add(len(text))

    def merge(self, other: Self) -> Self:
        """Return the sum of both, changing neither."""
        merged = type(self)()
        merged.named = {
            name: self.named.get(name, Role()).merge(other.named.get(name, Role()))
            for name in {**self.named, **other.named}
        }
        merged.cap()
        return merged

    def cap(self) -> None:
        """Merge excess roles into `OTHER`; which ones stay does not depend on chunking."""
        free = sorted(self.named.keys() - set(_ROLES), key=lambda name: (len(name), name))
        for name in free[_FREE:]:
            role = self.named.pop(name)
            self.named[OTHER] = role.merge(self.named.get(OTHER, Role()))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON: the usual roles in order, then others by name."""
        standard = [name for name in _ROLES if name in self.named]
        return {
            name: {
                "messages": self.named[name].messages,
                "characters": self.named[name].characters.to_dict(),
            }
            for name in [*standard, *sorted(self.named.keys() - set(standard))]
        }


WEIGHTS = ("absent", "0", "1", OTHER)
"""Categories of message weights."""


def weight_of(message: dict[str, Any]) -> str:
    """Return the category of a message's weight, one of `WEIGHTS`."""
    if "weight" not in message:
        return "absent"
    weight = message["weight"]
    return str(weight) if type(weight) is int and weight in {0, 1} else OTHER


@dataclass(slots=True)
class Tools(Sums):
    """Tools (and functions, their older form) by how often they are defined and called."""

    examples: int = 0
    per_example: Histogram = field(default_factory=Histogram)
    defined: Frequent = field(default_factory=Frequent)
    calls: int = 0
    called: Frequent = field(default_factory=Frequent)

    def define(self, holder: dict[str, Any], place: int) -> None:
        """Count the definitions in an example, or in the object that has its tools.

        `place` is the offset of its line.
        """
        tools, functions = _listed(holder.get("tools")), _listed(holder.get("functions"))
        if count := len(tools) + len(functions):
            self.examples += 1
            self.per_example.add(count)
            names = [*map(_name, tools), *map(_own_name, functions)]
            for index, name in enumerate(names):
                if name is not None:
                    self.defined.add(name, place + index)

    def call(self, message: dict[str, Any], place: int) -> bool:
        """Count the calls of a message at `place`; return whether there are any."""
        names = [_name(call) for call in _listed(message.get("tool_calls"))]
        if isinstance(message.get("function_call"), dict):
            names.append(_own_name(message["function_call"]))
        self.calls += len(names)
        for index, name in enumerate(names):
            if name is not None:
                self.called.add(name, place + index)
        return bool(names)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        uncalled = self.called.missing(self.defined)
        return {
            "examples": self.examples,
            "per_example": self.per_example.to_dict(),
            "defined": top(self.defined, _SHOWN),
            "calls": self.calls,
            "called": top(self.called, _SHOWN),
            "uncalled": None if uncalled is None else uncalled[:_SHOWN],
        }


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(tool: object) -> str | None:
    """Return the function name of a tool or of a call."""
    return _own_name(tool.get("function")) if isinstance(tool, dict) else None


def _own_name(function: object) -> str | None:
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else None


@dataclass(slots=True)
class Images(Sums):
    """Images by kind, size (bytes), longer side (pixels) and detail."""

    count: int = 0
    examples: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    bytes: Histogram = field(default_factory=Histogram)
    pixels: Histogram = field(default_factory=Histogram)
    detail: Counter[str] = field(default_factory=Counter)

    def add(self, pictures: list[images.Picture]) -> None:
        """Count the images of an example."""
        self.count += len(pictures)
        self.examples += bool(pictures)
        for picture in pictures:
            self.kinds[self._kind(picture.url)] += 1
            detail = picture.detail
            if detail is None:
                self.detail["absent"] += 1
            else:  # it may be anything
                self.detail[detail if detail in _DETAIL else OTHER] += 1

    def _kind(self, url: str) -> str:
        """Count the sizes of an image; return its kind."""
        if not images.is_data(url):
            return "remote"
        image = images.read(url)
        if image is None or image.fault:
            return "unreadable"
        self.bytes.add(image.size)
        if image.width and image.height:
            self.pixels.add(max(image.width, image.height))
        return image.format

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "count": self.count,
            "examples": self.examples,
            "kinds": dict(by_count(self.kinds)),
            "bytes": self.bytes.to_dict(),
            "pixels": self.pixels.to_dict(),
            "detail": {name: self.detail[name] for name in (*_DETAIL, "absent", OTHER)},
        }


@dataclass(slots=True)
class Scripts(Sums):
    """Letters by script, and examples by their predominant script."""

    letters: Counter[str] = field(default_factory=Counter)
    examples: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        """Count the letters of an example."""
        counts = letters(text)
        for script, count in counts.items():
            self.letters[script] += count
        if counts:
            self.examples[min(counts, key=lambda script: (-counts[script], script))] += 1

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            name: {"letters": count, "examples": self.examples[name]}
            for name, count in by_count(self.letters)
        }


def by_count(counts: Counter[str]) -> list[tuple[str, int]]:
    """Return counts in descending order, ties by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def top(texts: Frequent, most: int, *, least: int = 1) -> list[dict[str, Any]]:
    """Return the most frequent texts as plain data for JSON."""
    return [counted._asdict() for counted in texts.top(most, least=least)]


def text_of(message: dict[str, Any]) -> str | None:
    """Return the joined text parts of a message, or its refusal, None where it has neither."""
    content = message.get("content")
    texts = list(_texts(content)) if isinstance(content, list) else []
    if not texts and isinstance(message.get("refusal"), str):
        texts = [message["refusal"]]
    return "".join(texts) if texts else None


def _texts(parts: list[Any]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, dict):
            text = part.get("text", part.get("refusal"))
            if isinstance(text, str):
                yield text
