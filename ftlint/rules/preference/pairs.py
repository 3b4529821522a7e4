"""Rules on the texts of preference examples: the input and the two outputs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Self

import orjson

from ftlint.core.example import Example
from ftlint.core.finding import Hit, Related
from ftlint.core.json_spans import find
from ftlint.core.rule import Options
from ftlint.rules.context import CALLS, InputFacts, Turns
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_PREFERRED, _OTHER = "preferred_output", "non_preferred_output"
_SAYS = ("tool_calls", "function_call", "refusal")
_REFUSES = (
    r"(?:as an ai\b[^.,]{0,40}, )?(?:i(?:['\u2019]m| am) (?:very |so |really )?sorry,? (?:but )?)?"
    r"(?:i(?:['\u2019]m| am) (?:unable|not able) to\b"
    r"|i (?:can['\u2019]?t|cannot|won['\u2019]t) (?:help|assist|comply|provide|fulfil|do that))"
)
Messages = list[dict[str, Any]]


def _outputs(example: Example) -> tuple[Messages, Messages] | None:
    """Return the two outputs; None if one is missing or not an array."""
    preferred, other = example.data.get(_PREFERRED), example.data.get(_OTHER)
    if isinstance(preferred, list) and isinstance(other, list) and preferred and other:
        return preferred, other
    return None


def _text(message: dict[str, Any]) -> str:
    """Return the text of a message, stripped, with parts joined."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(part.get("text") or part.get("refusal") or "" for part in content)
    return (content or message.get("refusal") or "").strip()


def _said(output: Messages) -> str:
    """Return the text of the assistant in an output."""
    return " ".join(filter(None, (_text(m) for m in output if m["role"] == "assistant")))


def _trimmed(output: Messages) -> Messages:
    """Copy an output without what makes no difference: white space around texts, weights."""
    copy = [{key: value for key, value in m.items() if key != "weight"} for m in output]
    for message in copy:
        if isinstance(message.get("content"), str):
            message["content"] = message["content"].strip()
    return copy


@rule("input-ends-with-assistant", severity="warning", on=Event.TURNS, formats=["preference"],
      tags=["preference"])  # fmt: skip
def input_ends_with_assistant(turns: Turns, options: Options) -> Iterator[Hit]:
    """The input ends with what the outputs answer, not with an answer.

    Together: "The last message in the input conversation must not be from the assistant on line
    N." Azure and OpenAI say nothing of it; two answers in a row are seldom meant.
    """
    if turns[-1] in ("assistant", CALLS):
        yield Hit((len(turns) - 1,), "the input ends with an assistant message")


@rule("outputs-identical", severity="warning", on=Event.EXAMPLE, formats=["preference"],
      tags=["preference"])  # fmt: skip
def outputs_identical(example: Example, options: Options) -> Iterator[Hit]:
    """The two outputs differ.

    Where they say the same, nothing is learnt from preferring one (an inference: the gradient is
    zero). White space around a text, the order of keys and weights make no difference.
    """
    outputs = _outputs(example)
    if outputs and _trimmed(outputs[0]) == _trimmed(outputs[1]):
        related = (Related("the preferred output", (_PREFERRED,)),)
        yield Hit((_OTHER,), "the two outputs are the same", related=related)


@rule("swapped-or-empty-preference", severity="warning", on=Event.EXAMPLE, formats=["preference"],
      cases={"refusal": "info"}, tags=["preference"])  # fmt: skip
def swapped_or_empty_preference(example: Example, options: Options) -> Iterator[Hit]:
    """The preferred output is the better one.

    It is not empty where the other one is not: such rows come from columns that were mixed up. A
    preferred output that refuses ("I'm sorry, but I can't ...") where the other one does not
    (`refusal`) may be swapped as well, but in data about safety it is what is meant: an info. An
    inference; no service looks at it.
    """
    outputs = _outputs(example)
    if outputs is None:
        return
    preferred, other = outputs
    said, instead = _said(preferred), _said(other)
    if not said and instead and not any(message.get(key) for message in preferred for key in _SAYS):
        yield Hit((_PREFERRED,), "the preferred output is empty, the other one is not")
    elif instead and _refuses(preferred, said) and not _refuses(other, instead):
        message = "the preferred output refuses, the other one does not"
        yield Hit((_PREFERRED,), message, help="swapped?", case="refusal")


def _refuses(output: Messages, said: str) -> bool:
    if re.match(_REFUSES, said, re.IGNORECASE):
        return True
    return any(message.get("refusal") for message in output)


@rule("input-has-same-answer", severity="info", on=Event.EXAMPLE, formats=["preference"],
      tags=["preference"])  # fmt: skip
