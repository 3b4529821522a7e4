"""Rules on tool calls: their arguments, and the tools that they name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

from ftlint.core.edits import Fix, SetValue
from ftlint.core.errors import nearest
from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Pointer
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, show
from ftlint.formats.tools.sets import declared, holder_of
from ftlint.rules.context import LISTS, Call, Conversation, calls
from ftlint.rules.declare import rule
from ftlint.rules.events import Event


@rule("arguments-not-json", severity="warning", on=Event.CALL, tags=["tools"], fixable=True)
def arguments_not_json(example: Example, call: Call, options: Options) -> Iterator[Hit]:
    """The arguments of a call are the JSON of an object.

    The model learns to write them so. OpenAI's API description warns that "the model does not
    always generate valid JSON", so no service is known to refuse it.

    The fix writes {} for an empty string; it is unsafe, for a value may have been lost.
    """
    text, pointer = call.function["arguments"], (*call.pointer, "arguments")
    if call.arguments is not None:
        return
    if not text.strip():
        fix = Fix("write {}", safe=False, edits=(SetValue(pointer, "{}"),))
        yield Hit(pointer, "arguments is empty, expected the JSON of an object", fix=fix)
        return
    try:
        message = f"arguments holds {json_kind(orjson.loads(text))}, expected an object"
    except orjson.JSONDecodeError:
        message = f"arguments {show(text)} is not JSON"
    yield Hit(pointer, message)


@rule("arguments-violate-schema", severity="warning", on=Event.CALL, tags=["tools"])
def arguments_violate_schema(example: Example, call: Call, options: Options) -> Iterator[Hit]:
    """The arguments of a call are what the parameters of its function allow.

    Arguments that break the schema teach the model to break it. An inference; no service is
    known to look.
    """
    if refusal := call.verdict(example).refusal:
        name = show(call.function["name"])
        yield Hit((*call.pointer, "arguments"), f"arguments of {name}: {refusal}")


@rule("arguments-not-checked", severity="info", on=Event.CALL, tags=["tools"], once=True)
def arguments_not_checked(example: Example, call: Call, options: Options) -> Iterator[Hit]:
    """The arguments of a call can be checked at little cost.

    Parameters that are very large, deep or recursive, or a pattern that steps back too often, can
    ask for any amount of work, so ftlint stops at a limit. Told once per file. Nothing is wrong
    with the data.
    """
    if reason := call.verdict(example).undecided:
        name = show(call.function["name"])
        message = f"arguments of {name} are not checked against its parameters: {reason}"
        yield Hit((*call.pointer, "arguments"), message)


@rule("call-to-undeclared-function", severity="warning", tags=["tools"],
      on=[Event.MESSAGE_KEY("tool_calls"), Event.MESSAGE_KEY("function_call")])  # fmt: skip
def call_to_undeclared_function(
    example: Example, at: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """Where tools are declared, each call is of one of them.

    The model would learn to call what it was not given. Mistral: "must include definitions of
    all tools used"; for Azure and OpenAI an inference.
    """
    key = str(at[-1])
    tools = declared(holder_of(example, at).get(LISTS[key]))
    if not tools.whole or not tools.by_name:
        return
    for call in calls(at[:-1], key, message[key]):
        name = call.function["name"]
        if name not in tools.by_name:
            near = nearest(name, tools.by_name)
            help_ = f"did you mean {show(near)}?" if near else None
            yield Hit(
                (*call.pointer, "name"),
                f"call to {show(name)}, which is not in {LISTS[key]}",
                help=help_,
            )


@rule("tool-calls-without-tools", severity="info", tags=["tools"],
      on=[Event.MESSAGES_KEY("tool_calls"), Event.MESSAGES_KEY("function_call")])  # fmt: skip
def tool_calls_without_tools(
    example: Example, talk: Conversation, options: Options
) -> Iterator[Hit]:
    """Tools that are called are declared.

    Azure's page on tools leaves the definitions out on purpose, to save tokens: the model then
    knows them by heart. Mistral: "must include definitions of all tools used".
    """
    holder = holder_of(example, talk.pointer)
    if holder.get("tools") or holder.get("functions"):
        return
    for index, message in enumerate(talk.messages):
        for key, tools in LISTS.items():
            if message.get(key):
                pointer = (*talk.pointer, index, key)
                yield Hit(pointer, f"{key} in an example without {tools}", on_key=True)
                return


def _mistral(text: str) -> str:
    """Return an id of nine letters and digits, derived from the old one only."""
    return hashlib.sha256(text.encode()).hexdigest()[:9]


@rule("mistral-call-id-format", severity="error", on=Event.CALL_ID, tags=["tools"], fixable=True)
def mistral_call_id_format(
    example: Example, pointer: Pointer, call_id: str, options: Options
) -> Iterator[Hit]:
    """The id of a tool call is nine letters and digits.

    Mistral: "exactly 9 characters", `^[A-Za-z0-9]{9}$` in mistral-finetune.

    The fix makes a new id of the old one, the same in the call and in the answer; it is unsafe,
    for what refers to the old one from outside is lost.
    """
    if not (len(call_id) == 9 and call_id.isascii() and call_id.isalnum()):
        edits = (SetValue(pointer, _mistral(call_id)),)
        fix = Fix("write nine letters and digits", safe=False, edits=edits)
        yield Hit(pointer, f"id {show(call_id)}, expected nine letters and digits", fix=fix)


def _says_something(content: Any) -> bool:
    return bool(content.strip()) if isinstance(content, str) else bool(content)


@rule(
    "content-with-tool-calls",
    severity="info",
    on=Event.MESSAGE_KEY("tool_calls"),
    tags=["tools"],
)
def content_with_tool_calls(
    example: Example, at: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """A message that calls tools says nothing else.

    Mistral: such a message "cannot have a content key". OpenAI's API description allows both.
    """
    if message["tool_calls"] and _says_something(message.get("content")):
        yield Hit((*at[:-1], "content"), "content beside tool_calls", on_key=True)
