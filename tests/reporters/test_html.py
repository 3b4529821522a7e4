"""The HTML page: all that is known stands in it, and what is not known is said."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import ftlint
from ftlint.cli import run
from ftlint.core.report import Report
from ftlint.core.rule import RULES
from ftlint.reporters.formats import html_
from ftlint.reporters.summary import share
from tests.support.helpers import BAD, EMPTY, GOOD, HUMAN, write
from tests.support.pages import Page, example_report, hostile, render, tokens


@pytest.fixture(scope="module")
def bikes() -> Report:
    """Return the report of the README's example."""
    return example_report()


@pytest.fixture(scope="module")
def page(bikes: Report) -> Page:
    """Read the page of that report."""
    return Page(render(bikes))


def rules_of(page: Page) -> list[str]:
    """Return the rules that have a section, in order."""
    return [name.removeprefix("rule-") for name in page.values("id") if name.startswith("rule-")]


def test_the_verdict_comes_first(bikes: Report, page: Page) -> None:
    assert page.headings[0] == (1, "Failed")
    start = page.text.index("Failed")
    assert page.text[start:].startswith("Failed 5 errors and 1 warning in 11 examples.")
    (entry,) = bikes.inputs
    for fact in (entry.sha256, entry.path, "Profile azure", "Model gpt-4.1-2025-04-14"):
        assert fact in page.text
    assert "Size 2.7 kB 2,738 bytes Format chat Method sft" in page.text
    assert f"ftlint {bikes.ftlint_version}" in page.text


def test_findings_are_grouped_by_rule_the_worst_first(bikes: Report, page: Page) -> None:
    assert rules_of(page) == [*sorted(set(bikes.rules) - {"few-examples"}), "few-examples"]
    for finding in bikes.findings:
        where = finding.location
        assert f"{finding.message} {where.path}:{where.line}:{where.column}" in page.text
        assert finding.help is None or f"help {finding.help}" in page.text
    assert 'fix rename to "user" unsafe: --fix --unsafe-fixes' in page.text
    assert '{"role": "human", "content": "Ist der Helm in Größe L da?"}' in page.text


def test_the_marked_part_of_an_excerpt_is_marked(bikes: Report) -> None:
    text = render(bikes)
    assert "<mark>&#34;human&#34;</mark>" in text
    assert "<mark>null</mark>" in text


def test_each_rule_is_explained_in_a_fold(bikes: Report) -> None:
    sections = render(bikes).split('<section class="rule"')[1:]
    assert len(sections) == len(bikes.rules)
    for section in sections:
        rule = section.partition('id="rule-')[2].partition('"')[0]
        fold = section.partition('<details class="doc">')[2].partition("</details>")[0]
        shown = Page(fold.partition("</summary>")[2])
        assert RULES[rule].tags[0] in shown.text
        assert [level for level, _ in shown.headings[:1]] == [4]
        assert "Levels" in shown.text


@pytest.mark.parametrize(
    "rule", sorted(rule.id for rule in RULES.values() if re.search(r"[<|*_\[]", rule.doc))
)
def test_documentation_is_sound_markup(rule: str) -> None:
    shown = Page(html_.explanation(rule) or "")
    assert RULES[rule].summary.replace("`", "") not in shown.text[:200]
    assert not {"img", "script", "a"} & {tag for tag, _ in shown.tags}


def test_statistics_and_tokens_are_told(bikes: Report, page: Page) -> None:
    (shown,) = bikes.statistics.values()
    counted, data = shown["tokens"], shown["data"]
    assert f"Tokens {counted['tokens']:,}" in page.text
    assert f"Trainable {counted['trainable_tokens']:,}" in page.text
    assert f"{counted['per_example']['count']} examples" in page.text
    longest = counted["longest"][0]
    places = (longest["line"], longest["example"], f"{longest['byte_offset']:,}", longest["tokens"])
    assert " ".join(map(str, places)) in page.text
    assert f"system {data['roles']['system']['messages']}" in page.text
    assert "You help customers of a bicycle shop. Be brief." in page.text


