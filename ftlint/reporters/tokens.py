"""Output of `ftlint tokens`: counts, percentiles, epochs and costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ftlint.analysis.statistics.histogram import PERCENTILES, Histogram, merged
from ftlint.analysis.tokens.cost import money, of_tier
from ftlint.core.report import TOKENS, InputReport, Report
from ftlint.core.text import sanitize
from ftlint.reporters import Style
from ftlint.reporters.draw.bars import bars
from ftlint.reporters.draw.tables import columns
from ftlint.reporters.summary import plural, share, size

_SUMS = (
    "examples",
    "estimated",
    "tokens",
    "trainable_tokens",
    "image_tokens",
    "tool_tokens",
    "over_context",
    "lost_tokens",
)


def to_dict(report: Report) -> dict[str, Any]:
    """Return plain data for JSON: `total`, `files` and `errors`."""
    files = [_file(entry, report.statistics) for entry in report.inputs]
    errors = report.to_dict()["errors"]
    return {"total": _total([entry for entry in files if "tokens" in entry]), "files": files,
            "errors": errors}  # fmt: skip


def _file(entry: InputReport, statistics: Mapping[str, Any]) -> dict[str, Any]:
    tokens = statistics.get(entry.path, {}).get(TOKENS, {})
    return {
        "path": entry.path,
        "bytes": entry.bytes,
        "sha256": entry.sha256,
        "lines": entry.lines,
        "format": entry.format,
        "method": entry.method,
        **tokens,
    }


def _total(files: list[dict[str, Any]]) -> dict[str, Any]:
    billed = [entry["billed_tokens"] for entry in files if entry["billed_tokens"] is not None]
    roles = sorted({role for entry in files for role in entry["roles"]})
    return {
        "files": len(files),
        **{key: sum(entry[key] for entry in files) for key in _SUMS},
        "per_example": _merge(entry["per_example"] for entry in files),
        "roles": {
            role: _merge(entry["roles"][role] for entry in files if role in entry["roles"])
            for role in roles
        },
        "billed_tokens": sum(billed) if billed else None,
        "cost": _costs(files),
    }


def _merge(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return merged(map(Histogram.from_dict, parts)).to_dict()


def _costs(files: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the costs by model and tier, summed over files, None if one of them is unknown."""
    total: dict[tuple[str, str], dict[str, Any]] = {}
    for row in (row for entry in files for row in entry["cost"]):
        sum_ = total.setdefault((row["model"], row["tier"]), {**row, "cost": [0.0, 0.0]})
        if sum_["cost"] and row["cost"]:
            sum_["cost"] = [sum(pair) for pair in zip(sum_["cost"], row["cost"], strict=True)]
        else:
            sum_["cost"] = None
    return list(total.values())


def render(report: Report, style: Style) -> Iterator[str]:
    """Yield the token counts of each input, and their totals."""
    data = to_dict(report)
    for index, entry in enumerate(data["files"]):
        if index:
            yield ""
        examples = plural(entry.get("examples", 0), "example")
        yield f"{sanitize(entry['path'])}: {examples} ({size(entry['bytes'])})"
        if entry.get("examples"):
            yield from _input(entry, style)
        else:
            yield "  no examples to count tokens in"
    if len(data["files"]) > 1:
        yield ""
        total = data["total"]
        yield f"{total['files']:,} files: {plural(total['examples'], 'example')}"
        yield from _sums(total)
        yield from _percentiles(total)
        yield from _prices(total["cost"])


def estimate(counted: Mapping[str, Any], tier: str | None) -> Iterator[str]:
    """Yield the tokens and cost of a job in a tier; see `ftlint.analysis.tokens.cost.estimate`."""
    yield from _sums(counted)
    yield from _job({**counted, "cost": of_tier(counted["cost"], tier)})


