"""The pages: those on methods have sound examples, links lead somewhere, and all can be built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ftlint
from ftlint.config.profile import PROFILES
from ftlint.core.rule import RULES
from ftlint.formats.data_format import METHODS
from scripts.docs import main, pages
from tests.conftest import ROOT

PAGES = ROOT / "docs" / "methods"
WRITTEN = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]
WRITTEN += sorted((ROOT / "docs").rglob("*.md"))
BOM = b"\xef\xbb\xbf"
_BLOCK = re.compile(r"^```jsonl\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s#]+)")
_ID = re.compile(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`")
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
def test_a_page_names_rules_that_there_are(method: str) -> None:
    text = (PAGES / f"{method}.md").read_text(encoding="utf-8")
    named = _ID.findall(text.partition("## What is checked")[2].partition("\n## ")[0])
    assert named
    assert set(named) <= set(RULES)


def dead(page: Path, text: str) -> list[str]:
    """Return the links of a page that lead to no file."""
    links = [link for link in _LINK.findall(text) if "://" not in link]
    return [link for link in links if not (page.parent / link).is_file()]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_to_files(page: Path) -> None:
    assert dead(page, page.read_text(encoding="utf-8")) == []


def test_every_rule_and_provider_gets_a_page(tmp_path: Path) -> None:
    assert main(str(tmp_path)) == 0
    built = {str(page.relative_to(tmp_path)): page for page in tmp_path.rglob("*.md")}
    assert set(built) == {
        "rules/index.md",
        *(f"rules/{rule}.md" for rule in RULES),
        *(f"providers/{name}.md" for name in PROFILES),
    }
    for path, text in pages().items():
        assert built[path].read_text(encoding="utf-8") == text
        assert text.startswith("# ")
        assert dead(built[path], text) == []


def test_no_page_of_a_rule_depends_on_the_providers() -> None:
    text = pages()
    assert "## Levels" not in text["rules/weight-float.md"]
    assert "Severity of weight-float: warning" in text["rules/weight-float.md"]
    row = r"^\| \[weight-float\]\(\.\./rules/weight-float\.md\) \| error \|"
    assert re.search(row, text["providers/together.md"], re.MULTILINE)


def test_every_method_has_a_page() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == set(METHODS)


def test_every_rule_about_preference_and_completions_is_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    for rule in RULES.values():
        if {"preference", "completions"} & {*rule.tags}:
            assert f"`{rule.id}`" in text, rule.id
