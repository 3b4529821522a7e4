"""Summary and colours shared by the text formats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from ftlint.core.finding import FixSummary
from ftlint.core.report import InputReport, Report
from ftlint.core.text import sanitize
from ftlint.inputs.paths import STDIN
from ftlint.inputs.remote import is_url
from ftlint.inputs.streams import SUFFIXES
from ftlint.reporters import Style

_COLORS = {"error": "red", "warning": "yellow", "info": "cyan", "passed": "green"}


def paint(text: str, kind: str, style: Style) -> str:
    """Return `text` in the colour of a severity or verdict, if the style has colours."""
    if not style.color:
        return text
    return click.style(text, fg=_COLORS.get(kind), bold=kind in ("error", "passed"))


def summary(report: Report, style: Style) -> Iterator[str]:
    """Yield the counts of findings not shown, and the verdict on each input."""
    for entry in report.inputs:
        omitted = report.truncated.get(entry.path, {})
        if omitted and style.verbosity >= 0:
            rules = ", ".join(f"{count:,} {rule}" for rule, count in omitted.items())
            yield f"{sanitize(entry.path)}: not shown: {rules} (--max-findings 0 shows all)"
    fixes: dict[str, list[FixSummary]] = {}
    for finding in report.findings:
        if finding.fix:
            fixes.setdefault(finding.location.path, []).append(finding.fix)
    for entry in report.inputs:
        own = fixes.get(entry.path, [])
        yield _verdict(entry, own, style, more=entry.path in report.truncated)
    if len(report.inputs) > 1:
        passed = sum(entry.passed for entry in report.inputs)
        files = f"{len(report.inputs):,} files: {passed:,} passed"
        if passed < len(report.inputs):
            files += f", {len(report.inputs) - passed:,} failed"
        yield f"{files}; {counted(report.counts)}"


def _verdict(entry: InputReport, fixes: list[FixSummary], style: Style, *, more: bool) -> str:
    """Return the verdict on an input; `more` tells that some of its findings are not stored.

    Fixes are counted for a file that `ftlint fix` can write: uncompressed, on this machine.
    """
    verdict = paint("passed", "passed", style) if entry.passed else paint("failed", "error", style)
    examples = plural(entry.examples, "example")
    text = f"{sanitize(entry.path)}: {verdict}, {counted(entry.counts)} in {examples} "
    text += f"({size(entry.bytes)})"
    if entry.path == STDIN or is_url(entry.path) or entry.path.endswith(tuple(SUFFIXES)):
        return text
    safe = sum(fix.safe for fix in fixes)
    least = " or more" if more else ""
    if safe:
        text += f"; {safe:,}{least} fixable with --fix"
    if len(fixes) > safe:
        text += f"; {len(fixes) - safe:,} more with --unsafe-fixes"
    return text


def counted(counts: Mapping[str, int]) -> str:
    """Format counts by severity: "2 errors and 1 warning"."""
    words = [plural(count, severity) for severity, count in counts.items() if count]
    if len(words) > 1:
        return f"{', '.join(words[:-1])} and {words[-1]}"
    return words[0] if words else "no findings"


def plural(count: int, word: str) -> str:
    """Format a count and its noun."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def size(count: int) -> str:
    """Format a number of bytes with its unit, in powers of 1,000."""
    if count < 1000:
        return plural(count, "byte")
    value = count / 1000
    for unit in ("kB", "MB"):
        if round(value, 1) < 1000:
            return f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} GB"


def share(part: float, whole: float) -> str:
    """Format a part of a whole in percent."""
    percent = 100 * part / whole if whole else 0
    if 0 < percent < 0.1:
        return "under 0.1%"
    if 99.9 < percent < 100:
        return "over 99.9%"
    return f"{percent:.1f}%" if percent % 1 else f"{percent:.0f}%"
