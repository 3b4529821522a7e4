"""Rules on the pairing of tool calls and tool messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftlint.core.example import Example
from ftlint.core.finding import Hit, Related
from ftlint.core.rule import Options
from ftlint.core.text import show
from ftlint.formats.tools.sets import holder_of
from ftlint.rules.context import CALLS, Conversation, Turns
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

Messages = list[dict[str, Any]]


def _calls(message: dict[str, Any]) -> list[dict[str, Any]]:
    return (message.get("tool_calls") or []) if message["role"] == "assistant" else []


def _ids(calls: list[dict[str, Any]]) -> list[str | None]:
    """Return the ids of calls, None for a call without one."""
    return [call.get("id") for call in calls]


@rule(
    "orphan-tool-message",
    severity="error",
    on=Event.MESSAGES_KEY("tool_call_id"),
    tags=["tools"],
)
def orphan_tool_message(example: Example, talk: Conversation, options: Options) -> Iterator[Hit]:
    """A tool message answers a call of the assistant message that it follows.

    Other answers may stand between the two, no other message.

    The chat API: "messages with role 'tool' must be a response to a preceeding message with
    'tool_calls'". Calls without id could be meant by any answer, and are given the benefit.
    """
    known = set(_ids_before(example, talk))
    for index, message in enumerate(talk.messages):
        if message["role"] != "tool":
            known = set(_ids(_calls(message)))
        else:
            answered = message.get("tool_call_id")
            if answered is not None and answered not in known and None not in known:
                pointer = (*talk.pointer, index, "tool_call_id")
                reason = (
                    "not an id of the tool calls before it"
                    if known
                    else "no tool calls right before it"
                )
                yield Hit(pointer, f"tool_call_id {show(answered)}: {reason}")


def _ids_before(example: Example, talk: Conversation) -> list[str | None]:
    """Return the ids that the conversation before an output of a preference pair ends with."""
    if talk.pointer[0] in ("messages", "input"):
        return []
    messages = holder_of(example, talk.pointer).get("messages")
    for message in reversed(messages) if isinstance(messages, list) else ():
        if isinstance(message, dict) and isinstance(message.get("tool_calls"), list):
            return [call.get("id") for call in message["tool_calls"] if isinstance(call, dict)]
    return []


@rule("unanswered-tool-call", severity="error", on=Event.MESSAGES_KEY("tool_calls"),
      tags=["tools"], aliases=["assistant-after-tool-calls"])  # fmt: skip
def unanswered_tool_call(example: Example, talk: Conversation, options: Options) -> Iterator[Hit]:
    """Every tool call is answered by a tool message before the conversation goes on.

    Azure answers "contains invalid schema" to an assistant message right after tool calls
    (microsoft-foundry/fine-tuning#23); the chat API: "An assistant message with 'tool_calls' must
    be followed by tool messages responding to each 'tool_call_id'." An example that ends with
    tool calls is valid.
    """
    messages, last = talk.messages, len(talk.messages) - 1
    for index, message in enumerate(messages):
        calls = message.get("tool_calls")
        if not calls or index == last:
            continue
        end, answered = index + 1, set()
        while end <= last and messages[end]["role"] == "tool":
            answered.add(messages[end].get("tool_call_id"))
            end += 1
        for place, call in enumerate(calls):
            name = call.get("id")
            if name is None or name in answered:
                continue
            related: tuple[Related, ...] = ()
            if end <= last:
                related = (Related("expected before this message", (*talk.pointer, end)),)
            pointer = (*talk.pointer, index, "tool_calls", place, "id")
            yield Hit(pointer, f"tool call {show(name)} has no tool message", related=related)


@rule("ends-with-tool-call", severity="info", on=Event.TURNS, formats=["chat"], tags=["tools"])
def ends_with_tool_call(turns: Turns, options: Options) -> Iterator[Hit]:
    """An example that ends with tool calls teaches to call, not to answer.

    It is valid: Microsoft's stock sample and Azure's page on tools end so, and so does an example
    of OpenAI's API description. Microsoft's transform_traces.py drops such rows.
    """
    if turns[-1] == CALLS:
        yield Hit((len(turns) - 1,), "the conversation ends with a tool call")


@rule("duplicate-tool-call-id", severity="error", on=Event.MESSAGES_KEY("tool_calls"),
      tags=["tools"], cases={"across-messages": "warning"})  # fmt: skip
def duplicate_tool_call_id(example: Example, talk: Conversation, options: Options) -> Iterator[Hit]:
    """The ids of tool calls differ.

    Within one message the answers could not be told apart. Across the messages of an example
    (`across-messages`) they can, so that is a warning. Both are inferences.
    """
    lists = [calls for message in talk.messages if (calls := _calls(message))]
    if len(lists) == 1 and len(lists[0]) == 1:
        return
    seen: dict[str, tuple[int, int]] = {}
    for index, message in enumerate(talk.messages):
        for place, name in enumerate(_ids(_calls(message))):
            first = seen.setdefault(name, (index, place)) if name is not None else None
            if first is None or first == (index, place):
                continue
            related = Related("first here", (*talk.pointer, first[0], "tool_calls", first[1], "id"))
            same = first[0] == index
            yield Hit(
                (*talk.pointer, index, "tool_calls", place, "id"),
                f"id {show(name)} stands twice in {'the message' if same else 'the example'}",
                related=(related,),
                case="" if same else "across-messages",
            )
