"""Rules on the shape of graders, type by type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftlint.config.documents import Document
from ftlint.core.errors import nearest
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Pointer
from ftlint.core.rule import Options
from ftlint.core.text import json_kind, show
from ftlint.formats.grader import TYPES, Grader, parts
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_TEXTS = {
    "string_check": ("input", "reference", "operation"),
    "text_similarity": ("input", "reference", "evaluation_metric"),
    "score_model": (),
    "python": ("source",),
    "multi": ("calculate_output",),
}
"""What a grader of a type must have, as text; score-model-fields looks at the rest of its own."""

_JUDGED = ("operation", "evaluation_metric")
"""Fields whose values, of whatever type, are told by a rule of their own."""

_OPERATIONS = ("eq", "ne", "like", "ilike")
_OTHER_OPERATIONS = {"contains": "like", "equals": "eq", "neq": "ne", "icontains": "ilike"}


@rule("malformed-grader", severity="error", on=Event.GRADER, tags=["graders"],
      cases={"no-name": "warning"})  # fmt: skip
def malformed_grader(document: Document, options: Options) -> Iterator[Hit]:
    """A grader has a type and the fields of that type.

    OpenAI's API description (f85dbe2) and Azure's guide: string_check has input, reference and
    operation; text_similarity input, reference and evaluation_metric; python source; multi graders
    and calculate_output. Both demand a name too, which OpenAI's own guide leaves out where
    graders are combined: `no-name` is a warning.
    """
    if not isinstance(document.data, dict):
        yield Hit((), f"the grader is {json_kind(document.data)}, expected an object")
        return
    for at, grader in parts(document.data):
        if "type" not in grader:
            yield Hit(at, "the grader has no type", help=_wrapped(grader))
            continue
        if grader["type"] in TYPES:
            yield from _fields(at, grader)
    yield from _not_objects(document.data)


def _wrapped(grader: Grader) -> str | None:
    inner = next((key for key in ("grader", "method", "reinforcement") if key in grader), None)
    return f"the file holds {inner}; give the grader alone" if inner else None


def _fields(at: Pointer, grader: Grader) -> Iterator[Hit]:
    """Tell which fields a grader of a known type lacks, or has of another JSON type."""
    kind = grader["type"]
    if "name" not in grader:
        yield Hit(at, f"the {kind} grader has no name", help='add "name": "..."', case="no-name")
    elif not isinstance(grader["name"], str):
        words = f"name is {json_kind(grader['name'])}, expected a string"
        yield Hit((*at, "name"), words, case="no-name")
    for key in _TEXTS[kind]:
        if key not in grader:
            yield Hit(at, f"the {kind} grader has no {key}")
        elif key not in _JUDGED and not isinstance(grader[key], str):
            yield Hit((*at, key), f"{key} is {json_kind(grader[key])}, expected a string")
    if kind == "multi" and not isinstance(grader.get("graders"), dict | list):
        if "graders" in grader:
            words = f"graders is {json_kind(grader['graders'])}, expected an object"
            yield Hit((*at, "graders"), words)
        else:
            yield Hit(at, "the multi grader has no graders")


def _not_objects(data: Grader) -> Iterator[Hit]:
    """Tell which of the graders that a multigrader combines are no objects."""
    for at, grader in parts(data):
        graders = grader.get("graders")
        if isinstance(graders, dict) and not isinstance(graders.get("type"), str):
            pairs: list[tuple[str | int, Any]] = list(graders.items())
        else:
            pairs = list(enumerate(graders)) if isinstance(graders, list) else []
        for key, inner in pairs:
            if not isinstance(inner, dict):
                words = f"the grader is {json_kind(inner)}, expected an object"
                yield Hit((*at, "graders", key), words)


@rule("unknown-grader-type", severity="error", on=Event.GRADER, tags=["graders"],
      cases={"preview": "warning"})  # fmt: skip
def unknown_grader_type(document: Document, options: Options) -> Iterator[Hit]:
    """A grader is of a type that reinforcement fine-tuning takes.

    OpenAI's API description (f85dbe2) lists string_check, text_similarity, score_model, python and
    multi. label_model, which an older page of Azure's has too, is for evaluations only. Azure
    names endpoint as a preview whose form is not published (`preview`).
    """
    for at, grader in parts(document.data):
        kind = grader.get("type")
        if "type" not in grader or kind in TYPES:
            continue
        place = (*at, "type")
        if kind == "endpoint":
            yield Hit(place, "endpoint graders are a preview, not open to all", case="preview")
        elif not isinstance(kind, str):
            yield Hit(place, f"type is {json_kind(kind)}, expected one of {', '.join(TYPES)}")
        else:
            near = nearest(kind, TYPES)
            help_ = "label_model is for evaluations" if kind == "label_model" else None
            help_ = f'use "{near}"' if near and not help_ else help_
            words = f"grader type {show(kind)} is not one of {', '.join(TYPES)}"
            yield Hit(place, words, help=help_)


@rule("string-check-operation", severity="error", on=Event.GRADER, tags=["graders"])
def string_check_operation(document: Document, options: Options) -> Iterator[Hit]:
    """A string_check grader does one of the operations that there are.

    eq, ne, like, ilike (OpenAI's API description, f85dbe2). SCHEMA.md of Microsoft's reinforcement
    samples shows "contains", which is none: like is what does that.
    """
    for at, grader in parts(document.data):
        if grader.get("type") == "string_check" and "operation" in grader:
            operation = grader["operation"]
            if operation not in _OPERATIONS:
                text = isinstance(operation, str)
                state = f"{show(operation)} is not" if text else f"is {json_kind(operation)}, not"
                words = f"operation {state} one of {', '.join(_OPERATIONS)}"
                use = _OTHER_OPERATIONS.get(operation) if text else None
                help_ = f'use "{use}"' if use else None
                yield Hit((*at, "operation"), words, help=help_)


@rule("text-similarity-metric", severity="error", on=Event.GRADER, tags=["graders"],
      cases={"cosine": "warning"}, options={"metrics": list})  # fmt: skip
def text_similarity_metric(document: Document, options: Options) -> Iterator[Hit]:
    """A text_similarity grader measures in one of the ways that there are.

    fuzzy_match, bleu, gleu, meteor, rouge_1 to rouge_5 and rouge_l, as Azure's guide lists them;
    OpenAI's API description (f85dbe2) has `cosine` besides.
    """
    for at, grader in parts(document.data):
        if grader.get("type") == "text_similarity" and "evaluation_metric" in grader:
            metric = grader["evaluation_metric"]
            place = (*at, "evaluation_metric")
            if metric == "cosine":
                yield Hit(place, "the metric cosine is not in Azure's guide", case="cosine")
            elif metric not in options["metrics"]:
                words = f"there is no metric {show(metric)}"
                if not isinstance(metric, str):
                    words = f"evaluation_metric is {json_kind(metric)}, expected a string"
                yield Hit(place, words, help=f"use one of {', '.join(options['metrics'])}")


@rule("score-model-fields", severity="error", on=Event.GRADER, tags=["graders"],
      cases={"model": "warning"}, options={"models": list})  # fmt: skip
def score_model_fields(document: Document, options: Options) -> Iterator[Hit]:
    """A score_model grader has messages, a model, and a range that is one.

    OpenAI's API description (f85dbe2): `input` is a list of messages, `model` is required, `range`
    is a minimum and a maximum. Azure's guide names the models that grade (`model`).
    """
    for at, grader in parts(document.data):
        if grader.get("type") == "score_model":
            yield from _input(at, grader)
            yield from _model(at, grader, options.get("models"))
            if "range" in grader and not _is_range(grader["range"]):
                words = "range is no pair of numbers, the smaller first"
                yield Hit((*at, "range"), words, help='write "range": [0, 1]')


def _input(at: Pointer, grader: Grader) -> Iterator[Hit]:
    messages = grader.get("input")
    place = (*at, "input")
    if "input" not in grader:
        yield Hit(at, "the score_model grader has no input")
    elif not isinstance(messages, list):
        yield Hit(place, f"input is {json_kind(messages)}, expected an array of messages")
    elif not messages:
        yield Hit(place, "input has no messages")
    else:
        for index, message in enumerate(messages):
            if not isinstance(message, dict):
                words = f"the message is {json_kind(message)}, expected an object"
                yield Hit((*place, index), words)
                continue
            for key in ("role", "content"):
                if key not in message:
                    yield Hit((*place, index), f"the message has no {key}")


def _model(at: Pointer, grader: Grader, models: list[str] | None) -> Iterator[Hit]:
    model = grader.get("model")
    if "model" not in grader:
        yield Hit(at, "the score_model grader has no model")
    elif not isinstance(model, str):
        yield Hit((*at, "model"), f"model is {json_kind(model)}, expected a string")
    elif models and model not in models:
        words = f"model {show(model)} is not one that is named for grading"
        yield Hit((*at, "model"), words, help=f"named are {', '.join(models)}", case="model")


def _is_range(value: Any) -> bool:
    """Return whether a value is a minimum and a maximum."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    if any(isinstance(end, bool) or not isinstance(end, int | float) for end in value):
        return False
    low, high = value
    return bool(low < high)
