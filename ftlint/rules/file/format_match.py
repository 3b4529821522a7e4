"""Rules on the data format of lines, compared with that of the file and of the method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftlint.core.finding import Hit
from ftlint.core.rule import Options
from ftlint.core.text import show
from ftlint.formats.data_format import FORMATS, MESSAGES, METHODS, words
from ftlint.rules.context import Line
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

Kind = str | None
"""A data format as `ftlint.formats.data_format.detect` names it."""


_SHAPES = {
    "chat": '{"messages": [{"role": "user", "content": "..."}, ...]}',
    "reinforcement": '{"messages": [{"role": "user", "content": "..."}], "reference": ...}',
    "preference": '{"input": {"messages": [...]}, "preferred_output": [...], '
    '"non_preferred_output": [...]}',
    "completion": '{"prompt": "...", "completion": "..."}',
}
_REMEDIES = {
    "evals-item": "keep it for evaluations; training data has messages, not an item",
    "evals-run": "keep it for evaluations; write what is worth training on as messages",
    "question-answer": "make the question the user message, the answer the assistant message",
    "puzzle": "make a user message of each puzzle; for rft, keep its numbers as fields beside it",
    "batch": "the messages of a request stand in its body; put the answer behind them",
    "grader": "give a grader with --grader, and check the file of examples",
    "config": "settings are given to the job; check the file of examples",
}
_KEYS = {
    "messages",
    "prompt",
    "completion",
    "input",
    "preferred_output",
    "non_preferred_output",
}


@rule("unrecognised-format", severity="error", on=Event.LINE_FORMAT, tags=["structure"],
      job=["method"], once=True)  # fmt: skip
def unrecognised_format(
    line: Line, kind: Kind, expected: Kind, data: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """A line has the keys of a training format.

    OpenAI: "Unexpected file format, expected either prompt/completion pairs or chat messages.";
    Together: "Could not detect a format for the line". Files of evaluations, of raw questions
    and answers, of batch requests, graders and settings are named as what they are. Said once
    for a file; in a file of chat examples a line with other keys is missing-messages.
    """
    if kind in _REMEDIES:
        yield Hit((), f"not training data: this looks like {words(kind)}", help=_REMEDIES[kind])
    elif kind is None and expected not in MESSAGES:
        keys = ", ".join(show(key) for key in list(data)[:5]) or "none"
        message = f"not a training format; the keys are: {keys}"
        yield Hit((), message, help=_help(data, expected or METHODS.get(options.get("method", ""))))


def _help(data: dict[str, Any], expected: Kind) -> str:
    """Return the help on the keys expected: those of the file, of the method, or of chat."""
    meant = [key for key in data if key not in _KEYS and key.strip().lower() in _KEYS]
    if meant:
        return f"keys are written in small letters: {', '.join(k.strip().lower() for k in meant)}"
    known = expected if expected in _SHAPES else "chat"
    return f"{known} data is {_SHAPES[known]}"


@rule("mixed-formats", severity="error", on=Event.LINE_FORMAT, tags=["structure"])
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


@rule("format-method-mismatch", severity="error", on=Event.LINE_FORMAT, tags=["structure"],
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


@rule("sharegpt-or-alpaca-format", severity="error", on=Event.LINE_FORMAT, tags=["structure"],
      once=True)  # fmt: skip
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


@rule("trl-format", severity="error", on=Event.LINE_FORMAT, tags=["structure", "preference"],
      once=True)  # fmt: skip
def trl_format(
    line: Line, kind: Kind, expected: Kind, data: dict[str, Any], options: Options
) -> Iterator[Hit]:
    """Preference data has `input` and two outputs, not a prompt with `chosen` and `rejected`.

    The latter is what the TRL library trains on; no service profiled here documents it (an
    inference: none is known to take it). Said once for a file.
    """
    if kind == "trl":
        help_ = "make the prompt input.messages, chosen preferred_output, rejected "
        help_ += "non_preferred_output; each is a list of messages"
        message = "TRL preference data, expected input, preferred_output and non_preferred_output"
        yield Hit(("chosen",), message, help=help_, on_key=True)


@rule(
    "legacy-format-for-chat-model",
    severity="error",
    on=Event.LINE_FORMAT,
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
