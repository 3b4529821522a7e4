"""Mutations of JSON values: they keep a line parsable, so that it reaches the rules."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from benchmarks.fuzz import vocabulary

_WIDEST = 60_000
"""Bytes up to which one mutation repeats a value; larger inputs come of several."""

_FULL = 0.3
"""Part of the repetitions that go as far as they may: what costs the square of a size shows."""

_DEEPEST = 400
"""Levels that one mutation nests; json itself, which writes the result, is recursive."""

_LOOKED_AT = 20_000
"""Values of a tree from which one is chosen; of a larger tree, the first ones."""


class Place(NamedTuple):
    """A value in a tree: the list or object that holds it, and its index or key there."""

    holder: Any
    at: Any

    @property
    def value(self) -> Any:
        """The value."""
        return self.holder[self.at]

    def put(self, value: Any) -> None:
        """Replace the value."""
        self.holder[self.at] = value


def mutate(random: Random, line: bytes, other: bytes) -> bytes | None:
    """Return a line with one to four mutations, None if it is not JSON; `other` lends values."""
    root = _parsed(line)
    if root is None:
        return None
    lent = _parsed(other) or [{}]
    for _ in range(random.choice((1, 1, 2, 4))):
        _step(random, root, lent)
    try:
        text = json.dumps(root[0], ensure_ascii=random.random() < 0.5)
    except (RecursionError, ValueError):
        return None
    return text.encode(errors="surrogatepass" if random.random() < 0.5 else "replace")


def _parsed(line: bytes) -> list[Any] | None:
    """Return the value of a line in a list of its own, None if it has none."""
    try:
        return [json.loads(line)]
    except (ValueError, RecursionError):
        return None


def _step(random: Random, root: list[Any], lent: list[Any]) -> None:
    """Apply one mutation at one place, also inside a string that holds JSON, such as arguments."""
    place = _place(random, root)
    value = place.value
    if isinstance(value, str) and value[:1] in ("{", "[") and random.random() < 0.7:
        inner = _parsed(value.encode(errors="replace"))
        if inner is not None:
            _step(random, inner, lent)
            place.put(json.dumps(inner[0]))
            return
    random.choice(_MUTATIONS)(random, place, lent)


def _place(random: Random, root: list[Any]) -> Place:
    """Choose a place; those near the root are as likely as the many leaves."""
    places = list(_places(root))
    if random.random() < 0.5:
        holders = [place for place in places if isinstance(place.value, dict | list)]
        return random.choice(holders or places)
    return random.choice(places)


def _places(root: list[Any]) -> Iterator[Place]:
    waiting: list[Any] = [root]
    found = 0
    while waiting and found < _LOOKED_AT:
        holder = waiting.pop()
        for at, value in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
            found += 1
            yield Place(holder, at)
            if isinstance(value, dict | list):
                waiting.append(value)


def _replace(random: Random, place: Place, _: list[Any]) -> None:
    place.put(vocabulary.value(random))


def _describe(random: Random, place: Place, _: list[Any]) -> None:
    """Put a JSON schema in place of a value, or into one."""
    schema = vocabulary.schema(random)
    if isinstance(place.value, dict) and isinstance(schema, dict) and random.random() < 0.7:
        place.value.update(schema)
    else:
        place.put(schema)


def _borrow(random: Random, place: Place, lent: list[Any]) -> None:
    place.put(copy.deepcopy(_place(random, lent).value))


def _drop(random: Random, place: Place, _: list[Any]) -> None:
    if place.value is not place.holder and len(place.holder) > 1:
        del place.holder[place.at]


def _rename(random: Random, place: Place, _: list[Any]) -> None:
    if isinstance(place.holder, dict):
        place.holder[vocabulary.key(random)] = place.holder.pop(place.at)


def _add(random: Random, place: Place, _: list[Any]) -> None:
    value = place.value
    if isinstance(value, dict):
        value[vocabulary.key(random)] = vocabulary.value(random)
    elif isinstance(value, list):
        value.insert(random.randint(0, len(value)), vocabulary.value(random))
    elif isinstance(value, str):
        cut = random.randint(0, len(value))
        place.put(value[:cut] + vocabulary.fragment(random) + value[cut:])


def _nest(random: Random, place: Place, _: list[Any]) -> None:
    value = place.value
    name = vocabulary.key(random) if random.random() < 0.5 else None
    for _level in range(min(2 ** random.randrange(10), _DEEPEST)):
        value = [value] if name is None else {name: value}
    place.put(value)


def _stretch(random: Random, place: Place, _: list[Any]) -> None:
    """Repeat a value where it stands: a list's items, an object's keys, a string, a number."""
    value = place.value
    times = _times(random, value)
    if isinstance(value, str):
        unit = value if value and random.random() < 0.5 else vocabulary.fragment(random)
        place.put(value + unit * min(times, _WIDEST // len(unit)))
    elif isinstance(value, bool) or value is None:
        place.put([value] * times)
    elif isinstance(value, int):
        place.put(int("9" * min(times, 4000)) + value)
    elif isinstance(value, float):
        place.put([value] * times)
    elif isinstance(value, list):
        items = [random.choice(value)] if value and random.random() < 0.5 else value or [0]
        place.put(value + _copies(random, items, times))
    else:
        names = list(value) or [vocabulary.key(random)]
        for number in range(times):
            name = random.choice(names)
            value[f"{name}{number}"] = value.get(name, 1)


def _times(random: Random, value: Any) -> int:
    """Return how often to repeat a value: some times, or as often as fits into `_WIDEST` bytes."""
    most = max(_WIDEST // max(len(repr(value)), 1), 1)
    return most if random.random() < _FULL else min(most, int(2 ** random.uniform(0, 16)))


def _copies(random: Random, unit: list[Any], times: int) -> list[Any]:
    """Return copies of items, at random alike, or distinguished by a number in each text."""
    if random.random() < 0.5:
        return unit * times
    return [_numbered(item, number) for number in range(times) for item in unit]


def _numbered(item: Any, number: int) -> Any:
    """Return a copy of an item with a number added to its numbers and texts, two levels down."""
    if isinstance(item, dict):
        return {
            key: {inner: _suffixed(below, number) for inner, below in value.items()}
            if isinstance(value, dict)
            else _suffixed(value, number)
            for key, value in item.items()
        }
    return _suffixed(item, number)


def _suffixed(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return f"{value}{number}"
    return value + number if isinstance(value, int | float) else copy.deepcopy(value)


def _misspell(random: Random, place: Place, _: list[Any]) -> None:
    """Change one character of a text."""
    value = place.value
    if isinstance(value, str) and value:
        cut = random.randrange(len(value))
        place.put(value[:cut] + random.choice("abz_é\\\0 ") + value[cut + 1 :])


_MUTATIONS: tuple[Callable[[Random, Place, list[Any]], None], ...] = (
    _replace, _describe, _borrow, _drop, _rename, _add, _nest, _stretch, _stretch, _stretch,
    _misspell,
)  # fmt: skip
