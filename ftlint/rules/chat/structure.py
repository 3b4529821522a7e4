"""Rules on the shape of examples and messages, driven by `schemas/chat.schema.json`."""

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
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_ROLES = {
    "developer": "system",
    "human": "user",
    "gpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "ai": "assistant",
}
_OPTIONAL = (
    *map(Event.EXAMPLE_KEY, ("tools", "functions", "parallel_tool_calls")),
    *map(Event.MESSAGE_KEY, ("name", "tool_calls", "function_call")),
)


@rule("missing-messages", severity="error", on=Event.SCHEMA, tags=["structure"])
def missing_messages(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A chat example has the key `messages`.

    OpenAI: "Invalid file format. Example X is missing key 'messages'".
    """
    yield Hit(fault.pointer, "key messages is missing")


@rule("messages-not-array", severity="error", on=Event.SCHEMA, tags=["structure"])
def messages_not_array(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """`messages` is an array.

    OpenAI's API description (`FineTuneChatRequestInput`); Together: "The `messages` column must
    be a list."
    """
    yield Hit(fault.pointer, f"messages is {json_kind(fault.instance)}, expected an array")


@rule("messages-empty", severity="error", on=Event.SCHEMA, tags=["structure"])
def messages_empty(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """`messages` holds at least one message.

    OpenAI's API description has `minItems: 1`; Together: "must not be empty".
    """
    yield Hit(fault.pointer, "messages is empty")


@rule("too-many-messages", severity="warning", on=Event.SCHEMA, tags=["structure"],
      options={"maxItems": int})  # fmt: skip
def too_many_messages(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """An example has no more messages than a chat may have.

    Azure's quotas and the chat API: "'$.messages' is too long. Maximum length is 2048". That is
    a limit of inference; none is documented for training.
    """
    count = len(fault.instance)
    yield Hit(fault.pointer, f"{count:,} messages, over {fault.expected:,}")


@rule("extra-top-level-key", severity="error", on=Event.SCHEMA, tags=["structure"], fixable=True)
def extra_top_level_key(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """An example has the keys of its format and no others.

    OpenAI: "Invalid file format. Example 1 contains an extra "weight"." For Azure, whose
    validator is of the same family, this is an inference.

    The fix removes the key and its value; it is unsafe, for the value is lost.
    """
    yield Hit(
        fault.pointer,
        f"key {show(fault.pointer[-1])} is not part of a chat example",
        help="keep notes and ids in a file of their own",
        on_key=True,
        fix=Fix("remove the key", safe=False, edits=(DropKey(fault.pointer),)),
    )


@rule("response-format-in-sft", severity="warning", on=Event.SCHEMA, tags=["structure"],
      fixable=True)  # fmt: skip
def response_format_in_sft(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """`response_format` does not stand in training data.

    It is not in the published schema of a chat example; in reinforcement fine-tuning it belongs
    to the job (Azure's page on reinforcement fine-tuning).

    The fix removes the key; it is unsafe, for the value is lost.
    """
    yield Hit(
        fault.pointer,
        "response_format is not part of a chat example",
        on_key=True,
        fix=Fix("remove the key", safe=False, edits=(DropKey(fault.pointer),)),
    )


@rule("message-not-object", severity="error", on=Event.SCHEMA, tags=["structure"])
def message_not_object(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Each message is an object.

    Together: "must be a list of dicts".
    """
    yield Hit(fault.pointer, f"the message is {json_kind(fault.instance)}, expected an object")


@rule("missing-role", severity="error", on=Event.SCHEMA, tags=["structure"])
def missing_role(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Each message has a role.

    OpenAI: "Example 100, message 2 Discriminator 'role' is missing in value".
    """
    help_ = "from is the word of ShareGPT; the key is role" if "from" in fault.instance else None
    yield Hit(fault.pointer, "the message has no role", help=help_)


@rule("unknown-role", severity="error", on=Event.SCHEMA, tags=["structure"], fixable=True,
      options={"enum": list})  # fmt: skip
def unknown_role(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Each role is one that the service knows.

    Together: "Invalid role `x` in conversation on line N. Possible roles: ..."; the roles are
    those of OpenAI's API description.

    The fix renames the roles of other tools ("human", "gpt"): unsafe, for the meaning is
    guessed. A role that is only spelled with capitals ("User") is fixed safely.
    """
    roles = [role for role in fault.expected if role != "developer"]
    role = fault.instance
    if not isinstance(role, str):
        message = f"role is {json_kind(role)}, expected one of {', '.join(roles)}"
        yield Hit(fault.pointer, message)
        return
    message = f"role {show(role)} is not one of {', '.join(roles)}"
    known = _ROLES.get(role.lower(), role.lower())
    if known not in roles:
        yield Hit(fault.pointer, message)
        return
    fix = Fix(
        f'rename to "{known}"', safe=role.lower() == known, edits=(SetValue(fault.pointer, known),)
    )
    yield Hit(fault.pointer, message, help=f'use "{known}"', fix=fix)


@rule("developer-role-in-sft", severity="warning", on=Event.SCHEMA, tags=["structure"],
      fixable=True)  # fmt: skip
def developer_role_in_sft(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Supervised data has `system` messages, not `developer` ones.

    OpenAI's API description knows `developer` in reinforcement data only; other pages treat the
    two as the same, so it may well be taken.

    The fix renames the role to `system`; it is safe.
    """
    fix = Fix('rename to "system"', safe=True, edits=(SetValue(fault.pointer, "system"),))
    message = 'role "developer" is not documented for supervised data'
    yield Hit(fault.pointer, message, help='use "system"', fix=fix)


@rule("extra-message-key", severity="error", on=Event.SCHEMA, tags=["structure"], fixable=True)
def extra_message_key(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A message has the keys of its role and no others.

    OpenAI's cookbook counts any other key as `message_unrecognized_key`; that the service
    refuses it is an inference from its message about extra keys of an example. Usual ones are
    `id`, `timestamp`, `reasoning_content` and `annotations`.

    The fix removes the key and its value; it is unsafe, for the value is lost.
    """
    yield Hit(
        fault.pointer,
        f"key {show(fault.pointer[-1])} is not part of a message of this role",
        on_key=True,
        fix=Fix("remove the key", safe=False, edits=(DropKey(fault.pointer),)),
    )


@rule("name-invalid", severity="warning", on=Event.SCHEMA, tags=["structure"])
def name_invalid(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    r"""A `name` is a short word.

    1 to 64 characters, without white space and `<`, `>`, `|`, `\`, `/`. The pattern is remembered
    behaviour of the chat API, not found in a document: a warning at most.
    """
    value = fault.instance
    if not isinstance(value, str):
        yield Hit(fault.pointer, f"name is {json_kind(value)}, expected a string")
    elif fault.keyword == "pattern":
        reason = "expected no white space and none of < > | \\ /"
        yield Hit(fault.pointer, f"name {show(value)}: {reason}")
    else:
        reason = f"{len(value)} characters, expected 1 to 64"
        yield Hit(fault.pointer, f"name {show(value)}: {reason}")


@rule("null-optional-key", severity="warning", on=_OPTIONAL, tags=["structure"], fixable=True)
def null_optional_key(
    example: Example, at: Pointer, holder: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """An optional key is left out, not null.

    OpenAI's API description allows null for `content`, `refusal`, `audio` and `function_call`
    only; an SDK's `model_dump()` writes it everywhere. No refusal has been seen.

    The fix removes the key; it is safe.
    """
    key = str(at[-1])
    if holder[key] is None and (key != "function_call" or holder["role"] != "assistant"):
        fix = Fix("remove the key", safe=True, edits=(DropKey(at),))
        yield Hit(at, f"{at[-1]} is null", help="leave the key out", fix=fix, on_key=True)
