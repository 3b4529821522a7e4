"""Token formulas for messages, functions and images, with constants in `formulas.toml`.

They are the published ones where there are any. Totals are estimates of what a service bills, as
no provider documents the layout of training examples.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ftlint.formats import images
from ftlint.formats.images import Picture

Count = Callable[[str], int]

DEFAULT_IMAGES = "tiles-170"

_DEPTH = 32
"""Maximum depth to follow in schemas of parameters."""


def tables() -> dict[str, Any]:
    """Return the constants of all formulas."""
    return _read("formulas")


@cache
def _read(name: str) -> dict[str, Any]:
    """Read a file of constants; most checks need only the one on epochs."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def functions(definitions: list[Any], encoding: str, count: Count) -> int:
    """Return the tokens of function definitions, which may have any shape."""
    table = tables()["functions"][encoding]
    tokens = 0
    for entry in definitions:
        function = entry.get("function", entry) if isinstance(entry, dict) else None
        if isinstance(function, dict):
            tokens += table["function"]
            tokens += count(f"{_word(function, 'name')}:{_words(function, 'description')}")
            tokens += _properties(function.get("parameters"), table, count, 0)
    return tokens + table["end"] if tokens else 0


def _properties(schema: object, table: dict[str, int], count: Count, depth: int) -> int:
    """Return the tokens of an object's properties, nested ones included."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not properties or depth > _DEPTH:
        return 0
    tokens = table["properties"]
    for name, subschema in properties.items():
        value = subschema if isinstance(subschema, dict) else {}
        tokens += table["property"]
        if isinstance(value.get("enum"), list):
            tokens += table["enum"]
            tokens += sum(table["value"] + count(_formatted(item)) for item in value["enum"])
        tokens += count(f"{name}:{_word(value, 'type')}:{_words(value, 'description')}")
        tokens += _properties(value, table, count, depth + 1)
        tokens += _properties(value.get("items"), table, count, depth + 1)
    return tokens


def _word(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return "" if value is None else _formatted(value)


def _formatted(value: object) -> str:
    """Return a string itself, any other value as the cookbook's recipe would format it.

    A value nested more than 254 levels deep is empty, since Python may fail to format it.
    """
    if isinstance(value, str):
        return value
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return ""
    return str(value)


def _words(holder: dict[str, Any], key: str) -> str:
    return _word(holder, key).removesuffix(".")


class Tiles(NamedTuple):
    """Formula for images by tiles; sizes are in pixels."""

    base: int
    tile: int
    square: int
    shorter: int
    side: int

    @property
    def low(self) -> int:
        """Tokens of an image at low detail."""
        return self.base

    @property
    def most(self) -> int:
        """The most tokens that one image has."""
        return self.base + self.tile * _cells(self.shorter, self.square, self.side)

    def tokens(self, width: int, height: int) -> int:
        """Return the tokens of an image at high detail, which is scaled down and tiled."""
        scale = min(1.0, self.square / max(width, height))
        scale = min(scale, self.shorter / min(width, height))
        width, height = (max(round(size * scale), 1) for size in (width, height))
        return self.base + self.tile * _cells(width, height, self.side)


class Patches(NamedTuple):
    """Formula for images by patches of `patch` pixels, whatever the detail."""

    patch: int
    patches: int
    factor: float

    @property
    def low(self) -> int | None:
        """None: no difference by detail is documented."""
        return None

    @property
    def most(self) -> int:
        """The most tokens that one image has."""
        return math.ceil(self.patches * self.factor)

    def tokens(self, width: int, height: int) -> int:
        """Return the tokens of an image, which is scaled down to the maximum of patches."""
        return math.ceil(min(_cells(width, height, self.patch), self.patches) * self.factor)


def _cells(width: int, height: int, side: int) -> int:
    return math.ceil(width / side) * math.ceil(height / side)


@cache
def image_formula(kind: str) -> Tiles | Patches:
    """Return the image formula of a name under `images`."""
    table = {key: value for key, value in tables()["images"][kind].items() if key != "source"}
    return Patches(**table) if "patch" in table else Tiles(**table)


def image(picture: Picture, formula: Tiles | Patches) -> tuple[int, bool]:
    """Return the tokens of an image, and whether they are an upper bound for unknown size."""
    if picture.detail == "low" and formula.low is not None:
        return formula.low, False
    header = images.read(picture.url) if images.is_data(picture.url) else None
    if header is None or not header.width or not header.height:
        return formula.most, True
    return formula.tokens(header.width, header.height), False


class Epochs(NamedTuple):
    """Default number of epochs: `target`, adjusted by bounds on examples times epochs."""

    target: int
    fewest_examples: int = 0
    most_examples: int = 0
    least: int = 1
    most: int = 1
    source: str = ""

    def of(self, examples: int) -> int:
        """Return the epochs for a number of examples."""
        if examples and examples * self.target < self.fewest_examples:
            return min(self.most, self.fewest_examples // examples)
        if self.most_examples and examples * self.target > self.most_examples:
            return max(self.least, self.most_examples // examples)
        return self.target


def default_epochs(method: str) -> Epochs:
    """Return the default epochs of a training method."""
    return Epochs(**_read("epochs")[method])


def calls(message: dict[str, Any], count: Count) -> int:
    """Return the tokens of a message's calls, of any shape."""
    per_call: int = tables()["messages"]["call"]
    return sum(
        per_call + count(_word(function, "name")) + count(_word(function, "arguments"))
        for function in _called(message)
    )


def _called(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict) and isinstance(call.get("function"), dict):
            yield call["function"]
    if isinstance(message.get("function_call"), dict):
        yield message["function_call"]
