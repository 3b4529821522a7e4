"""A picture of the data: what examples consist of, in constant memory.

Shapes are taken as they come: what is not of the type expected is passed over.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ftlint.formats import FORMATS
from ftlint.frequent import Frequent
from ftlint.histogram import Histogram
from ftlint.images import Picture, pictures
from ftlint.kinds import BOM
from ftlint.locate import find
from ftlint.model import Example
from ftlint.statistics.parts import (
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

_SYSTEM = {"system", "developer"}
_BESIDE = {"messages", "tools"}
"""Keys of a row of reinforcement data that are no fields for a grader, as in `ftlint.probe`."""

_PROMPTS, _REPEATED, _FIELDS = 5, 10, 50
"""How many texts are shown."""

Said = list[tuple[str | None, str | None]]
"""The role and the text of each message, None where there is none."""


@dataclass(slots=True)
class Statistics(Sums):
    """What is counted of examples; `format` is the name of their data format (`FORMATS`).

    `merge` is associative and commutative: how the data is cut changes nothing.
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
        """Take an example, of any shape."""
        data, place = example.data, example.offset
        self.examples += 1
        self.bytes.add(_size(example))
        if self.format == "completion":
            said = self._completion(data, place)
        else:
            said = self._talk(data, place)
        self.scripts.add("".join([text for _, text in said if text]))

    def _completion(self, data: dict[str, Any], place: int) -> Said:
        """Take a prompt and a completion; return what they say."""
        pairs = ((None, data.get("prompt")), ("assistant", data.get("completion")))
        said: Said = [(role, text) for role, text in pairs if isinstance(text, str)]
        self._answers(said, place)
        return said

    def _talk(self, data: dict[str, Any], place: int) -> Said:
        """Take the messages of an example, and what stands beside them; return what they say."""
        known = FORMATS[self.format]
        found: list[Picture] = []
        parts: list[Said | None] = []
        at = place
        for pointer in known.lists:
            messages = find(data, pointer)
            parts.append(None)
            if isinstance(messages, list):
                parts[-1] = self._messages(messages, at, found)
                at += len(messages)
        self.images.add(found)
        holder = find(data, known.holder)
        if isinstance(holder, dict):
            self.tools.define(holder, place)
        if self.format == "reinforcement":
            for name in data.keys() - _BESIDE:
                self.fields.add(name, place)
        conversation, *outputs = parts
        if conversation is not None:
            self._conversation(conversation)
        if outputs:
            self._outputs(*outputs)
        answers = outputs[0] if outputs else conversation
        self._answers(answers or [], place)
        return [entry for said in parts if said for entry in said]

    def _messages(self, messages: list[Any], place: int, found: list[Picture]) -> Said:
        """Take a list of messages; return what they say, and add their images to `found`."""
        said: Said = []
        for index, message in enumerate(messages):
            if not isinstance(message, dict):
                continue
            role, content = message.get("role"), message.get("content")
            text = content if isinstance(content, str) else text_of(message)
            if "tool_calls" in message or "function_call" in message:
                calls = self.tools.call(message, place + index)
                text = text or None if calls else text
            if isinstance(content, list):
                found.extend(pictures((), content))
            if role == "assistant":
                self.weights[weight_of(message)] += 1
            if not isinstance(role, str):
                role = None
            else:
                self.roles.add(role, text)
            if role in _SYSTEM and text:
                self.system.add(text, place + index)
            said.append((role, text))
        return said

    def _conversation(self, said: Said) -> None:
        roles = [role for role, _ in said]
        self.messages.add(len(said))
        self.turns.add(roles.count("user"))
        self.without_system += _SYSTEM.isdisjoint(roles)

    def _outputs(self, preferred: Said | None, other: Said | None) -> None:
        for said, sizes in ((preferred, self.preferred), (other, self.non_preferred)):
            if said is not None:
                sizes.add(sum(len(text) for _, text in said if text))

    def _answers(self, said: Said, place: int) -> None:
        """Take what the assistant says."""
        for index, (role, text) in enumerate(said):
            if role == "assistant" and text is not None:
                self.characters.add(len(text))
                self.answers.add(text, place + index)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; `docs/stats.md` says what each of it is."""
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


def _size(example: Example) -> int:
    """Return the length of a line in bytes, line end and byte-order mark left out."""
    raw = example.raw
    size = len(raw) - (2 if raw.endswith(b"\r\n") else raw.endswith(b"\n"))
    return size - len(BOM) if raw.startswith(BOM) else size
