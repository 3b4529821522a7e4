"""Rules on prompt and completion data, driven by `schemas/completion.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.core.edits import DropKey, Fix
from ftlint.core.finding import Hit
from ftlint.core.rule import Options
from ftlint.core.text import show
from ftlint.formats.schema import SchemaFault
from ftlint.rules.declare import rule
from ftlint.rules.events import Event


@rule("legacy-extra-key", severity="error", on=Event.SCHEMA, tags=["completions"], fixable=True)
def legacy_extra_key(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """An example has `prompt` and `completion` and no other key.

    Azure: "Each line's json may only contain two properties: ("context" or "prompt") and
    "completion"."; OpenAI's own preparation tool drops other columns.

    The fix removes the key and its value; it is unsafe, for the value is lost.
    """
    yield Hit(
        fault.pointer,
        f"key {show(fault.pointer[-1])} beside prompt and completion",
        help="keep notes and ids in a file of their own",
        on_key=True,
        fix=Fix("remove the key", safe=False, edits=(DropKey(fault.pointer),)),
    )


@rule("legacy-empty-prompt", severity="info", on=Event.SCHEMA, tags=["completions"],
      cases={"missing": "error"})  # fmt: skip
def legacy_empty_prompt(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A prompt is there, and not empty.

    Azure answered to a file of empty prompts "No valid json line found in file.", though its
    documents once recommended them; OpenAI is not known to refuse one. The key must be there
    (`missing`): OpenAI's preparation tool asks for both columns.
    """
    if fault.case == "missing":
        yield Hit(fault.pointer, "key prompt is missing", case="missing")
    else:
        help_ = "write what the completion goes on from"
        yield Hit(fault.pointer, "the prompt is empty", help=help_)


@rule("legacy-empty-completion", severity="error", on=Event.SCHEMA, tags=["completions"])
def legacy_empty_completion(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """A completion is there, and not empty, for that is what is learnt.

    OpenAI's preparation tool refuses a file without the column, and drops rows where it is empty.
    """
    if fault.keyword == "required":
        yield Hit(fault.pointer, "key completion is missing")
    else:
        yield Hit(fault.pointer, "the completion is empty, so there is nothing to learn")
