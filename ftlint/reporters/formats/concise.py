"""Reporter with one line for each finding, for editors, grep and logs."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.core.report import Report
from ftlint.core.text import sanitize
from ftlint.reporters import Style
from ftlint.reporters.summary import paint, summary


def render(report: Report, style: Style) -> Iterator[str]:
    """Yield `path:line:column: severity[rule] message`, then a summary of each input."""
    if style.verbosity >= 0:
        for finding in report.findings:
            where = finding.location
            severity = paint(f"{finding.severity}[{finding.rule}]", finding.severity, style)
            place = f"{sanitize(where.path)}:{where.line}:{where.column}"
            yield f"{place}: {severity} {sanitize(finding.message)}"
    yield from summary(report, style)
