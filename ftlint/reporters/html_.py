"""The report as one HTML page that needs no script, no network and no other file.

All that the page prints is escaped by `pages.environment`, but for the documentation of rules,
which markdown-it writes without taking HTML; and no style or script but the page's own style sheet,
known by its hash, is obeyed by a browser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Environment
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

import ftlint.rules  # noqa: F401 - declares the rules, which the page explains
from ftlint.explain import explain, to_markdown
from ftlint.locate import sanitize
from ftlint.model import Finding
from ftlint.registry import RULES
from ftlint.report import InputReport, Report
from ftlint.reporters import Style
from ftlint.reporters.charts import HEIGHT, chart, mean, number
from ftlint.reporters.pages import environment, lines, stylesheet
from ftlint.reporters.summary import counted, plural, share, size
from ftlint.tally import DATA, TOKENS
from ftlint.tokens.bill import money

SHOWN = 20
"""Findings of a rule that are shown at once; the others are in a fold."""

_WORST = ("error", "warning", "info")


class Group(NamedTuple):
    """The findings of a rule.

    `counts` are exact, by severity; `findings` are those that are stored, `missing` says by path
    how many are not. `doc` explains the rule, where it is known.
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
        """All findings of the rule."""
        return sum(self.counts.values())


class Told(NamedTuple):
    """What is told of an input: its data, its tokens, None where they were not looked at."""

    input: InputReport
    data: Mapping[str, Any] | None
    tokens: Mapping[str, Any] | None


def render(report: Report, style: Style) -> Iterator[str]:
    """Yield the lines of the page; of the same report they are the same."""
    told = [_told(entry, report.statistics) for entry in report.inputs]
    page = _environment().get_template("report.html.j2")
    yield from lines(
        page.generate(
            report=report,
            verdict=_verdict(report),
            groups=list(_groups(report)),
            shown=SHOWN,
            told=told,
            level=3 if len(told) == 1 else 4,
            counted=counted(report.counts),
            **stylesheet("report.css"),
        )
    )


@cache
def _environment() -> Environment:
    made = environment(number=number, size=size, mean=mean, money=money, share=share)
    made.globals.update(chart=chart, plural=plural, height=HEIGHT)
    return made


def _told(entry: InputReport, statistics: Mapping[str, Any]) -> Told:
    known = statistics.get(entry.path, {})
    return Told(entry, known.get(DATA), known.get(TOKENS))


def _verdict(report: Report) -> str:
    """Say in a word how it ended; errors of the run leave open what could not be checked."""
    if not all(entry.passed for entry in report.inputs):
        return "failed"
    return "passed" if report.passed else "no verdict"


def _groups(report: Report) -> Iterator[Group]:
    """Yield the findings by rule: the worst first, then those of which there are most."""
    stored: dict[str, list[Finding]] = {rule: [] for rule in report.rules}
    for finding in report.findings:
        stored[finding.rule].append(finding)

    def rank(rule: str) -> tuple[int, int, str]:
        counts = report.rules[rule]
        worst = _WORST.index(_severity(counts))
        return worst, -sum(counts.values()), rule

    for rule in sorted(stored, key=rank):
        missing = {path: left[rule] for path, left in report.truncated.items() if rule in left}
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
    """Return the first line of a rule's documentation, nothing of a rule that is not known."""
    text = RULES[rule].summary if rule in RULES else ""
    return Markup(_parser().renderInline(sanitize(text)))  # noqa: S704 - as below


def explanation(rule: str) -> Markup | None:
    """Return the documentation of a rule as HTML without its title, None where there is none."""
    if rule not in RULES:
        return None
    parser = _parser()
    text = to_markdown(explain(RULES[rule]))
    tokens = parser.parse("\n".join(sanitize(line) for line in text.split("\n")))
    told = 6 if tokens[4].content == RULES[rule].summary else 3  # the title; what leads to the fold
    body = list(_fitted(tokens[told:]))
    written: str = parser.renderer.render(body, parser.options, {})
    return Markup(written)  # noqa: S704 - markdown-it escapes all of the text


def _fitted(tokens: Iterable[Token]) -> Iterator[Token]:
    """Fit a document under a heading of the third level; a table may scroll."""
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
