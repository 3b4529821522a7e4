"""Rules on weights, which select the assistant messages to train on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftlint.core.edits import DropKey, Fix, SetValue
from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Pointer
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, show
from ftlint.formats.schema import SchemaFault
from ftlint.rules.context import Conversation
from ftlint.rules.declare import rule
from ftlint.rules.events import Event


@rule("weight-not-0-or-1", severity="error", on=Event.SCHEMA, tags=["weights"])
def weight_not_0_or_1(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A weight is 0 or 1.

    Azure's guide: "0 or 1"; OpenAI's API description has the two as an enumeration; Together:
    "Weight must be either 0 or 1 on line N."
    """
    message = f"weight {show(fault.instance)} is neither 0 nor 1"
    if isinstance(fault.instance, dict | list):
        message = f"weight is {json_kind(fault.instance)}, expected 0 or 1"
    yield Hit(fault.pointer, message, help="0 leaves the message out of training, 1 keeps it")


@rule("weight-bool", severity="error", on=Event.SCHEMA, tags=["weights"], fixable=True)
def weight_bool(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A weight is a number, not true or false.

    An inference from the integer in OpenAI's API description; Together's client lets it pass.

    The fix writes 1 for true and 0 for false; it is safe.
    """
    value = int(fault.instance)
    fix = Fix(f"write {value}", safe=True, edits=(SetValue(fault.pointer, value),))
    message = f"weight is {show(fault.instance)}, expected 0 or 1"
    yield Hit(fault.pointer, message, help=f"use {value}", fix=fix)


@rule("weight-string", severity="error", on=Event.SCHEMA, tags=["weights"], fixable=True)
def weight_string(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A weight is a number, not a string.

    OpenAI's API description has an integer; Together: "Weight must be an integer on line N."

    The fix writes "0" and "1" as numbers; it is safe.
    """
    message = f"weight is the string {show(fault.instance)}, expected 0 or 1"
    if fault.instance not in ("0", "1"):
        yield Hit(fault.pointer, message)
        return
    value = int(fault.instance)
    fix = Fix(f"write {value}", safe=True, edits=(SetValue(fault.pointer, value),))
    yield Hit(fault.pointer, message, help=f"use {value}", fix=fix)


@rule(
    "weight-float",
    severity="warning",
    on=Event.MESSAGE_KEY("weight"),
    tags=["weights"],
    fixable=True,
)
def weight_float(
    example: Example, at: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """A weight is written as an integer.

    Together: "Weight must be an integer on line N."; for JSON Schema, which Azure's and OpenAI's
    contracts are written in, 1.0 is an integer too. pandas writes it so.

    The fix writes 0 or 1; it is safe.
    """
    weight = message["weight"]
    if isinstance(weight, float) and message["role"] == "assistant":
        value = int(weight)
        fix = Fix(f"write {value}", safe=True, edits=(SetValue(at, value),))
        yield Hit(at, f"weight is {weight}, expected {value}", fix=fix)


@rule(
    "weight-null",
    severity="warning",
    on=Event.MESSAGE_KEY("weight"),
    tags=["weights"],
    fixable=True,
)
def weight_null(
    example: Example, at: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """A weight is left out, not null.

    OpenAI's API description does not allow null here. No refusal has been seen.

    The fix removes the key; it is safe, for 1 is what a missing weight stands for.
    """
    if message["weight"] is None:
        fix = Fix("remove the key", safe=True, edits=(DropKey(at),))
        yield Hit(at, "weight is null", help="leave the key out", on_key=True, fix=fix)


@rule("weight-on-non-assistant", severity="error", on=Event.SCHEMA, tags=["weights"], fixable=True)
def weight_on_non_assistant(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Only assistant messages have a weight.

    OpenAI's API description defines it there alone, and Azure's guide speaks of assistant
    messages only. Together allows it on any message.

    The fix removes the key; it is safe, for other messages are never learnt.
    """
    yield Hit(
        fault.pointer,
        "weight on a message that is not the assistant's",
        on_key=True,
        fix=Fix("remove the key", safe=True, edits=(DropKey(fault.pointer),)),
    )


@rule("all-weights-zero", severity="warning", on=Event.MESSAGES_KEY("weight"), tags=["weights"],
      formats=["chat"],
      aliases=["no-trainable-message"])  # fmt: skip
def all_weights_zero(example: Example, talk: Conversation, options: Options) -> Iterator[Hit]:
    """At least one assistant message is learnt.

    With weight 0 on all of them the example is paid for and teaches nothing.
    """
    weights = [message.get("weight") for message in talk.messages if message["role"] == "assistant"]
    if weights and all(weight == 0 and weight is not None for weight in weights):
        yield Hit(talk.pointer, "every assistant message has weight 0: nothing is learnt")


@rule("top-level-weight", severity="error", on=Event.SCHEMA, tags=["weights"], fixable=True)
def top_level_weight(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A weight stands in an assistant message, not beside `messages`.

    OpenAI: "Invalid file format. Example 1 contains an extra "weight"." For Azure this is an
    inference.

    The fix removes the key; it is unsafe, for what the weight was meant for is lost.
    """
    yield Hit(
        fault.pointer,
        "weight beside messages, expected inside an assistant message",
        on_key=True,
        fix=Fix("remove the key", safe=False, edits=(DropKey(fault.pointer),)),
    )
