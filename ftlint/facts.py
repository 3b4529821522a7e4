"""What is known of an input when all its lines are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ftlint.config.config import Config
from ftlint.core.report import TOKENS
from ftlint.formats.data_format import FORMATS
from ftlint.inputs.probe import Probe
from ftlint.rules.context import InputFacts
from ftlint.tally import Tally

if TYPE_CHECKING:
    from ftlint.analysis.tokens.totals import Totals


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
