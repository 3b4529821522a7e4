"""The comparison of two revisions: what counts as a difference, and that it runs what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.compare_reports import CHECK, ROOT, Outcome, compare, difference, outcomes
from tests.support.helpers import process

FINDING = {
    "rule": "unknown-role",
    "message": 'role "human"',
    "location": {"path": "a.jsonl", "line": 3, "column": 15},
}
REPORT: dict[str, Any] = {
    "ftlint_version": "1.0",
    "rules_digest": "ab",
    "passed": False,
    "findings": [FINDING, {**FINDING, "rule": "null-content"}],
}


def outcome(code: int = 1, **keys: object) -> Outcome:
    return Outcome(code, json.dumps({**REPORT, **keys}).encode())


def test_version_and_digests_are_no_difference() -> None:
    assert difference(outcome(), outcome(ftlint_version="2.0", rules_digest="cd")) is None


@pytest.mark.parametrize(
    ("new", "described"),
    [
        (outcome(passed=True), "other keys of the report: passed"),
        (outcome(0), "exit code 1 -> 0; other keys of the report: none"),
        (
            outcome(0, findings=[]),
            "exit code 1 -> 0; finding 1: a.jsonl:3:15 unknown-role {",
        ),
        (outcome(findings=[FINDING]), "finding 2: a.jsonl:3:15 null-content {"),
        (
            outcome(findings=[{**FINDING, "message": "other"}, FINDING]),
            '{"message": "role \\"human\\""} -> a.jsonl:3:15 unknown-role {"message": "other"}',
        ),
        (Outcome(2, b""), "exit code 1 -> 2; finding 1: a.jsonl:3:15"),
        (Outcome(1, outcome().printed + b"\n"), "other keys of the report: none, but written"),
    ],
)
def test_the_first_difference_is_described(new: Outcome, described: str) -> None:
    assert described in str(difference(outcome(), new))
    assert difference(new, outcome())


def test_no_report_is_no_agreement() -> None:
    assert (
        difference(Outcome(2, b""), Outcome(2, b"")) == "no report from either, exit codes 2 and 2"
    )


@pytest.mark.parametrize(
    ("new", "code", "last"),
    [
        ([outcome()], 0, "1 checks, 2 findings, no differences"),
        ([outcome(0)], 1, "1 checks, 2 findings, 1 differences"),
    ],
)
def test_findings_and_differences_are_counted(
    new: list[Outcome], code: int, last: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare([["a.jsonl"]], [outcome()], new) == code
    assert capsys.readouterr().out.splitlines()[-1] == last


@pytest.mark.parametrize("outcomes", [[], [outcome(findings=[])]])
def test_nothing_compared_is_no_success(
    outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare([["a.jsonl"]] * len(outcomes), outcomes, outcomes) == 1
    assert "shows nothing" in capsys.readouterr().out


def test_a_side_that_ends_early_is_no_success() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare([["a.jsonl"], ["b.jsonl"]], [outcome()] * 2, [outcome()])


def test_outcomes_are_those_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    checks = [["fixtures/files/support-chat.jsonl"], ["--profile=none", "fixtures"]]
    for arguments, seen in zip(checks, outcomes(ROOT, checks), strict=True):
        done = process(*CHECK, *arguments)
        assert seen == (done.returncode, done.stdout)


def test_another_ftlint_is_not_taken_for_that_of_the_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(RuntimeError, match="not the ftlint below"):
        list(outcomes(tmp_path, []))