def test_all_that_is_known_is_shown() -> None:
    text = Page(render(hostile("odd-text"))).text
    for words in (
        "1 error of the run kept ftlint from checking everything.",
        "odd-text rule odd-text. from byte 1",
        "Counted, but not stored: 3 in odd-text.",
        "1 example is longer than the training context of 100 tokens: 200 tokens at the end",
        "Tokens x epochs: 915 of the 900 that the service takes for a job (101.7%: too many)",
        "0.001 to 1,234.50 USD",
        "2.00 USD per million tokens",
        "The count of 1 example is an estimate",
        "Epochs 3 default of OpenAI and Azure Billed tokens 915",
        "7 6 4,321 300 200 too many",
        "Different ones more than 4,096 Examples without 1 25%",
        "Weight 1 1 Weight 0, not learned from 1 No weight, learned from 1 Other weights 1",
        "Defined, but never called: odd-text.",
        "Kinds 1 png, 1 odd-text Detail 1 low",
        "Characters per preferred output",
        "Fields beside the messages",
    ):
        assert words in text
    assert "None" not in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"billing": "hour", "billed_tokens": None}, "Billed tokens none: billed by the hour"),
        ({"billing": "none", "billed_tokens": None}, "none: the file is not trained on"),
        ({"epochs": 2, "epochs_source": "given"}, "Epochs 2 given"),
        ({"context": None}, "The training context of this model is not known"),
        ({"over_context": 0}, "No example is longer than the training context of 100 tokens"),
        ({"model": None}, "Model not given"),
        ({"image_tokens": 0, "tool_tokens": 0}, "Trainable 99 32.5% Epochs"),
        ({"limit": None, "cost": [], "longest": [], "note": None, "estimated": 0}, "305"),
    ],
)
def test_what_is_not_known_of_tokens_is_said(changes: dict[str, object], words: str) -> None:
    text = Page(render(replace(hostile("a"), statistics={"a": {"tokens": tokens("a", **changes)}})))
    assert words in text.text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"price": None, "cost": None}, "unknown unknown"),
        (
            {"price": [100.0, 100.0], "cost": None, "unit": "hour"},
            "by the hour 100.00 USD per hour",
        ),
        ({"currency": "EUR", "cost": [3.0, 3.0]}, "3.00 EUR 2.00 EUR per million tokens"),
        ({"cost": [0.0, 0.0]}, "0.00 USD 2.00 USD"),
    ],
)
def test_an_unknown_price_is_no_price(row: dict[str, object], words: str) -> None:
    known = tokens("a")
    known["cost"] = [{**known["cost"][0], **row}]
    assert words in Page(render(replace(hostile("a"), statistics={"a": {"tokens": known}}))).text


def test_many_findings_of_a_rule_are_folded_and_counted(in_tmp: Path) -> None:
    path = write("a.jsonl", GOOD + (HUMAN + b"\n") * 1002 + (EMPTY + b"\n") * 21)
    report = ftlint.check(path, max_findings=50)
    shown = render(report)
    page = Page(shown)
    assert rules_of(page) == ["unknown-role", "empty-content"]
    assert "error unknown-role 1,002" in page.text
    assert "30 more findings" in page.text
    assert "1 more finding " in page.text
    assert "Counted, but not stored: 952 in a.jsonl. --max-findings 0 stores all." in page.text
    assert shown.count('<li class="finding error">') == 50
    first = shown.partition('<details class="rest">')[0]
    assert first.count('<li class="finding error">') == html_.SHOWN


def test_a_rule_of_two_severities_says_which_is_which(bikes: Report) -> None:
    finding = next(entry for entry in bikes.findings if entry.rule == "unknown-role")
    other = replace(finding, severity=ftlint.core.finding.Severity.WARNING)
    counts = {"error": 1, "warning": 1, "info": 0}
    mixed = replace(bikes, findings=(finding, other), rules={"unknown-role": counts})
    assert "error unknown-role 1 error, 1 warning" in Page(render(mixed)).text
    assert render(mixed).count('<span class="badge warning">warning</span> <bdi>') == 1


def test_findings_read_back_from_json_have_no_excerpt(bikes: Report) -> None:
    page = Page(render(Report.from_dict(bikes.to_dict())))
    assert "mark" not in {tag for tag, _ in page.tags}
    assert rules_of(page)


def test_several_files(in_tmp: Path) -> None:
    write("a.jsonl", BAD)
    write("b.jsonl")
    page = Page(render(ftlint.check(".", tokens="exact", statistics=True)))
    assert "1 error in 101 examples of 2 files." in page.text
    assert [text for _, text in page.headings].count("a.jsonl") == 2
    assert sum(tag == "details" and a.get("class") == "input" for tag, a in page.tags) == 4
    for entry in ftlint.check(".").inputs:
        assert entry.sha256 in page.text


def test_what_was_not_counted_says_how_it_is(in_tmp: Path) -> None:
    page = Page(render(ftlint.check(write("a.jsonl"))))
    assert page.headings[0] == (1, "Passed")
    assert "Nothing was found." in page.text
    assert "Tokens were not counted. ftlint check --tokens exact" in page.text
    assert "No statistics were gathered." in page.text


def test_nothing_that_can_be_read(in_tmp: Path) -> None:
    page = Page(render(ftlint.check("nowhere.jsonl")))
    assert page.headings[0] == (1, "No verdict")
    assert "nowhere.jsonl: no such file" in page.text
    assert "There was nothing to check." in page.text


def test_the_command_writes_the_page(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write('"><script>.jsonl', BAD)
    both = ("--output-format", "html=report.html", "--output-format", "concise")
    assert run(["check", *both, path]) == 1
    assert "1 error in 51 examples" in capsys.readouterr().out
    text = Path("report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert '"><script>.jsonl' in Page(text).text
    assert "Tokens per example" in text
    assert run(["check", "--output-format", "html", path]) == 1
    assert capsys.readouterr().out == text


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "0%"),
        (1, 4, "25%"),
        (1, 3, "33.3%"),
        (1, 10_000, "under 0.1%"),
        (9_999, 10_000, "over 99.9%"),
        (3, 2, "150%"),
    ],
)
def test_shares(part: int, whole: int, words: str) -> None:
    assert share(part, whole) == words
