"""What is known of an input when all its lines are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from ftlint.config.config import Config
from ftlint.core.report import TOKENS
from ftlint.formats.data_format import FORMATS
from ftlint.inputs.probe import Probe
from ftlint.tally import Tally

if TYPE_CHECKING:
    from ftlint.analysis.tokens.totals import Totals


class InputFacts(NamedTuple):
    """What is known of an input when all its lines are read.

    `kind`, `format`, `fields` and `role` are as in `Probe`, `size` is in bytes (None where it is
    not known); `records` are the non-blank lines, `examples` those that are objects, and `method`
    what these train. `tokens` are there when all were counted.
    """

    path: str
    kind: str
    format: str | None
    lines: int
    records: int
    examples: int
    fields: tuple[tuple[str, str], ...] = ()
    role: str = "train"
    method: str | None = None
    size: int | None = None
    tokens: Totals | None = None


class Pair(NamedTuple):
    """A training file and the file to validate with."""

    train: InputFacts
    validation: InputFacts


def facts_of(tally: Tally, looked: Probe, config: Config) -> InputFacts:
    """Return what a tally knows of an input."""
    known = FORMATS.get(looked.format or "")
    segments = tally.segments.get(looked.path, {}).values()
    return InputFacts(
        path=looked.path,
        kind=looked.kind,
        format=looked.format,
        lines=sum(segment.lines for segment in segments),
        records=sum(segment.records for segment in segments),
        examples=sum(segment.examples for segment in segments),
        fields=looked.fields,
        role=looked.role,
        method=config.method or (known.method if known else None),
        size=looked.size,
        tokens=cast("Totals | None", tally.states.get((looked.path, TOKENS))),
    )
