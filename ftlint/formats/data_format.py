"""Data formats: detection, training method, and pointers to messages and texts."""

from __future__ import annotations

from typing import Any, NamedTuple

from ftlint.core.json_spans import Pointer


class Format(NamedTuple):
    """A data format, with its schema in `schemas/NAME.schema.json`.

    `method` is its training method, `words` its description. `lists` are the pointers to its lists
    of messages, the conversation first; `holder` is the pointer to the object with the tools.
    """

    name: str
    method: str
    words: str
    lists: tuple[Pointer, ...]
    holder: Pointer = ()

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """Paths of free texts in a message; "*" is any index."""
        return TEXTS


TEXTS = (
    ("content",),
    ("refusal",),
    ("tool_call_id",),
    ("tool_calls", "*", "id"),
    ("tool_calls", "*", "function", "arguments"),
    ("function_call", "arguments"),
    *(("content", "*", *path) for path in (("text",), ("refusal",))),
    *(("content", "*", "image_url", *path) for path in ((), ("url",))),
)
"""Paths of free texts in a message; "*" is any index."""


FORMATS = {
    data_format.name: data_format
    for data_format in (
        Format("chat", "sft", "chat (messages)", (("messages",),)),
        Format(
            "reinforcement",
            "rft",
            "reinforcement (messages without an answer, fields for a grader)",
            (("messages",),),
        ),
        Format(
            "preference",
            "dpo",
            "preference (input, preferred_output, non_preferred_output)",
            (("input", "messages"), ("preferred_output",), ("non_preferred_output",)),
            ("input",),
        ),
        Format("completion", "completions", "prompt and completion", ()),
    )
}
"""Formats of training data, by name."""

MESSAGES = ("chat", "reinforcement")
"""Formats with the key `messages`, distinguished only by their contents."""

METHODS = {entry.method: entry.name for entry in FORMATS.values()}
"""The data format of each training method."""

FOREIGN = {
    "sharegpt": "ShareGPT (conversations)",
    "alpaca": "Alpaca (instruction, output)",
    "trl": "TRL preference pairs (prompt, chosen, rejected)",
    "evals-item": "items of an evaluation (item)",
    "evals-run": "results of an evaluation run (run_id, grades, passes)",
    "question-answer": "raw questions and answers",
    "puzzle": "raw puzzles (target, nums)",
    "batch": "batch requests (custom_id, body)",
    "grader": "a grader",
    "config": "the settings of a job",
}
"""Descriptions of foreign formats, which are not training data."""

_OUTPUTS = {
    "preferred_output",
    "non_preferred_output",
    "preferred_completion",
    "non_preferred_completion",
}
_CHAT_KEYS = {"messages", "tools", "functions", "parallel_tool_calls"}


def detect(data: dict[str, Any]) -> str | None:
    """Return the format of an object by its keys, possibly a foreign one; None if unknown."""
    keys = data.keys()
    if _OUTPUTS & keys or ("messages" not in keys and isinstance(data.get("input"), dict)):
        return "preference"
    if {"prompt", "completion"} <= keys:
        return "completion"
    if "messages" in keys:
        return "chat"
    if isinstance(data.get("item"), dict):
        return "evals-item"
    return next((name for name, sets in _FOREIGN.items() if any(s <= keys for s in sets)), None)


_FOREIGN: dict[str, tuple[set[str], ...]] = {
    "sharegpt": ({"conversations"},),
    "alpaca": ({"instruction", "output"},),
    "trl": ({"chosen", "rejected"},),
    "batch": ({"custom_id", "body"},),
    "evals-run": ({"run_id", "grades"}, {"run_id", "passes"}),
    "question-answer": ({"question", "answer"}, {"question", "response"}),
    "puzzle": ({"target", "nums"},),
    "grader": (
        {"type", "name", "operation"},
        {"type", "name", "source"},
        {"type", "name", "graders"},
        {"type", "name", "evaluation_metric"},
        {"type", "name", "model", "input"},
    ),
    "config": ({"training_file"}, {"hyperparameters"}, {"type", "json_schema"}),
}
"""Sets of keys by foreign format; any of them identifies it if all its keys are present."""


_SUFFICIENT = {"preference": {"input"}, "completion": {"prompt", "completion"}}
"""Keys any of which is sufficient if the rest of the file has that format."""


def detect_among(data: dict[str, Any], expected: str | None) -> str | None:
    """Return the format of an object as `detect` does, favouring the `expected` one."""
    kind = detect(data)
    if kind == "chat" and expected == "reinforcement":
        return expected
    if kind is None and data.keys() & _SUFFICIENT.get(expected or "", set()):
        return expected
    return kind


def is_prompt(data: dict[str, Any]) -> bool:
    """Return whether an object has messages without an answer, and fields for a grader."""
    messages = data["messages"]
    if not isinstance(messages, list) or data.keys() <= _CHAT_KEYS:
        return False
    return not any(isinstance(m, dict) and m.get("role") == "assistant" for m in messages)


def words(name: str) -> str:
    """Return the description of a format, possibly a foreign one."""
    return FORMATS[name].words if name in FORMATS else FOREIGN[name]
