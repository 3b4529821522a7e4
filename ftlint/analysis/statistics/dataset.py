"""Statistics of a dataset in constant memory, which merge across chunks.

Values of unexpected types are skipped: data is described even if it is invalid.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ftlint.analysis.statistics.counts import (
    WEIGHTS,
    Images,
    Roles,
    Scripts,
    Sums,
    Tools,
    text_of,
    top,
    weight_of,
)
from ftlint.analysis.statistics.heavy_hitters import Frequent
from ftlint.analysis.statistics.histogram import Histogram
from ftlint.core.example import Example
from ftlint.core.json_spans import find
from ftlint.formats.data_format import FORMATS
from ftlint.formats.images import Picture, pictures
from ftlint.inputs.filetype import BOM

_SYSTEM = {"system", "developer"}
_NO_FIELDS = {"messages", "tools"}
"""Keys of a reinforcement row that are no grader fields, as in `ftlint.inputs.probe`."""

_PROMPTS, _REPEATED, _FIELDS = 5, 10, 50
"""Sizes of the top-k lists."""

Turns = list[tuple[str | None, str | None]]
"""The role and the text of each message, None where it has none."""


@dataclass(slots=True)
class Statistics(Sums):
    """Counters over examples of a `format`, a key of `FORMATS`.

    `merge` is associative and commutative, so that results do not depend on chunking.
    """

    format: str
    examples: int = 0
    bytes: Histogram = field(default_factory=Histogram)
    messages: Histogram = field(default_factory=Histogram)
    turns: Histogram = field(default_factory=Histogram)
    roles: Roles = field(default_factory=Roles)
    without_system: int = 0
    system: Frequent = field(default_factory=Frequent)
    weights: Counter[str] = field(default_factory=Counter)
    characters: Histogram = field(default_factory=Histogram)
    answers: Frequent = field(default_factory=Frequent)
    tools: Tools = field(default_factory=Tools)
    images: Images = field(default_factory=Images)
    scripts: Scripts = field(default_factory=Scripts)
    preferred: Histogram = field(default_factory=Histogram)
    non_preferred: Histogram = field(default_factory=Histogram)
    fields: Frequent = field(default_factory=Frequent)

    def add(self, example: Example) -> None:
        """Count an example of any shape."""
        data, offset = example.data, example.offset
        self.examples += 1
        self.bytes.add(_line_size(example))
        if self.format == "completion":
            turns = self._completion(data, offset)
        else:
            turns = self._chat(data, offset)
        self.scripts.add("".join([text for _, text in turns if text]))

    def _completion(self, data: dict[str, Any], offset: int) -> Turns:
        """Count a prompt and a completion; return them as turns."""
        pairs = ((None, data.get("prompt")), ("assistant", data.get("completion")))
        turns: Turns = [(role, text) for role, text in pairs if isinstance(text, str)]
        self._answers(turns, offset)
        return turns

    def _chat(self, data: dict[str, Any], offset: int) -> Turns:
        """Count the messages, tools and fields of an example; return its turns."""
        format_ = FORMATS[self.format]
        images: list[Picture] = []
        parts: list[Turns | None] = []
        position = offset
        for pointer in format_.lists:
            messages = find(data, pointer)
            parts.append(None)
            if isinstance(messages, list):
                parts[-1] = self._messages(messages, position, images)
                position += len(messages)
        self.images.add(images)
        holder = find(data, format_.holder)
        if isinstance(holder, dict):
            self.tools.define(holder, offset)
        if self.format == "reinforcement":
            for name in data.keys() - _NO_FIELDS:
                self.fields.add(name, offset)
        conversation, *outputs = parts
        if conversation is not None:
            self._conversation(conversation)
        if outputs:
            self._outputs(*outputs)
        answers = outputs[0] if outputs else conversation
        self._answers(answers or [], offset)
        return [turn for turns in parts if turns for turn in turns]

    def _messages(self, messages: list[Any], offset: int, images: list[Picture]) -> Turns:
        """Count a list of messages; return its turns, and add its images to `images`."""
        turns: Turns = []
        for index, message in enumerate(messages):
            if not isinstance(message, dict):
                continue
            role, content = message.get("role"), message.get("content")
            text = content if isinstance(content, str) else text_of(message)
            if "tool_calls" in message or "function_call" in message:
                calls = self.tools.call(message, offset + index)
                text = text or None if calls else text
            if isinstance(content, list):
                images.extend(pictures((), content))
            if role == "assistant":
                self.weights[weight_of(message)] += 1
            if not isinstance(role, str):
                role = None
            else:
                self.roles.add(role, text)
            if role in _SYSTEM and text:
                self.system.add(text, offset + index)
            turns.append((role, text))
        return turns

    def _conversation(self, turns: Turns) -> None:
        roles = [role for role, _ in turns]
        self.messages.add(len(turns))
        self.turns.add(roles.count("user"))
        self.without_system += _SYSTEM.isdisjoint(roles)

    def _outputs(self, preferred: Turns | None, other: Turns | None) -> None:
        for turns, sizes in ((preferred, self.preferred), (other, self.non_preferred)):
            if turns is not None:
                sizes.add(sum(len(text) for _, text in turns if text))

    def _answers(self, turns: Turns, offset: int) -> None:
        """Count the texts of the assistant."""
        for index, (role, text) in enumerate(turns):
            if role == "assistant" and text is not None:
                self.characters.add(len(text))
                self.answers.add(text, offset + index)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON, as documented in `docs/stats.md`."""
        preferred, other = self.preferred.to_dict(), self.non_preferred.to_dict()
        fields = Counter[str]()
        for counted in self.fields.top(_FIELDS):
            fields[counted.text] += counted.times
        return {
            "examples": self.examples,
            "bytes": self.bytes.to_dict(),
            "messages": self.messages.to_dict(),
            "turns": self.turns.to_dict(),
            "roles": self.roles.to_dict(),
            "system_prompts": {
                "without": self.without_system,
                "distinct": self.system.distinct,
                "top": top(self.system, _PROMPTS),
            },
            "weights": {name: self.weights[name] for name in WEIGHTS},
            "answers": {
                "characters": self.characters.to_dict(),
                "distinct": self.answers.distinct,
                "repeated": top(self.answers, _REPEATED, least=2),
            },
            "tools": self.tools.to_dict(),
            "images": self.images.to_dict(),
            "scripts": self.scripts.to_dict(),
            "outputs": {"preferred": preferred, "non_preferred": other}
            if self.format == "preference"
            else None,
            "fields": dict(fields),
        }


def _line_size(example: Example) -> int:
    """Return the length of a line in bytes, without line end and byte-order mark."""
    raw = example.raw
    size = len(raw) - (2 if raw.endswith(b"\r\n") else raw.endswith(b"\n"))
    return size - len(BOM) if raw.startswith(BOM) else size
