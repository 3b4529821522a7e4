"""Reporter with an excerpt for each finding, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ftlint.core.finding import Excerpt, Finding
from ftlint.core.report import Report
from ftlint.core.text import UNSAFE, escape, sanitize
from ftlint.reporters import Style
from ftlint.reporters.summary import paint, summary

_CUT = "…"


def render(report: Report, style: Style) -> Iterator[str]:
    """Yield each finding with an excerpt and carets; findings of severity info only with -v."""
    if style.verbosity >= 0:
        for finding in report.findings:
            if finding.severity != "info" or style.verbosity > 0:
                yield from _finding(finding, style)
                yield ""
    yield from summary(report, style)


def _finding(finding: Finding, style: Style) -> Iterator[str]:
    where = finding.location
    title = paint(f"{finding.severity}[{finding.rule}]", finding.severity, style)
    yield f"{title}: {sanitize(finding.message)}"
    example = f" (example {where.example})" if where.example else ""
    pointer = f" {sanitize(where.pointer)}" if where.pointer else ""
    yield f"  --> {sanitize(where.path)}:{where.line}:{where.column}{example}{pointer}"
    margin = " " * len(str(where.line))
    help_ = sanitize(finding.help or "")
    if finding.excerpt is not None and finding.excerpt.text:
        text, marks = _excerpt(finding.excerpt, style.width - len(margin) - 3)
        fits = cell_len(marks) + cell_len(help_) + len(margin) + 4 <= style.width
        if help_ and fits:
            marks, help_ = f"{marks} {help_}", ""
        yield f"{margin} |"
        yield f"{where.line} | {text}"
        yield f"{margin} | {paint(marks, finding.severity, style)}"
    for related in finding.related:
        place = related.location
        yield f"{margin} = {sanitize(related.message)}: line {place.line}, column {place.column}"
    if help_:
        yield f"{margin} = help: {help_}"
    more = f"more: ftlint rule {finding.rule}"
    if finding.fix is None:
        yield f"{margin} = {more}"
    else:
        safe = "safe" if finding.fix.safe else "unsafe"
        yield f"{margin} = fix: {sanitize(finding.fix.title)} ({safe})     {more}"


def cell_len(text: str) -> int:
    """Return the width of a text in terminal cells."""
    from rich.cells import cell_len as cells  # noqa: PLC0415 - 30 ms that a clean file can save

    return cells(text)


def _excerpt(excerpt: Excerpt, width: int) -> tuple[str, str]:
    """Return an excerpt cut to `width` cells around its mark, and its line of carets."""
    unsafe = {match.start() for match in UNSAFE.finditer(excerpt.text)}
    cells = [
        escape(character) if index in unsafe else character
        for index, character in enumerate(excerpt.text)
    ]
    widths = [cell_len(cell) for cell in cells]
    start, stop = _window(widths, excerpt.start, max(width - 2, 20))
    before = _CUT if start or excerpt.cut_before else ""
    after = _CUT if stop < len(cells) or excerpt.cut_after else ""
    marked = sum(widths[max(excerpt.start, start) : min(excerpt.end, stop)])
    indent = len(before) + sum(widths[start : excerpt.start])
    return f"{before}{''.join(cells[start:stop])}{after}", " " * indent + "^" * max(marked, 1)


def _window(widths: Sequence[int], mark: int, width: int) -> tuple[int, int]:
    """Return the range to show: a third of the width before the mark, the rest after it."""
    start, used = mark, 0
    while start and used + widths[start - 1] <= width // 3:
        start -= 1
        used += widths[start]
    stop = mark
    while stop < len(widths) and used + widths[stop] <= width:
        used += widths[stop]
        stop += 1
    while start and used + widths[start - 1] <= width:
        start -= 1
        used += widths[start]
    return start, stop