def input_has_same_answer(example: Example, options: Options) -> Iterator[Hit]:
    """The preferred output is not what the assistant has said in the input already.

    Such rows repeat an answer, or have it in the wrong place. An inference; it can be meant.
    """
    outputs = _outputs(example)
    messages = find(example.data, ("input", "messages"))
    said = _said(outputs[0]) if outputs else ""
    if not said or not isinstance(messages, list):
        return
    for index, message in enumerate(messages):
        if message["role"] == "assistant" and _text(message) == said:
            related = (Related("said here", ("input", "messages", index)),)
            words = "the preferred output repeats an answer of the input"
            yield Hit((_PREFERRED,), words, related=related)
            return


@rule("length-bias", severity="info", on=Event.DATASET, formats=["preference"],
      options={"percent": int, "minimum": int}, tags=["preference"])  # fmt: skip
class LengthBias:
    """The preferred output is sometimes the longer, sometimes the shorter one.

    Where it is nearly always longer, the model learns to say more, whatever it says. Counted in
    characters of what the assistant says; outputs of the same length belong to neither side. An
    inference from what is known of preference training.
    """

    def __init__(self, options: Options) -> None:
        self.percent: int = options["percent"]
        self.minimum: int = options["minimum"]
        self.longer = self.shorter = self.rows = 0

    def add(self, example: Example) -> None:
        """Count an example."""
        outputs = _outputs(example)
        if outputs:
            preferred, other = (len(_said(output)) for output in outputs)
            self.rows += 1
            self.longer += preferred > other
            self.shorter += preferred < other

    def merge(self, other: Self) -> Self:
        """Return the counts of both parts."""
        both = type(self)({"percent": self.percent, "minimum": self.minimum})
        both.rows = self.rows + other.rows
        both.longer = self.longer + other.longer
        both.shorter = self.shorter + other.shorter
        return both

    def finish(self, facts: InputFacts) -> Iterator[Hit]:
        """Tell a file where one side is nearly always the longer one."""
        for count, word in ((self.longer, "longer"), (self.shorter, "shorter")):
            if self.rows >= self.minimum and count * 100 > self.percent * self.rows:
                message = f"the preferred output is the {word} one in {count:,} of {self.rows:,} "
                help_ = "add pairs where it is the other way round"
                yield Hit(None, message + "examples", help=help_)


@rule("duplicate-preference-input", severity="warning", on=Event.DATASET, formats=["preference"],
      memory="linear", tags=["preference"])  # fmt: skip
class DuplicatePreferenceInput:
    """The same input does not stand with its two outputs in both orders.

    One example prefers A to B, another B to A: the two undo each other. Other outputs for the
    same input are welcome. An inference; no service looks at it. A digest of each example is
    kept.
    """

    def __init__(self, options: Options) -> None:
        self.seen: dict[bytes, list[int]] = {}

    def add(self, example: Example) -> None:
        """Note the input and its outputs, and in which order these stand."""
        outputs = _outputs(example)
        if outputs:
            one, two = (_dumps(_trimmed(output)) for output in outputs)
            parts = (_dumps(example.data.get("input")), *sorted((one, two)))
            key = hashlib.blake2b(_dumps([_digest(p) for p in parts]), digest_size=16).digest()
            if one != two:
                _note(self.seen.setdefault(key, [-1, -1]), int(one > two), example.offset)

    def merge(self, other: Self) -> Self:
        """Return what both parts have noted."""
        both = type(self)({})
        both.seen = {key: list(first) for key, first in self.seen.items()}
        for key, first in other.seen.items():
            for side, offset in enumerate(first):
                if offset >= 0:
                    _note(both.seen.setdefault(key, [-1, -1]), side, offset)
        return both

    def finish(self, facts: InputFacts) -> Iterator[Hit]:
        """Tell the inputs with both orders, as one number, and where the first one stands."""
        both = sorted(sorted(first) for first in self.seen.values() if min(first) >= 0)
        if both:
            many = f"{len(both):,} inputs stand" if len(both) > 1 else "an input stands"
            first, second = both[0]
            where = f"{'first ' if len(both) > 1 else ''}at bytes {first:,} and {second:,}"
            yield Hit(None, f"{many} with the same outputs in both orders, {where}")


def _dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # nested deeper than orjson writes
        return repr(value).encode()


def _digest(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def _note(first: list[int], side: int, offset: int) -> None:
    """Keep the first place (byte) at which an order stands; -1 is none."""
    first[side] = offset if first[side] < 0 else min(first[side], offset)
