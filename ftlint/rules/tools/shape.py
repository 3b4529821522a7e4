"""Rules on the shape of tools and tool calls."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.core.edits import DropKey, Fix, QuoteValue, SetValue
from ftlint.core.finding import Hit
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, show
from ftlint.formats.schema import SchemaFault
from ftlint.rules.declare import rule
from ftlint.rules.events import Event


@rule("tools-not-array", severity="error", on=Event.SCHEMA, tags=["tools"])
def tools_not_array(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """`tools` (and the older `functions`) is an array.

    OpenAI's API description.
    """
    what, kind = fault.pointer[-1], json_kind(fault.instance)
    yield Hit(fault.pointer, f"{what} is {kind}, expected an array")


@rule("malformed-tool", severity="error", on=Event.SCHEMA, tags=["tools"])
def malformed_tool(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A tool is `{"type": "function", "function": {"name": ...}}`.

    OpenAI's API description; Mistral: "A tool dict does not have a 'function' key."
    """
    yield Hit(fault.pointer, _malformed(fault, "the tool"))


@rule("malformed-tool-call", severity="error", on=Event.SCHEMA, tags=["tools"],
      cases={"no-id": "error"})  # fmt: skip
def malformed_tool_call(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A tool call has an id, the type "function", and a function with name and arguments.

    OpenAI's API description. Microsoft's own description of its samples shows a call without
    id (`no-id`), so that one is a warning on Azure.
    """
    yield Hit(fault.pointer, _malformed(fault, "the tool call"))


def _malformed(fault: SchemaFault, what: str) -> str:
    if fault.keyword == "required":
        return f"{what} has no {fault.expected[0]}"
    if fault.keyword == "const":
        return f"{what} has type {show(fault.instance)}, expected {show(fault.expected)}"
    key = fault.pointer[-1]
    where = key if isinstance(key, str) else what
    wanted = fault.expected[0] if isinstance(fault.expected, list) else fault.expected
    article = "an" if wanted[0] in "ao" else "a"
    return f"{where} is {json_kind(fault.instance)}, expected {article} {wanted}"


@rule("arguments-not-string", severity="error", on=Event.SCHEMA, tags=["tools"], fixable=True)
def arguments_not_string(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """The arguments of a call are a string that holds JSON.

    OpenAI's API description; Mistral wants "'arguments' key of type str".

    The fix makes an object or array, as it is written, a string; it is safe.
    """
    message = f"arguments is {json_kind(fault.instance)}, expected a string that holds JSON"
    fix = None
    if isinstance(fault.instance, dict | list):
        fix = Fix("write it as a string", safe=True, edits=(QuoteValue(fault.pointer),))
    yield Hit(fault.pointer, message, help="use json.dumps(arguments)", fix=fix)


@rule("missing-tool-call-id", severity="error", on=Event.SCHEMA, tags=["tools"])
def missing_tool_call_id(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A tool message names the call that it answers.

    `tool_call_id` is required, a string (OpenAI's API description).
    """
    if fault.keyword == "required":
        yield Hit(fault.pointer, "the tool message has no tool_call_id")
    else:
        kind = json_kind(fault.instance)
        yield Hit(fault.pointer, f"tool_call_id is {kind}, expected a string")


@rule("tool-calls-on-wrong-role", severity="error", on=Event.SCHEMA, tags=["tools"])
def tool_calls_on_wrong_role(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Only assistant messages call tools.

    OpenAI's API description defines `tool_calls` and `function_call` there alone.
    """
    yield Hit(
        fault.pointer, f"{fault.pointer[-1]} on a message that is not the assistant's", on_key=True
    )


@rule("empty-tool-calls", severity="error", on=Event.SCHEMA, tags=["tools"], fixable=True)
def empty_tool_calls(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """`tool_calls` holds at least one call.

    The chat API is remembered to answer "[] is too short"; no document says it for training.

    The fix removes the key; it is safe, for no call is lost.
    """
    fix = Fix("remove the key", safe=True, edits=(DropKey(fault.pointer),))
    yield Hit(fault.pointer, "tool_calls is empty", help="leave the key out", fix=fix, on_key=True)


@rule("parallel-tool-calls-type", severity="error", on=Event.SCHEMA, tags=["tools"], fixable=True)
def parallel_tool_calls_type(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """`parallel_tool_calls` is true or false.

    OpenAI's API description.

    The fix writes "true" and "false" without quotation marks; it is safe.
    """
    value = {"true": True, "false": False}.get(str(fault.instance).lower())
    fix = None
    if isinstance(fault.instance, str) and value is not None:
        fix = Fix(f"write {show(value)}", safe=True, edits=(SetValue(fault.pointer, value),))
    message = f"parallel_tool_calls is {show(fault.instance)}, expected true or false"
    yield Hit(fault.pointer, message, fix=fix)
