"""What tests of HTML pages share: a strict reader of their markup, and reports to render."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import ftlint
from ftlint.analysis.statistics.histogram import Histogram
from ftlint.core.finding import Excerpt, Finding, FixSummary, Location, RelatedPlace, Severity
from ftlint.core.report import InputReport, Report, RunError, no_counts
from ftlint.reporters import Style, reporter
from tests.conftest import FIXTURES

_VOID = ("br", "meta")
_INLINE = ("a", "bdi", "br", "code", "mark", "span", "strong")
Attributes = Mapping[str, str | None]


class Page(HTMLParser):
    """The tags of a page, each with its attributes and the text right after it.

    Raises `AssertionError` where a tag is not closed, or another one is.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, Attributes]] = []
        self.texts: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), tag
        if tag not in _INLINE:
            self.texts.append(" ")
        if tag not in _VOID:
            self._open.append(tag)
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element of an SVG that holds nothing."""
        assert "svg" in self._open, tag
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the last tag that is open."""
        assert self._open
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take note of text."""
        self.texts.append(data)
        if self._open and self.headings and self.headings[-1][1] == "" and data.strip():
            self.headings[-1] = (self.headings[-1][0], data.strip())

    @property
    def text(self) -> str:
        """All that is to be read, white space made even."""
        return " ".join("".join(self.texts).split())

    def values(self, name: str) -> list[str]:
        """Return the values of an attribute."""
        return [attributes[name] or "" for _, attributes in self.tags if name in attributes]


def render(report: Report) -> str:
    """Return the page of a report."""
    return "".join(f"{line}\n" for line in reporter("html").render(report, Style()))


def sizes(*values: int) -> dict[str, Any]:
    """Return a histogram as a report holds it."""
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram.to_dict()


def example_report() -> Report:
    """Check the example of the README, tokens and statistics included."""
    path = FIXTURES / "files" / "support-chat.jsonl"
    return ftlint.check(path, tokens="exact", statistics=True, model="gpt-4.1-2025-04-14")


def hostile(text: str) -> Report:
    """Return a report that has a text wherever data, options or files may bring one."""
    place = Location(text, 7, 7, 3, 99, f"/{text}")
    counts = {**no_counts(), "error": 1}
    rule = f"{text}."  # which no rule is called
    finding = Finding(
        rule=rule,
        severity=Severity.ERROR,
        message=text,
        help=text,
        location=place,
        related=(RelatedPlace(text, place),),
        fix=FixSummary(text, safe=False),
        fingerprint="",
        excerpt=Excerpt(f"{text}{text}{text}", len(text), 2 * len(text), True, True),
    )
    entry = InputReport(text, 1, text, 1, 1, text, text, passed=False, counts=counts, rules={})
    other = InputReport(
        "other" * 99, 1, "", 1, 1, None, None, passed=True, counts=no_counts(), rules={}
    )
    shown = {"data": data(text), "tokens": tokens(text)}
    return Report(
        ftlint_version=text,
        passed=False,
        strict=True,
        profile=text,
        model=text,
        config_digest=text,
        rules_digest=text,
        counts=counts,
        rules={rule: counts},
        inputs=(entry, other),
        findings=(finding,),
        truncated={text: {rule: 3}},
        statistics={text: shown},
        errors=(RunError(rule=rule, path=text, byte_offset=1, message=text),),
    )


def data(text: str) -> dict[str, Any]:
    """Return statistics in which nothing is left out."""
    some = sizes(1, 2, 2, 300)
    top = [{"text": text, "length": len(text), "times": 2}]
    return {
        "examples": 4,
        "bytes": some,
        "messages": some,
        "turns": some,
        "roles": {text: {"messages": 4, "characters": some}},
        "system_prompts": {"without": 1, "distinct": None, "top": top},
        "weights": {"absent": 1, "0": 1, "1": 1, "other": 1},
        "answers": {"characters": some, "distinct": 2, "repeated": top},
        "tools": {
            "examples": 1,
            "per_example": some,
            "defined": top,
            "calls": 1,
            "called": top,
            "uncalled": [text],
        },
        "images": {
            "count": 1,
            "examples": 1,
            "kinds": {"png": 1, text: 1},
            "bytes": some,
            "pixels": some,
            "detail": {"low": 1, "absent": 0},
        },
        "scripts": {text: {"letters": 9, "examples": 4}},
        "outputs": {"preferred": some, "non_preferred": some},
        "fields": {text: 4},
    }


def tokens(text: str, **changes: Any) -> dict[str, Any]:
    """Return counts of tokens in which nothing is left out, with `changes`."""
    cost = {
        "model": text,
        "tier": text,
        "unit": "million tokens",
        "price": [2.0, 2.0],
        "cost": [0.001, 1234.5],
        "currency": "USD",
        "source": text,
        "checked": text,
    }
    known = {
        "model": text,
        "encoding": text,
        "note": text,
        "estimated": 1,
        "examples": 4,
        "tokens": 305,
        "trainable_tokens": 99,
        "image_tokens": 5,
        "tool_tokens": 6,
        "per_example": sizes(1, 2, 2, 300),
        "roles": {text: sizes(1, 2)},
        "context": 100,
        "over_context": 1,
        "lost_tokens": 200,
        "longest_sequence": 300,
        "longest": [{"line": 7, "example": 6, "byte_offset": 4321, "tokens": 300, "sequence": 300}],
        "epochs": 3,
        "epochs_source": "default",
        "billing": "tokens",
        "billed_tokens": 915,
        "limit": {"tokens": 900, "reached": 915},
        "cost": [cost],
    }
    return {**known, **changes}
