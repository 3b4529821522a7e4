"""Reporter for a self-contained HTML page without scripts.

`pages.environment` escapes all values, except the documentation of rules, which markdown-it renders
with HTML disabled. The page's policy allows only its own style sheet, by hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Environment
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from ftlint.analysis.tokens.cost import money
from ftlint.core.finding import Finding
from ftlint.core.report import DATA, TOKENS, InputReport, Report
from ftlint.core.text import sanitize
from ftlint.reporters import Style
from ftlint.reporters.docs.rule_docs import explain, to_markdown
from ftlint.reporters.draw.histogram_svg import HEIGHT, chart, mean, number
from ftlint.reporters.draw.pages import environment, lines, stylesheet
from ftlint.reporters.summary import counted, plural, share, size
from ftlint.rules import load_rules

PICTURED = True
"""The page shows statistics and all token counts besides."""

SHOWN = 20
"""Number of visible findings of a rule; the others are folded."""

_WORST = ("error", "warning", "info")


class Group(NamedTuple):
    """The findings of a rule.

    `counts` are exact, by severity; `findings` are the stored ones, `missing` counts the others by
    path. `doc` is the rule's documentation, None for an unknown rule.
    """

    rule: str
    severity: str
    counts: Mapping[str, int]
    summary: Markup
    findings: Sequence[Finding]
    missing: Mapping[str, int]
    doc: Markup | None

    @property
    def total(self) -> int:
        """Number of findings of the rule."""
        return sum(self.counts.values())


class InputStatistics(NamedTuple):
    """Statistics and token counts of an input, None where they were not computed."""

    input: InputReport
    data: Mapping[str, Any] | None
    tokens: Mapping[str, Any] | None


def render(report: Report, style: Style) -> Iterator[str]:
    """Yield the lines of the page, deterministically."""
    sections = [_statistics_of(entry, report.statistics) for entry in report.inputs]
    page = _environment().get_template("report.html.j2")
    yield from lines(
        page.generate(
            report=report,
            verdict=_verdict(report),
            groups=list(_groups(report)),
            shown=SHOWN,
            sections=sections,
            level=3 if len(sections) == 1 else 4,
            counted=counted(report.counts),
            **stylesheet("report.css"),
        )
    )


@cache
def _environment() -> Environment:
    templates = environment(number=number, size=size, mean=mean, money=money, share=share)
    templates.globals.update(chart=chart, plural=plural, height=HEIGHT)
    return templates


def _statistics_of(entry: InputReport, statistics: Mapping[str, Any]) -> InputStatistics:
    own = statistics.get(entry.path, {})
    return InputStatistics(entry, own.get(DATA), own.get(TOKENS))


def _verdict(report: Report) -> str:
    """Return the verdict; errors of the run leave it open if nothing failed."""
    if not all(entry.passed for entry in report.inputs):
        return "failed"
    return "passed" if report.passed else "no verdict"


def _groups(report: Report) -> Iterator[Group]:
    """Yield the findings by rule, in order of severity, then of count."""
    stored: dict[str, list[Finding]] = {rule: [] for rule in report.rules}
    for finding in report.findings:
        stored[finding.rule].append(finding)

    def rank(rule: str) -> tuple[int, int, str]:
        counts = report.rules[rule]
        worst = _WORST.index(_severity(counts))
        return worst, -sum(counts.values()), rule

    for rule in sorted(stored, key=rank):
        missing = {
            path: counts[rule] for path, counts in report.truncated.items() if rule in counts
        }
        yield Group(
            rule=rule,
            severity=_severity(report.rules[rule]),
            counts=report.rules[rule],
            summary=_summary(rule),
            findings=stored[rule],
            missing=missing,
            doc=explanation(rule),
        )


def _severity(counts: Mapping[str, int]) -> str:
    return next(severity for severity in _WORST if counts[severity])


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _summary(rule: str) -> Markup:
    """Return the first line of a rule's documentation, empty for an unknown rule."""
    text = load_rules()[rule].summary if rule in load_rules() else ""
    return Markup(_parser().renderInline(sanitize(text)))  # noqa: S704 - as below


def explanation(rule: str) -> Markup | None:
    """Return the documentation of a rule as HTML without its title, None for an unknown rule."""
    if rule not in load_rules():
        return None
    parser = _parser()
    text = to_markdown(explain(load_rules()[rule]))
    tokens = parser.parse("\n".join(sanitize(line) for line in text.split("\n")))
    skipped = (
        6 if tokens[4].content == load_rules()[rule].summary else 3
    )  # title, and the fold's heading
    body = list(_fitted(tokens[skipped:]))
    html: str = parser.renderer.render(body, parser.options, {})
    return Markup(html)  # noqa: S704 - markdown-it escapes all of the text


def _fitted(tokens: Iterable[Token]) -> Iterator[Token]:
    """Yield tokens with headings moved below the third level, and tables in scrolling boxes."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type == "table_open":
            yield Token("box_open", "div", 1, attrs={"class": "scroll", "tabindex": "0"})
        yield token
        if token.type == "table_close":
            yield Token("box_close", "div", -1)
