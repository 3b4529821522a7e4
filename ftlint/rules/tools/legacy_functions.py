"""Rules on the legacy functions API, its mix with tools, and parallel_tool_calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftlint.core.edits import DropKey, Fix
from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Pointer, find
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, show
from ftlint.formats.schema import SchemaFault
from ftlint.rules.context import Conversation
from ftlint.rules.declare import rule
from ftlint.rules.events import Event


@rule("deprecated-functions-api", severity="warning", formats=["chat", "preference"],
      on=[Event.EXAMPLE_KEY("functions"), Event.MESSAGE_KEY("function_call"),
          Event.MESSAGE_KEY("name")], tags=["tools"])  # fmt: skip
def deprecated_functions_api(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """Functions are written as tools.

    `functions`, `function_call` and the role `function` are the older form of `tools`,
    `tool_calls` and the role `tool`, deprecated in OpenAI's API description and on Azure's page
    about tools. Told once for an example, at the first place.
    """
    key = str(at[-1])
    if not holder[key]:
        return
    if key == "functions":
        yield Hit(at, "functions is deprecated", help="use tools", on_key=True)
    elif _is_first(example, at):
        if key == "function_call":
            yield Hit(at, "function_call is deprecated", help="use tool_calls", on_key=True)
        elif holder["role"] == "function":
            message = 'role "function" is deprecated'
            yield Hit((*at[:-1], "role"), message, help='use role "tool"')


def _is_first(example: Example, at: Pointer) -> bool:
    """Tell whether nothing before the message at `at` is of the older form."""
    holder = find(example.data, at[:1]) if at[0] == "input" else example.data
    if holder.get("functions"):
        return False
    messages: Any = example.data
    for step in at[:-2]:
        messages = messages[step]
    return not any(_is_old(message) for message in messages[: int(at[-2])])


def _is_old(message: Any) -> bool:
    if not isinstance(message, dict):
        return False
    return bool(message.get("function_call")) or message.get("role") == "function"


@rule("mixed-functions-and-tools", severity="error", tags=["tools"], formats=["chat", "preference"],
      on=[Event.EXAMPLE_KEY("functions"), Event.MESSAGE_KEY("function_call")])  # fmt: skip
def mixed_functions_and_tools(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """An example has tools or the older functions, not both.

    `functions` beside `tools`, or one message with `function_call` and `tool_calls`. An inference
    from OpenAI's API description, in which the one replaces the other.
    """
    other = "tools" if at[-1] == "functions" else "tool_calls"
    if holder[str(at[-1])] and holder.get(other):
        yield Hit(at, f"{at[-1]} beside {other}, expected one of them", on_key=True)


@rule("parallel-tool-calls-without-tools", severity="warning", tags=["tools"], fixable=True,
      on=Event.EXAMPLE_KEY("parallel_tool_calls"))  # fmt: skip
def parallel_tool_calls_without_tools(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """`parallel_tool_calls` stands beside tools.

    The chat API is remembered to refuse it without them; no document says it for training.

    The fix removes the key; it is safe, for without tools it says nothing.
    """
    if holder["parallel_tool_calls"] is not None and not holder.get("tools"):
        fix = Fix("remove the key", safe=True, edits=(DropKey(at),))
        yield Hit(at, "parallel_tool_calls without tools", on_key=True, fix=fix)


@rule("parallel-false-but-many-calls", severity="warning", tags=["tools"],
      on=Event.EXAMPLE_KEY("parallel_tool_calls"))  # fmt: skip
def parallel_false_but_many_calls(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """With `parallel_tool_calls` false, a message makes one call.

    The data would teach what the setting forbids. An inference.
    """
    if holder["parallel_tool_calls"] is not False:
        return
    for base in ((*at[:-1], "messages"), *_outputs(at)):
        messages = find(example.data, base)
        for index, message in enumerate(messages if isinstance(messages, list) else ()):
            calls = message.get("tool_calls") if isinstance(message, dict) else None
            if isinstance(calls, list) and len(calls) > 1:
                pointer = (*base, index, "tool_calls")
                words = f"{len(calls):,} calls in a message, but parallel_tool_calls is false"
                yield Hit(pointer, words, on_key=True)


def _outputs(at: Pointer) -> tuple[Pointer, ...]:
    """Return the places of the outputs of a preference pair, whose tools stand in its input."""
    return (("preferred_output",), ("non_preferred_output",)) if at[0] == "input" else ()


def _not_called(example: Example, talk: Conversation, options: Options) -> Iterator[Hit]:
    known: set[str] = set()
    for index, message in enumerate(talk.messages):
        call, name = message.get("function_call"), message.get("name")
        if isinstance(call, dict) and isinstance(call.get("name"), str):
            known.add(call["name"])
        if message["role"] == "function" and isinstance(name, str) and name not in known:
            pointer = (*talk.pointer, index, "name")
            words = f"function {show(name)} was not called before"
            yield Hit(pointer, words, case="not-called")


@rule("function-message-name", severity="error", on=Event.SCHEMA, tags=["tools"],
      also={Event.MESSAGES_KEY("name"): _not_called}, cases={"not-called": "warning"})  # fmt: skip
def function_message_name(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A function message has the name of the function that answers.

    The name is required (OpenAI's API description), a string. That the function was called
    before (`not-called`) is an inference, so a warning.
    """
    if fault.keyword == "required":
        yield Hit(fault.pointer, "the function message has no name")
    else:
        yield Hit(fault.pointer, f"name is {json_kind(fault.instance)}, expected a string")
