"""Examples of rules: read from fixtures in a checkout, from a file of the build in a package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import orjson
import pytest

from ftlint.core.rule import RULES
from ftlint.reporters.docs import rule_docs
from ftlint.reporters.docs.rule_examples import RuleExample, read_examples
from tests.conftest import FIXTURES


@pytest.fixture(scope="module")
def examples() -> dict[str, RuleExample]:
    return read_examples(FIXTURES / "rules")


def test_every_rule_has_an_example(examples: dict[str, RuleExample]) -> None:
    assert examples.keys() == RULES.keys()
    assert [rule for rule, example in examples.items() if example.bad == example.good] == []


def test_an_example_shows_the_data_if_that_differs(examples: dict[str, RuleExample]) -> None:
    example = examples["weight-float"]
    assert (len(example.bad), len(example.good)) == (3, 1)
    assert '"weight": 1.0' in example.bad[0]
    assert example.findings[0] == "1:112 warning /messages/1/weight weight is 1.0, expected 1"
    assert {finding[0] for finding in example.findings} == {"1", "2", "3"}


def test_an_example_shows_a_document_if_the_data_is_the_same(
    examples: dict[str, RuleExample],
) -> None:
    example = examples["string-check-operation"]
    assert example.bad[0] == example.good[0] == "{"
    assert example.bad[9].strip() == '"operation": "contains"'
    assert example.findings[0].startswith("10:20 error /graders/ä/operation ")


def test_an_example_shows_the_choices_if_there_is_no_such_document(
    examples: dict[str, RuleExample],
) -> None:
    assert examples["invalid-suffix"].bad == ["profile=azure", "suffix=my.model"]
    assert examples["invalid-suffix"].good == ["profile=azure", "suffix=my-model_2"]
    assert "grader=grader.json" in examples["missing-grader"].good
    assert "grader=grader.json" not in examples["missing-grader"].bad


def test_an_example_shows_the_name_if_nothing_else_differs(
    examples: dict[str, RuleExample],
) -> None:
    example = examples["wrong-file-extension"]
    assert (example.bad, example.good) == (["bad.json"], ["good.jsonl"])


def test_a_folder_without_both_files_is_left_out(tmp_path: Path) -> None:
    for name in ("whole/bad.jsonl", "whole/good.jsonl", "half/bad.jsonl", "other/good.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{name}\n{'x' * 301}", encoding="utf-8")
    (tmp_path / "whole" / "expected.txt").write_text(
        "# profile=azure\n1:1 error - a\n4:1 error - b"
    )
    expected = RuleExample(
        bad=["whole/bad.jsonl", "x" * 300 + "…"],
        findings=["1:1 error - a"],
        good=["whole/good.jsonl"],
    )
    assert read_examples(tmp_path) == {"whole": expected}


def test_examples_that_the_build_stored_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = {"weight-float": RuleExample(["bad \x1b[0m"], ["1:1 error - found"], ["good"])}
    (tmp_path / "rules.json").write_bytes(orjson.dumps({k: list(v) for k, v in stored.items()}))
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    monkeypatch.setattr(rule_docs, "_examples", rule_docs._examples.__wrapped__)  # noqa: SLF001 - without its cache
    shown = rule_docs.explain(RULES["weight-float"])
    assert shown.bad == ("bad \\x1b[0m",)
    assert (shown.findings, shown.good) == (("1:1 error - found",), ("good",))
    assert rule_docs.explain(RULES["weight-bool"]).bad == ()
