"""Rules on the model, the method and the validation file of a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ftlint.config.models import names, spellings
from ftlint.core.errors import nearest
from ftlint.core.finding import Hit
from ftlint.core.rule import Options
from ftlint.core.text import show
from ftlint.formats.data_format import FORMATS, words
from ftlint.rules.context import InputFacts, Pair
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

Job = Mapping[str, Any]
"""What is known of a job; see `ftlint.config.config.Config.job`."""


@rule("model-not-finetunable", severity="error", on=Event.JOB, tags=["limits"],
      cases={"disputed": "warning", "unknown": "warning"})  # fmt: skip
def model_not_finetunable(job: Job, options: Options) -> Iterator[Hit]:
    """The model can be fine-tuned by the method of the data.

    The service: "Finetuning with o4-mini-2025-04-16 requires the reinforcement method of
    finetuning."; "The specified base model ... does not support fine-tuning with Standard
    TrainingType." The table of models is ftlint's own, with its sources; where these differ
    (`disputed`), as on dpo for gpt-4.1-mini and gpt-4.1-nano, it is a warning. So it is for a model
    that the table does not know (`unknown`): the model may be younger than the table.
    """
    model, method = job.get("model"), job["method"]
    if model is None or method is None:
        return
    if model["id"] is None:
        near = nearest(model["name"], spellings())
        known = f"did you mean {show(near)}?" if near else f"known: {', '.join(names())}"
        message = f"model {show(model['name'])} is not in the table of fine-tunable models"
        yield Hit(None, message, help=known, case="unknown")
    elif method not in model["methods"]:
        can = " and ".join(model["methods"])
        message = f"model {show(model['name'])} is not fine-tuned by {method}, but by {can}"
        yield Hit(None, message, help=f"choose another model, or give data for {can}")
    elif method in model["disputed"]:
        message = f"the sources differ on whether {show(model['name'])} is fine-tuned by {method}"
        yield Hit(None, message, case="disputed")


@rule("method-not-offered", severity="error", on=Event.INPUT, tags=["limits"],
      options={"methods": list})  # fmt: skip
def method_not_offered(facts: InputFacts, options: Options) -> Iterator[Hit]:
    """The service trains by the method of the data.

    Which methods a service takes files for is in its profile, with the source: documents, or the
    client that refuses the keys of other formats ("Could not detect a format for the line").
    """
    method = facts.method
    if method is not None and method not in options["methods"]:
        takes = ", ".join(options["methods"])
        yield Hit(None, f"the data is for {method}, which this service does not take", help=(
            f"it takes data for {takes}"
        ))  # fmt: skip


@rule("model-retired", severity="warning", on=Event.JOB, tags=["limits"])
def model_retired(job: Job, options: Options) -> Iterator[Hit]:
    """The model is still offered.

    Providers announce dates from which a base model is gone; ftlint's table of models has them
    with their sources. The day to compare with is today, or `--today`.
    """
    model = job.get("model") or {"retired": {}}
    day = model["retired"].get(job["profile"])
    today = job.get("today") or date.today().isoformat()  # noqa: DTZ011 - the user's own day
    if day is not None and day <= today:
        yield Hit(None, f"model {show(model['name'])} is retired since {day}")


@rule("missing-validation-file", severity="warning", on=Event.JOB, tags=["limits"],
      cases={"required": "error", "advised": "info"})  # fmt: skip
def missing_validation_file(job: Job, options: Options) -> Iterator[Hit]:
    """A job has a validation file, which reinforcement fine-tuning requires.

    Azure's guide on reinforcement fine-tuning requires training and validation data. A check of
    one file alone cannot know of the other, so it is a warning there; a job that is about to be
    started has none, which is an error (`required`). The guides recommend a validation file for
    the other methods too (`advised`): without one nothing tells when a model learns by heart.
    """
    if job["validation"]:
        return
    if job["method"] == "rft" and job["format"] == "reinforcement":
        message = "no validation file, which reinforcement fine-tuning requires"
        case = "required" if job.get("launching") else ""
        yield Hit(None, message, help="give both: --validation PATH", case=case)
    elif job.get("launching"):
        message = "no validation file: nothing will tell when the model learns by heart"
        yield Hit(None, message, help="give one: --validation PATH", case="advised")


@rule("missing-grader", severity="error", on=Event.JOB, tags=["limits", "reinforcement"])
def missing_grader(job: Job, options: Options) -> Iterator[Hit]:
    """A reinforcement job that is about to start has a grader.

    openai-openapi f85dbe2 (FineTuneReinforcementMethod) and Azure's guide require one: it is what
    answers are scored by. A check of the data alone does not ask for it.
    """
    if job.get("launching") and job["method"] == "rft" and "grader" not in job:
        message = "no grader, which a reinforcement job is scored by"
        yield Hit(None, message, help="name its file: --grader FILE")


@rule("validation-format-mismatch", severity="error", on=Event.PAIR, tags=["limits"])
def validation_format_mismatch(pair: Pair, options: Options) -> Iterator[Hit]:
    """The validation file has the format of the training file.

    One job reads both in the same way. OpenAI's message about the training file ("... is in the
    fine-tune-chat format, but the specified fine-tuning job is not using 'supervised'") holds
    for both; that it is said of validation files too is an inference.
    """
    theirs, ours = pair.validation.format, pair.train.format
    if theirs in FORMATS and ours in FORMATS and theirs != ours:
        message = f"the validation file is {words(theirs)}, the training file {words(ours)}"
        yield Hit(None, message, help="give both files the same format")


@rule("validation-fields-mismatch", severity="warning", on=Event.PAIR, tags=["reinforcement"])
def validation_fields_mismatch(pair: Pair, options: Options) -> Iterator[Hit]:
    """The rows of the validation file have the fields of the training file.

    The grader reads the same fields of both, and one that is missing scores zero in silence. In
    Microsoft's tool sample four fields of the validation file are not in the training file.
    """
    theirs, ours = dict(pair.validation.fields), dict(pair.train.fields)
    for key in sorted(theirs.keys() ^ ours.keys()):
        there, here = ("validation", "training") if key in theirs else ("training", "validation")
        yield Hit(None, f"field {show(key)} is in the {there} file, not in the {here} file")
    for key in sorted(theirs.keys() & ours.keys()):
        if theirs[key] != ours[key]:
            message = f"field {show(key)} is {theirs[key]} here, {ours[key]} in the training file"
            yield Hit(None, message)


@rule("validation-file-proportion", severity="info", on=Event.PAIR, tags=["limits"],
      options={"minimum": float})  # fmt: skip
def validation_file_proportion(pair: Pair, options: Options) -> Iterator[Hit]:
    """The validation file is smaller than the training file, and not tiny beside it.

    An inference: no document gives a proportion.
    """
    rows, of = pair.validation.examples, pair.train.examples
    if rows > of or rows < of * options["minimum"]:
        yield Hit(None, f"examples to validate with: {rows:,}, to train on: {of:,}")
