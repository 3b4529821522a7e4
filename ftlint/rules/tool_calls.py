"""Tool calls: their arguments, and the tools that they call."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

from ftlint.locate import json_kind, nearest, show
from ftlint.model import Example, Fix, Hit, Pointer, SetValue
from ftlint.registry import Options, rule
from ftlint.rules.declared import declared, holder_of
from ftlint.rules.parameters import complaint
from ftlint.walk import Conversation

_CALLS = ("message.tool_calls", "message.function_call")
_LISTS = {"tool_calls": "tools", "function_call": "functions"}


def called(at: Pointer, value: Any) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield (place, function) of each call in the `tool_calls` or `function_call` at `at`."""
    if isinstance(value, dict):
        yield at, value
    else:
        for index, call in enumerate(value or ()):
            yield (*at, index, "function"), call["function"]


def parsed(text: str) -> Any:
    """Read the arguments of a call; None where they are not a JSON object."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _are_wrong(data: dict[str, Any], value: Any) -> bool:
    """Tell whether arguments of calls are not JSON objects, or not what their functions take."""
    calls = isinstance(value, list)
    known = declared(data.get("tools" if calls else "functions")).by_name
    for call in value if calls else ({"function": value},):
        function = call["function"]
        arguments = parsed(function["arguments"])
        if arguments is None:
            return True
        definition = known.get(function["name"])
        if definition and definition.validator and complaint(definition.validator, arguments):
            return True
    return False


def _is_not_json(value: Any) -> bool:
    return any(parsed(function["arguments"]) is None for _, function in called((), value))


@rule("arguments-not-json", severity="warning", on=_CALLS, when=_is_not_json, tags=["tools"],
      values=_are_wrong, fixable=True)  # fmt: skip
def arguments_not_json(
    example: Example, at: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """The arguments of a call are the JSON of an object.

    The model learns to write them so. OpenAI's API description warns that "the model does not
    always generate valid JSON", so no service is known to refuse it.

    The fix writes {} for an empty string; it is unsafe, for a value may have been lost.
    """
    for place, function in called(at, message[str(at[-1])]):
        text, pointer = function["arguments"], (*place, "arguments")
        if parsed(text) is not None:
            continue
        if not text.strip():
            fix = Fix("write {}", safe=False, edits=(SetValue(pointer, "{}"),))
            yield Hit(pointer, "arguments is empty, expected the JSON of an object", fix=fix)
            continue
        try:
            kind = json_kind(orjson.loads(text))
            message_ = f"arguments holds {kind}, expected an object"
        except orjson.JSONDecodeError:
            message_ = f"arguments {show(text)} is not JSON"
        yield Hit(pointer, message_)


@rule("arguments-violate-schema", severity="warning", on=_CALLS, tags=["tools"], values=_are_wrong)
def arguments_violate_schema(
    example: Example, at: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """The arguments of a call are what the parameters of its function allow.

    Arguments that break the schema teach the model to break it. An inference; no service is
    known to look.
    """
    key = str(at[-1])
    known = declared(holder_of(example, at).get(_LISTS[key])).by_name
    if not known:
        return
    for place, function in called(at, message[key]):
        definition = known.get(function["name"])
        if definition and definition.validator:
            arguments = parsed(function["arguments"])
            if arguments is None:
                continue
            words = complaint(definition.validator, arguments)
            if words:
                name = show(function["name"])
                yield Hit((*place, "arguments"), f"arguments of {name}: {words}")


@rule("call-to-undeclared-function", severity="warning", by_shape=True, on=_CALLS, tags=["tools"])
def call_to_undeclared_function(
    example: Example, at: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """Where tools are declared, each call is of one of them.

    The model would learn to call what it was not given. Mistral: "must include definitions of
    all tools used"; for Azure and OpenAI an inference.
    """
    key = str(at[-1])
    tools = declared(holder_of(example, at).get(_LISTS[key]))
    if not tools.whole or not tools.by_name:
        return
    for place, function in called(at, message[key]):
        name = function["name"]
        if name not in tools.by_name:
            near = nearest(name, tools.by_name)
            help_ = f"did you mean {show(near)}?" if near else None
            yield Hit(
                (*place, "name"),
                f"call to {show(name)}, which is not in {_LISTS[key]}",
                help=help_,
            )


@rule("tool-calls-without-tools", severity="info", by_shape=True, tags=["tools"],
      on=["messages.tool_calls", "messages.function_call"])  # fmt: skip
def tool_calls_without_tools(
    example: Example, talk: Conversation, options: Options
) -> Iterator[Hit]:
    """Tools that are called are declared.

    Azure's page on tools leaves the definitions out on purpose, to save tokens: the model then
    knows them by heart. Mistral: "must include definitions of all tools used".
    """
    holder = holder_of(example, talk.at)
    if holder.get("tools") or holder.get("functions"):
        return
    for index, message in enumerate(talk.messages):
        for key, tools in _LISTS.items():
            if message.get(key):
                pointer = (*talk.at, index, key)
                yield Hit(pointer, f"{key} in an example without {tools}", on_key=True)
                return


def _mistral(text: str) -> str:
    """Make an id of nine letters and digits that depends on the old one alone."""
    return hashlib.sha256(text.encode()).hexdigest()[:9]


def _is_mistral(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 9 and text.isascii() and text.isalnum()


def _is_foreign(value: Any) -> bool:
    ids = [call.get("id") for call in value] if isinstance(value, list) else [value]
    return not all(one is None or _is_mistral(one) for one in ids)


def _has_foreign(_: dict[str, Any], value: Any) -> bool:
    return _is_foreign(value)


@rule("mistral-call-id-format", severity="error", when=_is_foreign, values=_has_foreign,
      tags=["tools"], on=["message.tool_calls", "message.tool_call_id"], fixable=True)  # fmt: skip
def mistral_call_id_format(
    example: Example, at: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """The id of a tool call is nine letters and digits.

    Mistral: "exactly 9 characters", `^[A-Za-z0-9]{9}$` in mistral-finetune.

    The fix makes a new id of the old one, the same in the call and in the answer; it is unsafe,
    for what refers to the old one from outside is lost.
    """
    value = message[str(at[-1])]
    places = [(at, value)]
    if isinstance(value, list):
        places = [((*at, index, "id"), call.get("id")) for index, call in enumerate(value)]
    for pointer, one in places:
        if isinstance(one, str) and not _is_mistral(one):
            fix = Fix(
                "write nine letters and digits",
                safe=False,
                edits=(SetValue(pointer, _mistral(one)),),
            )
            yield Hit(pointer, f"id {show(one)}, expected nine letters and digits", fix=fix)


def _says_something(content: Any) -> bool:
    return bool(content.strip()) if isinstance(content, str) else bool(content)


@rule(
    "content-with-tool-calls",
    severity="info",
    by_shape=True,
    on="message.tool_calls",
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
