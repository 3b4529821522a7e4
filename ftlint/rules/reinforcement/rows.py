"""Rules on rows of reinforcement data: prompts without an answer, and grader fields."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from ftlint.core.edits import DropKey, Fix, SetValue
from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Pointer
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, plain, show
from ftlint.formats.data_format import words
from ftlint.formats.grader import Field, lacks
from ftlint.formats.schema import SchemaFault
from ftlint.inputs.probe import Probe
from ftlint.rules.context import CALLS, InputFacts, Text, Turns, texts
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_ROWS = ["reinforcement"]
_OWN = {"messages", "tools", "parallel_tool_calls", "functions"}
"""Keys of a row that are no fields for a grader."""

_FIELD_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_REASONING = (
    r"chain[- ]of[- ]thought|step[- ]by[- ]step reasoning|let me think|think carefully"
    r"|reason through"
)
_NEGATED = r"\b(?:not|never|without|no|don't|avoid)\b[^.!?\n]*$"
_WORD = 2.0**63
"""Integers beyond are read as floating point by orjson, and so are they looked for."""

_LONG_NUMBER = rb"[:,\[]\s*-?\d{16,}"


@rule("system-message-in-rft", severity="error", on=Event.SCHEMA, tags=["reinforcement"],
      fixable=True)  # fmt: skip
def system_message_in_rft(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Reinforcement data has `developer` messages, not `system` ones.

    Azure: "System messages are not supported in 'reinforcement' examples". OpenAI's API
    description (9a72a42) has developer, user, assistant and tool messages there.

    The fix renames the role to `developer`; it is safe.
    """
    fix = Fix('rename to "developer"', safe=True, edits=(SetValue(fault.pointer, "developer"),))
    words_ = 'role "system" is not taken in reinforcement data'
    yield Hit(fault.pointer, words_, help='use "developer"', fix=fix)


@rule("last-message-not-user", severity="error", on=Event.TURNS, formats=_ROWS,
      tags=["reinforcement"], cases={"assistant-answer": "error"},
      aliases=["assistant-answer-in-rft"])  # fmt: skip
def last_message_not_user(turns: Turns, options: Options) -> Iterator[Hit]:
    """A row ends in a user message.

    Azure's guide to reinforcement fine-tuning demands it: the model is to answer, and the answer
    is graded. A row that holds the answer is supervised data, or has it in the wrong place
    (`assistant-answer`).
    """
    last, at = turns[-1], len(turns) - 1
    if last in ("assistant", CALLS):
        words_ = "the row ends in an answer, expected a user message"
        help_ = "put the answer in a field beside messages, for the grader; else it is method sft"
        yield Hit((at,), words_, help=help_, case="assistant-answer")
    elif last != "user":
        yield Hit((at,), f"the last message is from {last}, expected user")


@rule("weight-or-functions-in-rft", severity="warning", on=Event.SCHEMA, tags=["reinforcement"],
      fixable=True)  # fmt: skip
