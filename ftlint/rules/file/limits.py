"""Rules on the number of examples and of bytes, which services limit."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.core.finding import Hit
from ftlint.core.rule import Options
from ftlint.inputs.probe import Probe
from ftlint.rules.context import InputFacts
from ftlint.rules.declare import rule
from ftlint.rules.events import Event


@rule("too-few-examples", severity="error", on=Event.INPUT, tags=["limits"],
      options={"minimum": int})  # fmt: skip
def too_few_examples(facts: InputFacts, options: Options) -> Iterator[Hit]:
    """A file has as many examples as the service asks for.

    OpenAI: "Training file has 7 example(s), but must have at least 10 examples"; Azure's guide
    names 10 as well, for training and validation files alike. Only lines that are objects count.
    While lines that are not could make up the number, nothing is said: mend those first.
    """
    minimum = options["minimum"]
    if facts.kind == "lines" and facts.records < minimum:
        yield Hit(
            None,
            f"{facts.examples} example{'' if facts.examples == 1 else 's'}, "
            f"fewer than the {minimum} that the service asks for",
        )


@rule("few-examples", severity="warning", on=Event.INPUT, tags=["limits"],
      options={"minimum": int, "recommended": int})  # fmt: skip
def few_examples(facts: InputFacts, options: Options) -> Iterator[Hit]:
    """A training file has enough examples to learn from.

    The guides recommend 50 to start with, and hundreds or thousands for good results. A file
    that is checked alone counts as a training file. For reinforcement data see rft-too-few.
    """
    few = options["minimum"] <= facts.examples < options["recommended"]
    if few and facts.role == "train" and facts.format != "reinforcement":
        message = f"{facts.examples} examples, fewer than the {options['recommended']} recommended"
        yield Hit(None, message)


@rule("file-too-large", severity="error", on=Event.FILE, tags=["limits"],
      cases={"near-limit": "warning"}, options={"maximum": int, "near": int})  # fmt: skip
def file_too_large(probe: Probe, options: Options) -> Iterator[Hit]:
    """A file is smaller than the service takes.

    Azure and OpenAI: "less than 512 MB". Whether a megabyte is 1,000,000 or 1,048,576 bytes is
    not said, so what lies between the two readings is a warning (`near-limit`).
    """
    size = probe.size
    if size >= options["maximum"]:
        yield Hit(
            None,
            f"the file has {size:,} bytes, the service takes less than {options['maximum']:,}",
            help="split the data, or leave examples out",
        )
    elif size >= options["near"]:
        message = f"the file has {size:,} bytes; the limit may be {options['near']:,}"
        yield Hit(None, message, case="near-limit")


@rule("file-too-large-for-portal", severity="info", on=Event.FILE, tags=["limits"],
      options={"maximum": int})  # fmt: skip
def file_too_large_for_portal(probe: Probe, options: Options) -> Iterator[Hit]:
    """A file over 200 MB is uploaded by the API, not in the portal.

    Azure's quotas name 200 MB for the portal.
    """
    if probe.size > options["maximum"]:
        message = f"the file has {probe.size:,} bytes, over {options['maximum']:,} for the portal"
        yield Hit(None, message, help="upload it by the API")
