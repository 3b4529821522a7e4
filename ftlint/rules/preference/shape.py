"""Rules on the shape of preference data, driven by `schemas/preference.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftlint.core.edits import DropKey, Fix, MoveKey, RenameKey, WrapValue
from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Pointer
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, show
from ftlint.formats.schema import SchemaFault
from ftlint.rules.context import Conversation
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_AS_MESSAGE = b'[{"role": "assistant", "content": '


@rule("missing-preference-key", severity="error", on=Event.SCHEMA, tags=["preference"])
def missing_preference_key(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A preference example has `input`, `preferred_output` and `non_preferred_output`.

    OpenAI: "Invalid file format. Example 1 is missing key 'input'."; Azure's page on direct
    preference optimization names the three.
    """
    yield Hit(fault.pointer, f"key {fault.expected[0]} is missing")


@rule("extra-preference-key", severity="error", on=Event.SCHEMA, tags=["preference"], fixable=True)
def extra_preference_key(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A preference example has the three keys of its format and no others.

    Together: 'Found extra column "x" in the line N.' For Azure and OpenAI it is an inference from
    OpenAI's "Example 1 contains an extra "weight"" about chat data.

    The fix removes the key and its value; it is unsafe, for the value is lost.
    """
    yield Hit(
        fault.pointer,
        f"key {show(fault.pointer[-1])} is not part of a preference example",
        help="keep notes and ids in a file of their own",
        on_key=True,
        fix=Fix("remove the key", safe=False, edits=(DropKey(fault.pointer),)),
    )


@rule("input-not-object", severity="error", on=Event.SCHEMA, tags=["preference"])
def input_not_object(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """`input` is an object that holds `messages`.

    Together: "the `input` field must be a dictionary."; Azure's page shows it so.
    """
    message = f"input is {json_kind(fault.instance)}, expected an object with messages"
    yield Hit(fault.pointer, message, help='write {"messages": [...]}')


@rule("input-messages-missing", severity="error", on=Event.SCHEMA, tags=["preference"])
def input_messages_missing(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """`input.messages` is an array of at least one message.

    Together: "must contain a `messages` field"; OpenAI's API description has the key, Azure's
    page the conversation so far.
    """
    if fault.keyword == "required":
        yield Hit(fault.pointer, "input has no messages")
    elif fault.keyword == "minItems":
        yield Hit(fault.pointer, "input.messages is empty")
    else:
        kind = json_kind(fault.instance)
        yield Hit(fault.pointer, f"input.messages is {kind}, expected an array")


@rule("output-not-array", severity="error", on=Event.SCHEMA, tags=["preference"], fixable=True)
def output_not_array(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """An output is an array of messages.

    Together: "field must be a list"; Azure's page shows an array with the assistant's message.

    The fix makes a text, as it is written, the message of the assistant, and puts a single
    message into an array; it is safe.
    """
    name, value = fault.pointer[-1], fault.instance
    message = f"{name} is {json_kind(value)}, expected an array of messages"
    fix = None
    if isinstance(value, str):
        wrap = WrapValue(fault.pointer, _AS_MESSAGE, b"}]")
        fix = Fix("make it a message of the assistant", safe=True, edits=(wrap,))
    elif isinstance(value, dict) and "role" in value:
        wrap = WrapValue(fault.pointer, b"[", b"]")
        fix = Fix("put it into an array", safe=True, edits=(wrap,))
    help_ = 'write [{"role": "assistant", "content": "..."}]'
    yield Hit(fault.pointer, message, help=help_, fix=fix)


@rule("output-empty", severity="error", on=Event.SCHEMA, tags=["preference"])
def output_empty(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """An output holds at least one message.

    Together's client refuses an empty one; Azure's page asks for "at least one assistant
    message".
    """
    yield Hit(fault.pointer, f"{fault.pointer[-1]} is empty, expected a message of the assistant")


@rule("output-without-assistant", severity="error", on=Event.SCHEMA, tags=["preference"])
def output_without_assistant(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """An output has a message of the assistant.

    Azure's page on direct preference optimization: "at least one assistant message"; Together's
    client demands that it is the only one.
    """
    yield Hit(fault.pointer, f"{fault.pointer[-1]} has no assistant message")


@rule("output-role-not-allowed", severity="error", on=Event.SCHEMA, tags=["preference"])
def output_role_not_allowed(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Messages of an output are from the assistant or a tool.

    Azure's page on direct preference optimization names the two; OpenAI's API description has
    the assistant alone. What belongs before the answer stands in `input.messages`.
    """
    value = fault.instance
    shown = f"role {show(value)}" if isinstance(value, str) else f"role is {json_kind(value)}"
    joint = " in an output, expected" if isinstance(value, str) else ", expected"
    help_ = "move what comes before the answer to input.messages"
    yield Hit(fault.pointer, f"{shown}{joint} assistant or tool", help=help_)


@rule("output-not-single-message", severity="warning", on=Event.MESSAGES_KEY("role"),
      formats=["preference"], tags=["preference"])  # fmt: skip
def output_not_single_message(
    example: Example, talk: Conversation, options: Options
) -> Iterator[Hit]:
    """An output is a single message.

    The sources differ. Together takes exactly one, OpenAI's API description has at most one;
    Azure's page allows sequences of assistant and tool messages.
    """
    count = len(talk.messages)
    if count > 1 and talk.pointer[0] != "input":
        help_ = "Azure's page allows assistant and tool messages in a row, other services one"
        yield Hit(talk.pointer, f"{talk.pointer[0]} has {count} messages, expected one", help=help_)


@rule("openapi-field-names", severity="error", on=Event.SCHEMA, tags=["preference"], fixable=True)
def openapi_field_names(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """The outputs are called `preferred_output` and `non_preferred_output`.

    OpenAI's API description of 2025 spells them `..._completion`; every guide, sample and client
    has `..._output`.

    The fix renames the key; it is safe.
    """
    name = str(fault.pointer[-1])
    wanted = name.replace("_completion", "_output")
    rename = Fix(f'rename to "{wanted}"', safe=True, edits=(RenameKey(fault.pointer, wanted),))
    twice = wanted in fault.example
    yield Hit(
        fault.pointer,
        f"key {name}{' beside' if twice else ', expected'} {wanted}",
        help="keep one of the two" if twice else f'use "{wanted}"',
        on_key=True,
        fix=None if twice else rename,
    )


@rule("tools-at-top-level-in-dpo", severity="error", on=Event.SCHEMA, tags=["preference", "tools"],
      fixable=True)  # fmt: skip
def tools_at_top_level_in_dpo(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Tools stand inside `input`, not beside it.

    So do `parallel_tool_calls` and `functions`. Azure's page on direct preference optimization,
    OpenAI's API description and Together's documents have them there; that a service refuses
    them elsewhere is an inference.

    The fix moves the key, as it is written, to the end of `input`; it is safe. There is none
    where `input` has that key already.
    """
    name = str(fault.pointer[-1])
    target = fault.example.get("input")
    fix = None
    if isinstance(target, dict) and target and name not in target:
        move = MoveKey(fault.pointer, ("input",))
        fix = Fix("move it into input", safe=True, edits=(move,))
    message = f"{name} beside input, expected inside it"
    yield Hit(fault.pointer, message, help=f"write input.{name}", on_key=True, fix=fix)


@rule("weight-outside-sft", severity="warning", on=Event.MESSAGE_KEY("weight"),
      formats=["preference"], tags=["preference", "weights"], fixable=True)  # fmt: skip
def weight_outside_sft(
    example: Example, at: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """Only supervised data has weights.

    OpenAI's API description has none on the messages of an output; in `input.messages` it allows
    one, where it means nothing, for only the outputs are learnt. For reinforcement data see
    weight-or-functions-in-rft. No refusal has been seen.

    The fix removes the key; it is safe.
    """
    if message["weight"] is None:
        return
    fix = Fix("remove the key", safe=True, edits=(DropKey(at),))
    message_ = "a weight, which preference data does not have"
    yield Hit(at, message_, on_key=True, help="leave the key out", fix=fix)
