"""The data formats: how one is told, what method it is for, where its messages stand."""

from __future__ import annotations

from typing import Any, NamedTuple

from ftlint.core.json_spans import Pointer


class Format(NamedTuple):
    """One data format, which `schemas/NAME.schema.json` describes.

    `method` is the training method that it is for. `lists` are the places of its messages, the
    conversation first; `holder` is the place of the object that holds the tools.
    """

    name: str
    method: str
    words: str
    lists: tuple[Pointer, ...]
    holder: Pointer = ()

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The places of free texts in a message; "*" is any index."""
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
"""The places of free texts in a message; "*" is any index."""


FORMATS = {
    known.name: known
    for known in (
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
"""The formats that a service takes, by name."""

MESSAGES = ("chat", "reinforcement")
"""The formats whose lines have `messages`: the same shape, told apart by what stands in them."""

METHODS = {known.method: known.name for known in FORMATS.values()}
"""The training methods, and the format that each takes."""

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
"""What files are that are not training data, in words."""

_OUTPUTS = {
    "preferred_output",
    "non_preferred_output",
    "preferred_completion",
    "non_preferred_completion",
}
_CHAT_KEYS = {"messages", "tools", "functions", "parallel_tool_calls"}


def detect(data: dict[str, Any]) -> str | None:
    """Name the format of one object by its keys, ours or a foreign one; None if they tell none."""
    keys = data.keys()
    if _OUTPUTS & keys or ("messages" not in keys and isinstance(data.get("input"), dict)):
        return "preference"
    if {"prompt", "completion"} <= keys:
        return "completion"
    if "messages" in keys:
        return "chat"
    if isinstance(data.get("item"), dict):
        return "evals-item"
    return next((name for name, tells in _FOREIGN.items() if any(t <= keys for t in tells)), None)


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
"""Key sets of which one, wholly there, tells a foreign format."""


_ENOUGH = {"preference": {"input"}, "completion": {"prompt", "completion"}}
"""Keys of which one will do where the rest of the file is of that format."""


def detect_among(data: dict[str, Any], expected: str | None) -> str | None:
    """Name the format of one object of a file whose format is `expected`; as `detect` else."""
    kind = detect(data)
    if kind == "chat" and expected == "reinforcement":
        return expected
    if kind is None and data.keys() & _ENOUGH.get(expected or "", set()):
        return expected
    return kind


def is_prompt(data: dict[str, Any]) -> bool:
    """Tell whether messages hold no answer, and fields for a grader stand beside them."""
    messages = data["messages"]
    if not isinstance(messages, list) or data.keys() <= _CHAT_KEYS:
        return False
    return not any(isinstance(m, dict) and m.get("role") == "assistant" for m in messages)


def words(name: str) -> str:
    """Describe a format, ours or a foreign one."""
    return FORMATS[name].words if name in FORMATS else FOREIGN[name]
