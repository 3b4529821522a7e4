"""The pages on methods: their examples are sound, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ftlint
from ftlint.formats import METHODS
from ftlint.registry import RULES

PAGES = Path(__file__).parent.parent / "docs" / "methods"
BOM = b"\xef\xbb\xbf"
_BLOCK = re.compile(r"^```jsonl\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_COUNTS = ["too-few-examples", "few-examples", "missing-validation-file", "rft-too-few"]


@pytest.mark.parametrize("method", METHODS)
def test_the_example_of_a_page_is_sound(method: str, tmp_path: Path) -> None:
    blocks = _BLOCK.findall((PAGES / f"{method}.md").read_text(encoding="utf-8"))
    assert len(blocks) == 1
    file = tmp_path / "data.jsonl"
    file.write_bytes(BOM + blocks[0].encode())
    report = ftlint.check(file, method=method, ignore=[rule for rule in _COUNTS if rule in RULES])
    assert not report.errors
    assert [finding.rule for finding in report.findings if finding.severity != "info"] == []
    assert report.inputs[0].format == METHODS[method]
    assert report.inputs[0].examples >= 2


@pytest.mark.parametrize("method", METHODS)
def test_the_links_of_a_page_lead_to_rules_and_pages(method: str) -> None:
    links = _LINK.findall((PAGES / f"{method}.md").read_text(encoding="utf-8"))
    assert links
    for words, target in links:
        if target.startswith("../rules/"):
            assert target == f"../rules/{words}.md"
            assert words in RULES
        else:
            assert (PAGES / target).is_file()


def test_every_method_has_a_page() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == set(METHODS)


def test_every_rule_about_preference_and_completions_is_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    for rule in RULES.values():
        if {"preference", "completions"} & {*rule.tags}:
            assert f"../rules/{rule.id}.md" in text, rule.id
