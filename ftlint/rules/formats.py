"""Which data format a line is of, and whether that is the one wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftlint.formats import FORMATS, METHODS, words
from ftlint.lines import Line
from ftlint.locate import show
from ftlint.model import Hit
from ftlint.registry import Options, rule

Kind = str | None
"""A data format as `ftlint.formats.detect` names it."""


@rule("unrecognised-format", severity="error", on="line.format", tags=["structure"], once=True)
def unrecognised_format(
    line: Line, kind: Kind, expected: Kind, data: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """A line has the keys of a training format.

    OpenAI: "Unexpected file format, expected either prompt/completion pairs or chat messages.";
    Together: "Could not detect a format for the line". Said once for a file; in a file of chat
    examples such a line is missing-messages.
    """
    if kind is None and expected != "chat":
        keys = ", ".join(show(key) for key in list(data)[:5]) or "none"
        yield Hit(
            (),
            f"not a training format; the keys are: {keys}",
            help='chat data is {"messages": [{"role": "user", "content": "..."}, ...]}',
        )


@rule("mixed-formats", severity="error", on="line.format", tags=["structure"])
def mixed_formats(
    line: Line, kind: Kind, expected: Kind, data: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """All lines of a file are of the same format.

    The format of a file is that of most of its first hundred examples. Together: "All samples
    in the dataset must have the same dataset format."; OpenAI: "Example X is missing key
    'messages'".
    """
    if kind is not None and expected is not None and kind != expected:
        message = f"this line is {words(kind)}, the file is {words(expected)}"
        yield Hit((), message, help="keep one format in a file")


@rule("format-method-mismatch", severity="error", on="line.format", tags=["structure"],
      job=["method"], once=True)  # fmt: skip
def format_method_mismatch(
    line: Line, kind: Kind, expected: Kind, data: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """The format of the data serves the training method.

    OpenAI: "Input file ... is in the fine-tune-chat format, but the specified fine-tuning job is
    not using 'supervised' as the training method". Said once for a file.
    """
    method = options.get("method")
    legacy = kind == "completion" and method == "sft"
    if kind == expected and kind in FORMATS and method and kind != METHODS[method] and not legacy:
        yield Hit(
            (),
            f"the data is {words(kind)}, which method {method} does not take",
            help=f"that format is for method {FORMATS[kind].method}; "
            f"{method} takes {words(METHODS[method])}",
        )


@rule(
    "sharegpt-or-alpaca-format", severity="error", on="line.format", tags=["structure"], once=True
)
def sharegpt_or_alpaca_format(
    line: Line, kind: Kind, expected: Kind, data: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """Data is in the format of the service, not in that of other tools.

    ShareGPT keeps turns as `conversations` of `from` and `value`, Alpaca has `instruction` and
    `output`; no service profiled here reads either. Said once for a file.
    """
    if kind == "sharegpt":
        help_ = 'rename conversations to messages, from to role ("human" is user, "gpt" is '
        help_ += "assistant) and value to content"
        yield Hit(("conversations",), "ShareGPT data, expected messages", help=help_, on_key=True)
    if kind == "alpaca":
        help_ = "make instruction (and input) the user message, output the assistant message"
        yield Hit(("instruction",), "Alpaca data, expected messages", help=help_, on_key=True)


@rule(
    "legacy-format-for-chat-model",
    severity="error",
    on="line.format",
    tags=["structure"],
    job=["method"],
    once=True,
)
def legacy_format_for_chat_model(
    line: Line, kind: Kind, expected: Kind, data: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """Chat models are trained on messages, not on prompt and completion.

    OpenAI says of such a file "Example X is missing key 'messages'". Only babbage-002 and
    davinci-002 take prompt and completion. Said once for a file.
    """
    chat = options.get("method", "sft") == "sft"
    if kind == "completion" and chat and "messages" not in data:
        yield Hit(
            ("prompt",),
            "prompt and completion, which chat models do not take",
            help="make prompt the user message, completion the assistant message",
            on_key=True,
        )