def weight_or_functions_in_rft(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Reinforcement data has no weights, and tools instead of functions.

    OpenAI's API description (9a72a42) has neither `functions` nor `function_call` there; a
    `weight` is allowed on assistant messages, and means nothing, for no message is learnt.

    The fix removes the key. For a weight it is safe; for functions and a function call, whose
    meaning is lost, it is unsafe.
    """
    key = fault.pointer[-1]
    fix = Fix("remove the key", safe=key == "weight", edits=(DropKey(fault.pointer),))
    help_ = None if key == "weight" else "use tools and tool_calls"
    words_ = f"{key} means nothing in reinforcement data"
    yield Hit(fault.pointer, words_, help=help_, on_key=True, fix=fix)


@rule("inconsistent-item-fields", severity="warning", on=Event.EXAMPLE, formats=_ROWS,
      tags=["reinforcement"], job=["fields"])  # fmt: skip
def inconsistent_item_fields(example: Example, options: Options) -> Iterator[Hit]:
    """All rows have the same fields, of the same JSON types.

    A grader reads the fields of every row; one that is missing is scored as nothing. The rule is
    what most of the first hundred rows have; null goes with any type. An inference.
    """
    wanted, data = options.get("fields") or {}, example.data
    for key, kind in wanted.items():
        if key not in data:
            yield Hit((), f"the row has no {show(key)}, which most rows have")
        elif not _same(kind, _kind(data[key])):
            words_ = f"{plain(key)} is {_kind(data[key])}, in most rows {kind}"
            yield Hit((key,), words_)
    for key in data:
        if key not in wanted and key not in _OWN:
            yield Hit((key,), f"most rows have no {show(key)}", on_key=True)


def _kind(value: Any) -> str:
    return "a boolean" if isinstance(value, bool) else json_kind(value)


def _same(wanted: str, kind: str) -> bool:
    return kind == wanted or "null" in (kind, wanted)


@rule("invalid-item-field-name", severity="warning", on=Event.ROW, formats=_ROWS,
      tags=["reinforcement"], once=True)  # fmt: skip
def invalid_item_field_name(example: Example, options: Options) -> Iterator[Hit]:
    """The name of a field is one that a template can hold.

    Letters, digits and `_`, no digit first: `{{item.my-field}}` may not be understood. An
    inference from the templates in Azure's guide. Said once for a file.
    """
    for key in example.data:
        if not re.fullmatch(_FIELD_NAME, key):
            words_ = f"the name {show(key)} may not work in a template"
            help_ = "use letters, digits and _, no digit first"
            yield Hit((key,), words_, help=help_, on_key=True)
            return


@rule("reasoning-extraction-prompt", severity="warning", on=Event.TEXT,
      formats=_ROWS, tags=["reinforcement"])  # fmt: skip
def reasoning_extraction_prompt(example: Example, text: Text, options: Options) -> Iterator[Hit]:
    """A prompt does not ask the model to show how it reasons.

    Azure: "This training file was blocked because too many examples were flagged by our
    moderation ... with respect to model reasoning extraction". The phrases are those of
    Microsoft's validate_rft.py. One that is negated in its sentence does not count.
    """
    if text.role == "assistant":
        return
    for match in re.finditer(_REASONING, text.text, re.IGNORECASE):
        if not re.search(_NEGATED, text.text[: match.start()], re.IGNORECASE):
            words_ = f"{show(match[0])} may be taken for an attempt to extract reasoning"
            yield Hit(text.pointer, words_, part=match.span())
            return


@rule("answer-leaks-into-prompt", severity="warning", on=Event.EXAMPLE, formats=_ROWS,
      tags=["reinforcement"], job=["grader_references"], options={"minimum": int})  # fmt: skip
def answer_leaks_into_prompt(example: Example, options: Options) -> Iterator[Hit]:
    """The answer that a grader compares with does not stand in the prompt.

    The model would learn to copy. Looked at are the fields that the grader has as `reference`,
    where they hold a text of some letters; it counts as a whole word in a user message. An
    inference.
    """
    for path in options.get("grader_references", ()):
        value = _value(example.data, path)
        if not isinstance(value, str) or sum(map(str.isalpha, value)) < options["minimum"]:
            continue
        whole = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")
        for text in _prompts(example):
            match = whole.search(text.text)
            if match:
                words_ = f"the answer in {show('.'.join(path))} stands in the prompt"
                yield Hit(text.pointer, words_, part=match.span())
                break


def _value(data: Any, path: list[str]) -> Any:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _prompts(example: Example) -> Iterator[Text]:
    messages = example.data.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if message["role"] == "user":
            yield from texts(("messages", index), message)


@rule("template-field-missing", severity="warning", on=Event.ROW, formats=_ROWS,
      tags=["reinforcement", "graders"], job=["grader_fields"], everywhere="every-row",
      cases={"every-row": "error", "optional": "warning"})  # fmt: skip
def template_field_missing(example: Example, options: Options) -> Iterator[Hit]:
    """A row has the fields that the grader reads.

    Azure's guide: `{{item.x}}` is the field x of the row. The service says nothing of one that is
    missing and scores it as nothing: Microsoft's MedMCQ validation file holds only `messages`,
    and its grader reads `item.reference_answer`. Where no row has the field it is an error, told
    once (`every-row`); a field that Python code reads with `get` is no more than a warning
    (`optional`). Looked at with `--grader`.
    """
    fields: list[Field] = options.get("grader_fields") or []
    for field in fields:
        if lacks(example.data, field["path"]):
            name = ".".join(field["path"])
            case = "optional" if field["optional"] else ""
            words_ = f"the row has no {show(name)}, which the grader reads as "
            words_ += plain(field["words"], 60)
            yield Hit((), words_, case=case, about=name)


@rule("grader-without-reinforcement-data", severity="warning", on=Event.FILE, tags=["graders"],
      job=["documents"])  # fmt: skip
def grader_without_reinforcement_data(probe: Probe, options: Options) -> Iterator[Hit]:
    """A grader and a response format are given for reinforcement data.

    They are checked for themselves; data of another format is not compared with them. No other
    method takes them (OpenAI's API description, Azure's guide).
    """
    given = [kind.replace("-", " ") for kind in options.get("documents", ())]
    if given and probe.format not in (None, "reinforcement"):
        words_ = f"a {' and a '.join(given)} for data that is {words(probe.format)}"
        yield Hit(None, words_, help="for reinforcement data say --method rft")


@rule("too-many-examples", severity="error", on=Event.INPUT, tags=["limits"], aliases=["rft-size"],
      options={"maximum": int, "reinforcement": int, "validation": int})  # fmt: skip
def too_many_examples(facts: InputFacts, options: Options) -> Iterator[Hit]:
    """A file has no more examples than the service takes.

    Fireworks names a maximum for any data. For reinforcement jobs 50,000 rows to train on and
    1,000 to validate with are reported of Azure, and stand in no guide.
    """
    limit = options.get("maximum")
    if facts.format == "reinforcement":
        limit = options.get("validation" if facts.role == "validation" else "reinforcement", limit)
    if limit is not None and facts.examples > limit:
        yield Hit(None, f"{facts.examples:,} examples, the service takes {limit:,}")


@rule("rft-too-few", severity="warning", on=Event.INPUT, tags=["limits"],
      options={"minimum": int, "recommended": int})  # fmt: skip
def rft_too_few(facts: InputFacts, options: Options) -> Iterator[Hit]:
    """Reinforcement data has enough rows to learn from.

    With fewer, a grader tells the model little. Ten are the least that is taken, which
    too-few-examples looks at. A file that is checked alone counts as a training file.
    """
    low, high = options.get("minimum", 0), options.get("recommended", 0)
    if facts.format == "reinforcement" and facts.role == "train" and low <= facts.examples < high:
        yield Hit(None, f"{facts.examples} rows, fewer than the {high} recommended")


@rule("oversized-integer", severity="info", on=Event.EXAMPLE, formats=_ROWS, tags=["reinforcement"],
      options={"maximum": int})  # fmt: skip
def oversized_integer(example: Example, options: Options) -> Iterator[Hit]:
    """An integer in a field is one that every reader holds exactly.

    Beyond 2 to the 53rd, readers that take numbers for floating point round it (RFC 8259,
    section 6); the grader then compares with another number.
    """
    if re.search(_LONG_NUMBER, example.raw):
        for key, value in example.data.items():
            if key not in _OWN:
                yield from _oversized((key,), value, options["maximum"])


def _oversized(at: Pointer, value: Any, limit: int) -> Iterator[Hit]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _oversized((*at, key), inner, limit)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _oversized((*at, index), inner, limit)
    elif isinstance(value, int) and abs(value) > limit:
        yield Hit(at, f"the integer {value} is beyond 2 to the 53rd", help="write it as a string")
    elif isinstance(value, float) and _WORD < abs(value) < math.inf:
        yield Hit(at, "the integer is beyond 2 to the 53rd", help="write it as a string")