def _input(entry: Mapping[str, Any], style: Style) -> Iterator[str]:
    yield from _sums(entry)
    yield f"  counted with {entry['encoding']}{_why(entry)}"
    if entry["estimated"]:
        yield f"  an estimate: {plural(entry['estimated'], 'example')} with images of unknown size"
    yield ""
    yield from _percentiles(entry)
    yield ""
    yield "  tokens per example"
    yield from bars(Histogram.from_dict(entry["per_example"]), style)
    yield ""
    yield from _longest(entry)
    yield from _job(entry)


def _why(entry: Mapping[str, Any]) -> str:
    """Return the reason for the choice of an encoding."""
    if entry["note"]:
        return f", an estimate: {sanitize(entry['note'])}"
    if entry["model"] is None:
        return ", the default without --model"
    return f", the tokenizer of {sanitize(entry['model'])}"


def _sums(entry: Mapping[str, Any]) -> Iterator[str]:
    tokens, trainable = entry["tokens"], entry["trainable_tokens"]
    text = f"  {tokens:,} tokens, {trainable:,} of them trainable ({share(trainable, tokens)})"
    for key, kind in (("tool_tokens", "tool definitions"), ("image_tokens", "images")):
        if entry[key]:
            text += f", {entry[key]:,} in {kind}"
    yield text


def _percentiles(entry: Mapping[str, Any]) -> Iterator[str]:
    heads = ["tokens", "min", *(f"{percent}%" for percent in PERCENTILES), "max", "total"]
    named = {"per example": entry["per_example"]}
    named |= {f"per {role} message": sizes for role, sizes in entry["roles"].items()}
    yield from columns([heads, *(_row(name, sizes) for name, sizes in named.items())])


def _row(name: str, sizes: Mapping[str, Any]) -> list[str]:
    numbers = [sizes["minimum"], *sizes["percentiles"].values(), sizes["maximum"], sizes["sum"]]
    return [name, *(f"{number or 0:,}" for number in numbers)]


def _longest(entry: Mapping[str, Any]) -> Iterator[str]:
    longest = ", ".join(f"{row['tokens']:,} (line {row['line']:,})" for row in entry["longest"][:5])
    yield f"  longest   {longest}"
    limit, over = entry["context"], entry["over_context"]
    if limit is None:
        yield f"  context   unknown{' for this model' if entry['model'] else ''}"
    elif over:
        are = "is longer and loses" if over == 1 else "are longer and lose"
        lost = f"{plural(over, 'example')} {are} {entry['lost_tokens']:,} tokens"
        yield f"  context   {limit:,}: {lost}"
    else:
        pair = entry["format"] == "preference"  # each of its outputs is a sequence of its own
        yield f"  context   {limit:,}: no {'input with an output' if pair else 'example'} is longer"


def _job(entry: Mapping[str, Any]) -> Iterator[str]:
    billed = entry["billed_tokens"]
    if billed is None:
        yield "  billed    by the hour, not by tokens"
    else:
        given = entry["epochs_source"] == "given"
        source = "as given" if given else "the default of OpenAI and Azure"
        yield f"  epochs    {entry['epochs']} ({source} for {plural(entry['examples'], 'example')})"
        once = entry["tokens"] - entry["lost_tokens"]
        limit = f"; the limit of a job is {entry['limit']['tokens']:,}" if entry["limit"] else ""
        yield f"  billed    {billed:,} tokens: {once:,} x {plural(entry['epochs'], 'epoch')}{limit}"
    yield from _prices(entry["cost"])


def _prices(costs: list[dict[str, Any]]) -> Iterator[str]:
    if not costs:
        yield "  cost      unknown: give --model, or a price table with --prices"
        return
    yield ""
    rows = [["cost", "tier", "per", "price", "total"]]
    for row in costs:
        currency = row["currency"]
        named = [sanitize(row["model"]), sanitize(row["tier"]), row["unit"]]
        rows.append([*named, money(row["price"], currency), money(row["cost"], currency)])
    yield from columns(rows, left=3)
    for source, checked in dict.fromkeys((row["source"], row["checked"]) for row in costs):
        if source:
            yield f"  source: {sanitize(source)} (checked {sanitize(checked)})"
    if any(row["price"] is None for row in costs):
        yield "  give unknown prices with --prices FILE"
