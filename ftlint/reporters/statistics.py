"""Output of `ftlint stats`: a description of the data of each input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from ftlint.analysis.statistics.heavy_hitters import KEPT
from ftlint.analysis.statistics.histogram import Histogram
from ftlint.core.report import DATA, InputReport, Report
from ftlint.core.text import plain, sanitize, show
from ftlint.formats.data_format import words
from ftlint.reporters import Style
from ftlint.reporters.draw.bars import bars
from ftlint.reporters.draw.tables import columns
from ftlint.reporters.formats.full import cell_len
from ftlint.reporters.summary import plural, share, size

Data = Mapping[str, Any]
Sized = Mapping[str, Data]
"""Results of `Histogram.to_dict` by name."""

_HEADS = ("min", "5%", "median", "mean", "95%", "max")
_NAME = 40
_SCRIPTS = 12
_LABELS = {"absent": "none given"}
_TOP = 20
"""Maximum names in a list of tools, as in `ftlint.analysis.statistics.counts`."""


def to_dict(report: Report) -> dict[str, Any]:
    """Return plain data for JSON: `files`, whose `data` is null without examples, and `errors`."""
    return {
        "files": [
            {
                "path": entry.path,
                "bytes": entry.bytes,
                "sha256": entry.sha256,
                "lines": entry.lines,
                "examples": entry.examples,
                "format": entry.format,
                "method": entry.method,
                "data": _data(report, entry),
            }
            for entry in report.inputs
        ],
        "errors": report.to_dict()["errors"],
    }


def _data(report: Report, entry: InputReport) -> Data | None:
    data: Data | None = report.statistics.get(entry.path, {}).get(DATA)
    return data if data and data["examples"] else None


def render(report: Report, style: Style) -> Iterator[str]:
    """Yield a description of each input, without sections for which there is no data."""
    for index, entry in enumerate(report.inputs):
        if index:
            yield ""
        kind = words(entry.format) if entry.format else "unknown format"
        examples = f"{plural(entry.examples, 'example')} ({size(entry.bytes)})"
        yield f"{_bold(sanitize(entry.path), style)}: {kind}, {examples}"
        data = _data(report, entry)
        if data is None:
            yield "  no examples to describe"
            continue
        for section in _SECTIONS:
            lines = list(section(data, style))
            if lines:
                yield ""
                yield from lines


def _bold(text: str, style: Style) -> str:
    return click.style(text, bold=True) if style.color else text


def _heading(text: str, style: Style) -> str:
    return f"  {_bold(text, style)}"


def _sizes(data: Data, style: Style) -> Iterator[str]:
    sized = {
        "bytes per example": data["bytes"],
        "messages per example": data["messages"],
        "user messages per example": data["turns"],
        **_answer_lengths(data),
    }
    yield from _table("Sizes", sized, style)


def _answer_lengths(data: Data) -> dict[str, Data]:
    """Return the lengths of the answers, or of both outputs of pairs."""
    outputs = data["outputs"]
    if outputs is None:
        return {"characters per answer": data["answers"]["characters"]}
    return {
        "characters per preferred output": outputs["preferred"],
        "characters per non-preferred output": outputs["non_preferred"],
    }


def _table(title: str, sized: Sized, style: Style) -> Iterator[str]:
    """Yield a table of distributions, without empty ones."""
    filled = {name: sizes for name, sizes in sized.items() if sizes["count"]}
    if filled:
        yield _heading(title, style)
        rows = [["", *_HEADS], *([name, *_row(sizes)] for name, sizes in filled.items())]
        yield from columns(rows, indent=4)


def _row(sizes: Data) -> list[str]:
    """Format a distribution in the columns of `_HEADS`, without cells if it is empty."""
    if not sizes["count"]:
        return []
    at = sizes["percentiles"]
    cells = (sizes["minimum"], at["5"], at["50"], sizes["mean"], at["95"], sizes["maximum"])
    return [f"{number:,.1f}" if isinstance(number, float) else f"{number:,}" for number in cells]


def _histograms(data: Data, style: Style) -> Iterator[str]:
    sized = {
        "messages per example": data["messages"],
        "bytes per example": data["bytes"],
        **_answer_lengths(data),
        "pixels of the longer side of images": data["images"]["pixels"],
    }
    varied = {
        name: sizes
        for name, sizes in sized.items()
        if sizes["count"] and sizes["minimum"] < sizes["maximum"]
    }
    for index, (name, sizes) in enumerate(varied.items()):
        if index:
            yield ""
        yield _heading(name.capitalize(), style)
        yield from bars(Histogram.from_dict(sizes), style)


def _roles(data: Data, style: Style) -> Iterator[str]:
    if data["roles"]:
        yield _heading("Roles, and characters per message", style)
        rows = [["", "messages", *_HEADS]]
        for name, role in data["roles"].items():
            rows.append([plain(name, _NAME), f"{role['messages']:,}", *_row(role["characters"])])
        yield from columns(rows, indent=4)


def _prompts(data: Data, style: Style) -> Iterator[str]:
    prompts = data["system_prompts"]
    if prompts["distinct"] == 0:
        return
    without = prompts["without"]
    lack = f"{plural(without, 'example')} without" if without else "every example has one"
    one = "one" if prompts["distinct"] == 1 else _distinct(prompts["distinct"])
    yield _heading(f"System prompts: {one}, {lack}", style)
    yield from _top(prompts["top"], style)


def _answers(data: Data, style: Style) -> Iterator[str]:
    answers = data["answers"]
    count, distinct = answers["characters"]["count"], answers["distinct"]
    if count:
        kind = "answer" if data["outputs"] is None else "preferred answer"
        different = "all different" if distinct == count else _distinct(distinct)
        repeated = "; repeated most often" if answers["repeated"] else ""
        about = ", about" if repeated and distinct is None else ""
        yield _heading(f"{plural(count, kind)}, {different}{repeated}{about}", style)
        yield from _top(answers["repeated"], style)


def _distinct(count: int | None) -> str:
    return f"more than {KEPT:,} different" if count is None else f"{count:,} different"


def _top(texts: Sequence[Data], style: Style) -> Iterator[str]:
    """Yield texts cut to the width, with their counts and lengths."""
    wide = max((len(f"{entry['times']:,}") for entry in texts), default=0)
    for entry in texts:
        cut = entry["length"] > len(entry["text"])
        start = f"    {entry['times']:>{wide},} x "
        length = f" ({plural(entry['length'], 'character')})"
        room = max(style.width - len(start) - len(length), 20)
        yield f"{start}{_fitted(entry['text'] + '…' * cut, room)}{length}"


def _fitted(text: str, width: int) -> str:
    """Return a text of the data cut to `width` cells."""
    limit = width
    shown = show(text, limit)
    while (over := cell_len(shown) - width) > 0 and limit > 1:
        limit = max(min(limit, len(text)) - over, 1)
        shown = show(text, limit)
    return shown


def _weights(data: Data, style: Style) -> Iterator[str]:
    weights = data["weights"]
    if weights["absent"] < sum(weights.values()):
        yield _heading("Weights of assistant messages", style)
        named = {**_LABELS, "0": "0 (not trained on)", "other": "another value"}
        rows = [[named.get(key, key), f"{count:,}"] for key, count in weights.items() if count]
        yield from columns(rows, indent=4)


def _tools(data: Data, style: Style) -> Iterator[str]:
    tools = data["tools"]
    if not tools["examples"] and not tools["calls"]:
        return
    yield _heading(
        f"Tools: in {plural(tools['examples'], 'example')}{_each(tools['per_example'])}, "
        f"{plural(tools['calls'], 'call')}",
        style,
    )
    defined, called = (
        {entry["text"]: entry["times"] for entry in tools[key]} for key in ("defined", "called")
    )
    names = [*defined, *(name for name in called if name not in defined)]
    rows = ([plain(name, _NAME), _times(defined, name), _times(called, name)] for name in names)
    yield from columns([["", "defined", "called"], *rows], indent=4)
    unlisted = [name for name in tools["uncalled"] or () if name not in defined]
    if unlisted:
        yield f"    also never called: {', '.join(plain(name, _NAME) for name in unlisted)}"


def _each(sizes: Data) -> str:
    """Return the number of tools of an example with tools, as a text."""
    low, high = sizes["minimum"], sizes["maximum"]
    if not sizes["count"]:
        return ""
    return f" ({low:,} each)" if low == high else f" ({low:,} to {high:,} each)"


def _times(top: Mapping[str, int], name: str) -> str:
    """Format the count of a name, empty if it may be too rare for the list."""
    return f"{top[name]:,}" if name in top else "" if len(top) == _TOP else "0"


def _images(data: Data, style: Style) -> Iterator[str]:
    images = data["images"]
    if not images["count"]:
        return
    whole = f"Images: {images['count']:,} in {plural(images['examples'], 'example')}"
    yield _heading(whole, style)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in images["kinds"].items())
    named = {_LABELS.get(name, name): count for name, count in images["detail"].items() if count}
    detail = ", ".join(f"{count:,} {name}" for name, count in named.items())
    yield from columns([["kind", kinds], ["detail", detail]], indent=4, left=2)
    sized = {"bytes": images["bytes"], "pixels of the longer side": images["pixels"]}
    yield from list(_table("", sized, style))[1:]


def _scripts(data: Data, style: Style) -> Iterator[str]:
    scripts = list(data["scripts"].items())
    if not scripts:
        return
    letters = sum(counts["letters"] for _, counts in scripts)
    yield _heading("Scripts, and examples that are mostly in each", style)
    rows = [["", "letters", "share", "examples"]]
    for name, counts in scripts[:_SCRIPTS]:
        part = share(counts["letters"], letters)
        rows.append([name, f"{counts['letters']:,}", part, f"{counts['examples']:,}"])
    yield from columns(rows, indent=4)
    if len(scripts) > _SCRIPTS:
        yield f"    and {len(scripts) - _SCRIPTS:,} more"


def _fields(data: Data, style: Style) -> Iterator[str]:
    if data["fields"]:
        yield _heading("Fields besides messages, and examples that have them", style)
        rows = [[plain(name, _NAME), f"{count:,}"] for name, count in data["fields"].items()]
        yield from columns(rows, indent=4)


_SECTIONS: tuple[Callable[[Data, Style], Iterator[str]], ...] = (
    _sizes,
    _histograms,
    _roles,
    _prompts,
    _answers,
    _weights,
    _tools,
    _images,
    _scripts,
    _fields,
)
"""The sections in order; one without data yields nothing."""
