"""Rules on the content of messages, as text or as parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ftlint.core.edits import DropKey, Fix
from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Pointer
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, show
from ftlint.formats.schema import SchemaFault
from ftlint.rules.context import texts
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_MAY_BE_EMPTY = ("tool", "function")
_INSTEAD = ("tool_calls", "function_call", "refusal")
_STRINGS = ("refusal", "prompt", "completion")
_SPECIAL = (
    r"<\|(?:endoftext|endofprompt|fim_prefix|fim_middle|fim_suffix|im_start|im_end|im_sep"
    r"|start|message|channel|return|call)\|>"
)


@rule("missing-content", severity="error", on=Event.SCHEMA, tags=["structure"])
def missing_content(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Each message has content.

    An assistant message may do without when it calls a tool or refuses: OpenAI's API
    description has `content` "required unless tool_calls or function_call is specified".
    """
    yield Hit(fault.pointer, f"the {fault.instance['role']} message has no content")


@rule("null-content", severity="error", on=Event.SCHEMA, tags=["structure"], fixable=True,
      cases={"with-calls": "warning"})  # fmt: skip
def null_content(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Content is not null.

    Without tool calls there is nothing to learn or to answer. With them (`with-calls`) OpenAI's
    API description allows null, but a user of Azure reports "contains invalid schema", cured by
    leaving the key out, and all of Microsoft's sample files leave it out.

    The fix removes the key beside tool calls; it is safe.
    """
    if fault.case == "with-calls":
        fix = Fix("remove the key", safe=True, edits=(DropKey(fault.pointer),))
        message = "content is null beside tool calls or a refusal"
        yield Hit(fault.pointer, message, help="leave the key out", fix=fix, on_key=True)
    else:
        yield Hit(fault.pointer, "content is null, expected text")


@rule("content-wrong-type", severity="error", on=Event.SCHEMA, tags=["structure"])
def content_wrong_type(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Content is a string, or an array of parts.

    Together: "Invalid content type on line N. Expected string or multimodal list of dicts";
    OpenAI's API description says the same, and that a `refusal` is a string. So are the `prompt`
    and `completion` of data without messages.
    """
    what, kind = fault.pointer[-1], json_kind(fault.instance)
    expected = "a string" if what in _STRINGS else "a string or an array of parts"
    yield Hit(fault.pointer, f"{what} is {kind}, expected {expected}")


@rule("stringified-null-content", severity="error", on=Event.SCHEMA, tags=["structure"],
      cases={"lookalike": "warning"})  # fmt: skip
def stringified_null_content(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Content is not the word that a missing value was turned into.

    Microsoft's `transform_traces.py` notes that Azure's preprocessing crashes on the string
    "null" of an assistant. Of "None", "nan" and "undefined", and of other roles (`lookalike`),
    nothing of the kind is known; they can be honest texts. The result of a tool may be any of them.
    """
    yield Hit(
        fault.pointer,
        f"content is the string {show(fault.instance)}; a missing value turned into text?",
        help="leave the key out beside tool calls, else write what was meant",
    )


@rule("empty-content-parts", severity="error", on=Event.SCHEMA, tags=["structure"])
def empty_content_parts(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """An array of content parts holds at least one.

    OpenAI's API description has `minItems: 1`.
    """
    yield Hit(fault.pointer, "content is an empty array")


@rule("unknown-part-type", severity="error", on=Event.SCHEMA, tags=["structure"])
def unknown_part_type(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Each part of content is of a type that its role may have.

    Text for every role, images for users, refusals for assistants (OpenAI's API description).
    Together: "the `type` field must be either 'text' or 'image_url'".
    """
    yield Hit(
        fault.pointer,
        f"part type {show(fault.instance)} is not known for a message of this role",
        help="use text, image_url (user) or refusal (assistant)",
    )


@rule("malformed-part", severity="error", on=Event.SCHEMA, tags=["structure"])
def malformed_part(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A part has a type, and what belongs to it.

    `text` beside type text, `refusal` beside type refusal, `image_url` with a `url` beside type
    image_url; all of them strings (OpenAI's API description, Together's client).
    """
    what = fault.pointer[-1] if isinstance(fault.pointer[-1], str) else "the part"
    if fault.keyword == "required":
        yield Hit(fault.pointer, f"{what} has no {fault.expected[0]}")
    else:
        expected = "a string" if fault.expected == "string" else "an object"
        yield Hit(fault.pointer, f"{what} is {json_kind(fault.instance)}, expected {expected}")


@rule("refusal-part-mixed", severity="error", on=Event.SCHEMA, tags=["structure"])
def refusal_part_mixed(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A refusal part stands alone.

    OpenAI's API description: content is "one or more of type text, or exactly one of type
    refusal".
    """
    yield Hit(fault.pointer, "a refusal part stands beside other parts, expected it alone")


@rule("unsupported-modality", severity="error", on=Event.SCHEMA, tags=["structure"])
def unsupported_modality(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Training data holds text and images, neither sound nor files.

    `input_audio`, `file` and the assistant's `audio` are part of the chat API; the documents on
    fine-tuning list text and images only, and no audio model among those that can be tuned.
    """
    what = "audio" if fault.pointer[-1] == "audio" else f"part type {show(fault.instance)}"
    yield Hit(fault.pointer, f"{what} cannot be trained on", help="use text and images only")


@rule("empty-content", severity="warning", on=Event.MESSAGE_KEY("content"), tags=["structure"])
def empty_content(
    example: Example, at: Pointer, message: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """Content is not empty.

    An empty answer teaches to say nothing, an empty question carries none. Chat services accept
    both. White space alone counts as empty; so do parts whose texts all are. The result of a tool
    may be empty, and so may the text beside tool calls or a refusal.
    """
    content = message["content"]
    if isinstance(content, str):
        empty = not content or content.isspace()
    elif isinstance(content, list):
        empty = all(part["type"] == "text" for part in content) and not any(
            text.text.strip() for text in texts(at[:-1], message)
        )
    else:
        return
    if empty and message["role"] not in _MAY_BE_EMPTY and not any(map(message.get, _INSTEAD)):
        yield Hit(at, f"the {message['role']} message is empty")


@rule("special-token-in-content", severity="error", on=Event.ROW, contains=["|>"],
      tags=["structure"])  # fmt: skip
def special_token_in_content(example: Example, options: Options) -> Iterator[Hit]:
    """No string holds a control token of the model: no content, no arguments, no field.

    OpenAI: "Example 6174 message contains an invalid token: <|fim_suffix|>." That the other
    tokens are refused too, elsewhere too, and by Azure, is an inference.
    """
    for pointer, text in _strings(example.data):
        match = re.search(_SPECIAL, text)
        if match:
            message = f"the text holds the control token {match[0]}"
            yield Hit(pointer, message, help="remove it, or break it up with a space")


def _strings(data: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield the pointer and text of each string in a value, except keys."""
    stack: list[tuple[Pointer, Any]] = [((), data)]
    while stack:
        at, value = stack.pop()
        if isinstance(value, str):
            yield at, value
        elif isinstance(value, dict):
            stack += [((*at, key), inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            stack += [((*at, key), value[key]) for key in reversed(range(len(value)))]
