"""What `ftlint stats` prints: a picture of the data of each input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from ftlint.formats import words
from ftlint.frequent import KEPT
from ftlint.histogram import Histogram
from ftlint.locate import plain, sanitize, show
from ftlint.report import InputReport, Report
from ftlint.reporters import Style
from ftlint.reporters.bars import bars
from ftlint.reporters.columns import columns
from ftlint.reporters.full import cell_len
from ftlint.reporters.summary import plural, share, size
from ftlint.tally import DATA

Data = Mapping[str, Any]
Sized = Mapping[str, Data]
"""What `Histogram.to_dict` wrote, by what it is of."""

_HEADS = ("least", "5%", "median", "mean", "95%", "most")
_NAME = 40
_SCRIPTS = 12
_OWN = {"absent": "none given"}
_TOP = 20
"""Names of tools that a list holds at most."""


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
    """Yield a picture of each input; what is not in the data is not in the picture."""
    for place, entry in enumerate(report.inputs):
        if place:
            yield ""
        known = words(entry.format) if entry.format else "unknown format"
        examples = f"{plural(entry.examples, 'example')} ({size(entry.bytes)})"
        yield f"{_bold(sanitize(entry.path), style)}: {known}, {examples}"
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
        **_said(data),
    }
    yield from _table("Sizes", sized, style)


def _said(data: Data) -> dict[str, Data]:
    """Return the lengths of what is to be learnt; those of pairs side by side."""
    outputs = data["outputs"]
    if outputs is None:
        return {"characters per answer": data["answers"]["characters"]}
    return {
        "characters per preferred output": outputs["preferred"],
        "characters per non-preferred output": outputs["non_preferred"],
    }


def _table(title: str, sized: Sized, style: Style) -> Iterator[str]:
    """Yield what is to be said of distributions, those left out that hold nothing."""
    known = {name: sizes for name, sizes in sized.items() if sizes["count"]}
    if known:
        yield _heading(title, style)
        rows = [["", *_HEADS], *([name, *_row(sizes)] for name, sizes in known.items())]
        yield from columns(rows, indent=4)


def _row(sizes: Data) -> list[str]:
    """Write a distribution in the columns of `_HEADS`; nothing of nothing."""
    if not sizes["count"]:
        return []
    at = sizes["percentiles"]
    whole = (sizes["minimum"], at["5"], at["50"], sizes["mean"], at["95"], sizes["maximum"])
    return [f"{number:,.1f}" if isinstance(number, float) else f"{number:,}" for number in whole]


def _histograms(data: Data, style: Style) -> Iterator[str]:
    sized = {
        "messages per example": data["messages"],
        "bytes per example": data["bytes"],
        **_said(data),
        "pixels of the longer side of images": data["images"]["pixels"],
    }
    varied = {
        name: sizes
        for name, sizes in sized.items()
        if sizes["count"] and sizes["minimum"] < sizes["maximum"]
    }
    for place, (name, sizes) in enumerate(varied.items()):
        if place:
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
        again = "; repeated most often" if answers["repeated"] else ""
        about = ", about" if again and distinct is None else ""
        yield _heading(f"{plural(count, kind)}, {different}{again}{about}", style)
        yield from _top(answers["repeated"], style)


def _distinct(count: int | None) -> str:
    return f"more than {KEPT:,} different" if count is None else f"{count:,} different"


def _top(texts: Sequence[Data], style: Style) -> Iterator[str]:
    """Yield texts that fit into their lines, and how often each of them occurs."""
    wide = max((len(f"{entry['times']:,}") for entry in texts), default=0)
    for entry in texts:
        cut = entry["length"] > len(entry["text"])
        start = f"    {entry['times']:>{wide},} x "
        length = f" ({plural(entry['length'], 'character')})"
        room = max(style.width - len(start) - len(length), 20)
        yield f"{start}{_fitted(entry['text'] + '…' * cut, room)}{length}"


def _fitted(text: str, room: int) -> str:
    """Write a text of the data in so many cells."""
    limit = room
    shown = show(text, limit)
    while (over := cell_len(shown) - room) > 0 and limit > 1:
        limit = max(min(limit, len(text)) - over, 1)
        shown = show(text, limit)
    return shown


def _weights(data: Data, style: Style) -> Iterator[str]:
    weights = data["weights"]
    if weights["absent"] < sum(weights.values()):
        yield _heading("Weights of assistant messages", style)
        named = {**_OWN, "0": "0 (not learnt)", "other": "another value"}
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
    left = [name for name in tools["uncalled"] or () if name not in defined]
    if left:
        yield f"    never called either: {', '.join(plain(name, _NAME) for name in left)}"


def _each(sizes: Data) -> str:
    """Say how many tools an example has that has some."""
    low, high = sizes["minimum"], sizes["maximum"]
    if not sizes["count"]:
        return ""
    return f" ({low:,} each)" if low == high else f" ({low:,} to {high:,} each)"


def _times(top: Mapping[str, int], name: str) -> str:
    """Write how often a name occurs; of one that is not among the most frequent, nothing."""
    return f"{top[name]:,}" if name in top else "" if len(top) == _TOP else "0"


def _images(data: Data, style: Style) -> Iterator[str]:
    images = data["images"]
    if not images["count"]:
        return
    whole = f"Images: {images['count']:,} in {plural(images['examples'], 'example')}"
    yield _heading(whole, style)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in images["kinds"].items())
    told = {_OWN.get(name, name): count for name, count in images["detail"].items() if count}
    detail = ", ".join(f"{count:,} {name}" for name, count in told.items())
    yield from columns([["kind", kinds], ["detail", detail]], indent=4, left=2)
    sized = {"bytes": images["bytes"], "pixels of the longer side": images["pixels"]}
    yield from list(_table("", sized, style))[1:]


def _scripts(data: Data, style: Style) -> Iterator[str]:
    scripts = list(data["scripts"].items())
    if not scripts:
        return
    letters = sum(found["letters"] for _, found in scripts)
    yield _heading("Scripts, and examples that are mostly in each", style)
    rows = [["", "letters", "share", "examples"]]
    for name, found in scripts[:_SCRIPTS]:
        part = share(found["letters"], letters)
        rows.append([name, f"{found['letters']:,}", part, f"{found['examples']:,}"])
    yield from columns(rows, indent=4)
    if len(scripts) > _SCRIPTS:
        yield f"    and {len(scripts) - _SCRIPTS:,} more"


def _fields(data: Data, style: Style) -> Iterator[str]:
    if data["fields"]:
        yield _heading("Fields beside messages, and examples that have them", style)
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
"""The parts of a picture, in order; a part of which there is nothing yields nothing."""
