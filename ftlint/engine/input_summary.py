"""The facts of an input and the statistics of a report, both read off a tally."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from ftlint.analysis.tokens.cost import costs, epochs_of
from ftlint.analysis.tokens.vocabulary import encoding_of
from ftlint.config.config import Config
from ftlint.core.report import DATA, TOKENS
from ftlint.engine.tally import Segment, Tally
from ftlint.formats.data_format import FORMATS
from ftlint.inputs.probe import Probe
from ftlint.rules.context import InputFacts

if TYPE_CHECKING:
    from ftlint.analysis.statistics.dataset import Statistics
    from ftlint.analysis.tokens.totals import Totals


def facts_of(tally: Tally, probed: Probe, config: Config) -> InputFacts:
    """Return the facts of an input; the tally holds all its lines."""
    data_format = FORMATS.get(probed.format or "")
    segments = tally.segments.get(probed.path, {}).values()
    return InputFacts(
        path=probed.path,
        kind=probed.kind,
        format=probed.format,
        lines=sum(segment.lines for segment in segments),
        records=sum(segment.records for segment in segments),
        examples=sum(segment.examples for segment in segments),
        fields=probed.fields,
        role=probed.role,
        method=config.method or (data_format.method if data_format else None),
        size=probed.size,
        tokens=totals.billed if (totals := _totals(tally, probed.path)) else None,
    )


def _totals(tally: Tally, path: str) -> Totals | None:
    return cast("Totals | None", tally.states.get((path, TOKENS)))


_LIMIT = "too-many-training-tokens"


def statistics_of(
    parts: Mapping[str, Tally], probes: Iterable[Probe], config: Config
) -> dict[str, Any]:
    """Return the statistics of each input, by rule, and under `DATA` and `TOKENS`."""
    statistics: dict[str, Any] = {}
    for probed in sorted(probes, key=lambda probed: probed.path):
        tally = parts[probed.path]
        facts = facts_of(tally, probed, config)
        numbers = {
            name: numbers
            for (_, name), state in sorted(tally.states.items(), key=lambda item: item[0])
            if (numbers := getattr(state, "statistics", None))
        }
        if data := tally.states.get((probed.path, DATA)):
            numbers[DATA] = cast("Statistics", data).to_dict()
        if totals := _totals(tally, probed.path):
            bases = _bases(tally.segments[probed.path])
            numbers[TOKENS] = {**totals.to_dict(bases), **_account(facts, config)}
        if numbers:
            statistics[probed.path] = numbers
    return statistics


def _bases(segments: Mapping[int, Segment]) -> dict[int, tuple[int, int]]:
    """Return the lines and the examples (non-blank lines) before each range of an input."""
    bases, lines, records = {}, 0, 0
    for start, segment in sorted(segments.items()):
        bases[start] = (lines, records)
        lines, records = lines + segment.lines, records + segment.records
    return bases


def _account(facts: InputFacts, config: Config) -> dict[str, Any]:
    """Return how tokens were counted, and the billed tokens and cost of a job over them."""
    job = config.job
    model = job.get("model")
    encoding, note = encoding_of(model)
    epochs = epochs_of(job, facts.method, facts.examples)
    tokens = (facts.tokens or 0) * epochs
    trained = facts.role == "train"
    billing = ("hour" if facts.method == "rft" else "tokens") if trained else "none"
    by_tokens = billing == "tokens"
    estimates = costs(job["prices"], job["profile"], facts.method, model, tokens) if trained else ()
    return {
        "model": model["name"] if model else None,
        "encoding": encoding,
        "note": note or None,
        "epochs": epochs if by_tokens else None,
        "epochs_source": "given" if "epochs" in job else "default",
        "billing": billing,
        "billed_tokens": tokens if by_tokens else None,
        "limit": {"tokens": config.options[_LIMIT]["maximum"], "reached": tokens}
        if by_tokens and _LIMIT in config.levels
        else None,
        "cost": [
            {
                **cost._asdict(),
                "price": list(cost.price) if cost.price else None,
                "cost": [round(amount, 10) for amount in cost.cost] if cost.cost else None,
            }
            for cost in estimates
        ],
    }
