"""Token counter for examples of a data format, by a model's tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ftlint.analysis.tokens import formulas
from ftlint.analysis.tokens.example_tokens import MOST_PER_BYTE, ROLES, Measure
from ftlint.analysis.tokens.formulas import DEFAULT_IMAGES, Count, image_formula
from ftlint.analysis.tokens.text_counter import counter
from ftlint.analysis.tokens.vocabulary import encoding_of
from ftlint.core.json_spans import Pointer, find
from ftlint.formats.data_format import FORMATS, Format
from ftlint.formats.images import pictures

_MESSAGES = ("messages",)
_TOOLS_KEYS = ("tools", "functions")
_TOOLS = 4096
"""Maximum cached tool lists, by hash, since lists may be large."""


class Meter:
    """A meter for examples of one data format and one model. Not thread-safe.

    `model` is the result of `ftlint.config.models.find`, None for none.
    """

    def __init__(self, format: str, model: Mapping[str, Any] | None) -> None:  # noqa: A002 - as in a report
        encoding, _ = encoding_of(model)
        images = (model or {}).get("images", DEFAULT_IMAGES)
        self._exactly = _Sums(FORMATS[format], counter(encoding), encoding, images)
        self._by_bytes = _Sums(FORMATS[format], _bytes, encoding, images)
        self._most = image_formula(images).most

    def bound(self, raw: bytes) -> int:
        """Return an upper bound of an example's tokens from its bytes and images."""
        text = len(raw) * (MOST_PER_BYTE if b'"enum"' in raw else 1)
        return text + self._most * raw.count(b'"image_url"')

    def measure(self, data: dict[str, Any]) -> Measure:
        """Count the tokens of an example of any shape; values that are no text count 0."""
        return self._exactly.of(data)

    def guess(self, data: dict[str, Any]) -> Measure:
        """Return a cheap upper bound of `measure`, with bytes for tokens."""
        return self._by_bytes.of(data)


class _Sums:
    """The formulas for one format, with a function to count a text."""

    def __init__(self, format_: Format, count: Count, encoding: str, images: str) -> None:
        self._count, self._encoding, self._format = count, encoding, format_
        self._image = image_formula(images)
        table = formulas.tables()["messages"]
        self._per, self._name = table["message"], table["name"]
        self._reply = table["reply"] if format_.lists else 0
        self._heads: dict[str, int] = {}
        self._tools: dict[tuple[int, int], int] = {}
        self._last: tuple[list[Any], int] = ([], 0)

    def of(self, data: dict[str, Any]) -> Measure:
        """Return the measure of an example."""
        measure = Measure(self._format.lists, self._reply)
        if not self._format.lists:
            self._texts(data, measure)
            return measure
        for branch, base in enumerate(self._format.lists):
            messages = data.get("messages") if base == _MESSAGES else find(data, base)
            if isinstance(messages, list):
                self._add(messages, branch, measure)
        holder = find(data, self._format.holder)
        if isinstance(holder, dict) and len(holder) > 1:
            for key in _TOOLS_KEYS:
                if isinstance(holder.get(key), list):
                    measure.tools += self._of_tools(holder[key])
        return measure

    def _texts(self, data: dict[str, Any], measure: Measure) -> None:
        """Add a prompt and a completion."""
        for key in ("prompt", "completion"):
            text = data.get(key)
            tokens = self._count(text) if isinstance(text, str) else 0
            trainable = tokens if key == "completion" else 0
            measure.rows.append((key, key, tokens, trainable, 0))
            measure.content += tokens
            measure.trainable += trainable

    def _add(self, messages: list[Any], branch: int, measure: Measure) -> None:
        """Add messages; those of the assistant are trained on unless their weight is 0."""
        count, rows, heads = self._count, measure.rows, self._heads
        trained = branch > 0 or self._format.name == "chat"
        for index, message in enumerate(messages):
            if not isinstance(message, dict):
                continue
            role, content = message.get("role"), message.get("content")
            if not isinstance(role, str):
                role = ""
            head = heads.get(role) or self._head(role)
            tokens = count(content) if isinstance(content, str) else 0
            trainable = trained and role == "assistant"
            if len(message) > 2 or not isinstance(content, str):
                tokens += self._more(message, (*self._format.lists[branch], index), measure)
                trainable = trainable and message.get("weight") != 0
                name = message.get("name")
                if isinstance(name, str) and role != "tool":
                    head += count(name) + self._name
            if trainable:
                measure.trainable += tokens
            measure.content += head + tokens
            rows.append((index, role, head + tokens, tokens if trainable else 0, branch))

    def _head(self, role: str) -> int:
        """Return the tokens of a message besides its content."""
        tokens: int = self._per + self._count(role)
        if role in ROLES:
            self._heads[role] = tokens
        return tokens

    def _more(self, message: dict[str, Any], pointer: Pointer, measure: Measure) -> int:
        """Return the tokens of a message's parts, refusal and calls."""
        tokens = 0
        if "tool_calls" in message or "function_call" in message:
            tokens += formulas.calls(message, self._count)
        if isinstance(message.get("refusal"), str):
            tokens += self._count(message["refusal"])
        content = message.get("content")
        if not isinstance(content, list):
            return tokens
        for part in content:
            if isinstance(part, dict):
                for key in ("text", "refusal"):
                    if isinstance(part.get(key), str):
                        tokens += self._count(part[key])
        for picture in pictures((*pointer, "content"), content):
            size, unknown = formulas.image(picture, self._image)
            tokens += size
            measure.images += size
            measure.estimated = measure.estimated or unknown
        return tokens

    def _of_tools(self, tools: list[Any]) -> int:
        """Return the tokens of a list of tools; most examples repeat the previous one."""
        if tools is self._last[0]:
            return self._last[1]
        try:
            text = orjson.dumps(tools)
        except orjson.JSONEncodeError:  # nested too deeply
            return formulas.functions(tools, self._encoding, self._count)
        key = (hash(text), len(text))
        tokens = self._tools.get(key)
        if tokens is None:
            tokens = formulas.functions(tools, self._encoding, self._count)
            if len(self._tools) >= _TOOLS:
                self._tools.clear()
            self._tools[key] = tokens
        self._last = (tools, tokens)
        return tokens


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
