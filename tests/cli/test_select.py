"""Which rules are in force: `--select`, `--ignore`, `--extend-select`, and which name wins."""

from __future__ import annotations

import pytest

from ftlint.cli import run
from tests.support.helpers import EMPTY, HUMAN, LINE, report_of, whole, write

pytestmark = pytest.mark.usefixtures("in_tmp")

CALL = (
    b'{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":'
    b'[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},'
    b'{"role":"tool","tool_call_id":"c1","content":"r"},{"role":"assistant","content":"a"}],'
    b'"tools":[{"type":"function","function":{"name":"f","description":"d"}}]}'
)
NULL = LINE.replace(b'"a"', b"null")
DATA = whole(*[LINE] * 20, HUMAN, EMPTY, NULL, CALL, mark=b"")

BOM = "error missing-bom"
ROLE = "error unknown-role"
VOID = "warning empty-content"
NONE = "error null-content"
CALLS = "warning null-content"
FEW = "warning few-examples"
ALL = {BOM, ROLE, VOID, NONE, CALLS, FEW}
STRUCTURE = {ROLE, VOID, NONE, CALLS}
CONTENT = {NONE, CALLS}


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    """Return which of the faults named above are found; the file holds each of them once."""
    report = report_of(capsys, *arguments, write("a.jsonl", DATA))
    assert not report.errors
    counted = {
        f"{severity} {rule}": count
        for rule, counts in report.rules.items()
        for severity, count in counts.items()
        if count
    }
    assert all(counted[name] == 1 for name in ALL & counted.keys())
    return ALL & counted.keys()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", ALL),
        ("--select ALL", ALL),
        ("--select unknown-role", {ROLE}),
        ("--select unknown-role,missing-bom", {ROLE, BOM}),
        ("--select unknown-role --select missing-bom", {ROLE, BOM}),
        ("--select ,unknown-role,,missing-bom,", {ROLE, BOM}),
        ("--select encoding", {BOM}),
        ("--select encoding,limits", {BOM, FEW}),
        ("--select encoding --select limits,unknown-role", {BOM, FEW, ROLE}),
        ("--select null-content", CONTENT),
        ("--select null-content.with-calls", {CALLS}),
        ("--ignore ALL", set()),
        ("--ignore unknown-role", ALL - {ROLE}),
        ("--ignore structure", ALL - STRUCTURE),
        ("--ignore structure,limits", {BOM}),
        ("--ignore structure --ignore limits", {BOM}),
        ("--ignore null-content", ALL - CONTENT),
        ("--ignore null-content.with-calls", ALL - {CALLS}),
        ("--extend-select encoding", ALL),
        ("--select encoding --extend-select unknown-role", {BOM, ROLE}),
        ("--select encoding --extend-select limits,unknown-role", {BOM, FEW, ROLE}),
        ("--select encoding --extend-select limits --extend-select null-content.with-calls",
         {BOM, FEW, CALLS}),
    ],
)  # fmt: skip
def test_names_choose_rules(
    arguments: str, expected: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert found(capsys, *arguments.split()) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--select unknown-role --ignore structure", {ROLE}),
        ("--select unknown-role --ignore ALL", {ROLE}),
        ("--select structure --ignore ALL", STRUCTURE),
        ("--select structure --ignore unknown-role", STRUCTURE - {ROLE}),
        ("--select ALL --ignore structure", ALL - STRUCTURE),
        ("--ignore structure --extend-select unknown-role", ALL - STRUCTURE | {ROLE}),
        ("--ignore structure --extend-select ALL", ALL - STRUCTURE),
        ("--select null-content --ignore null-content.with-calls", {NONE}),
        ("--select null-content.with-calls --ignore null-content", {CALLS}),
        ("--select null-content --ignore structure", CONTENT),
    ],
)
def test_the_more_specific_name_wins(
    arguments: str, expected: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert found(capsys, *arguments.split()) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--select ALL --ignore ALL", set()),
        ("--select structure --ignore structure", set()),
        ("--select encoding,structure --ignore structure", {BOM}),
        ("--select unknown-role,missing-bom --ignore unknown-role", {BOM}),
        ("--select unknown-role --extend-select unknown-role --ignore unknown-role", set()),
        ("--select null-content.with-calls --ignore null-content.with-calls", set()),
    ],
)
def test_ignore_wins_between_equals(
    arguments: str, expected: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert found(capsys, *arguments.split()) == expected


@pytest.mark.parametrize(
    ("arguments", "back"),
    [
        ("", False),
        ("--select ALL", False),
        ("--select encoding", False),
        ("--extend-select encoding", False),
        ("--extend-select ALL", False),
        ("--select missing-bom", True),
        ("--extend-select missing-bom", True),
        ("--select ALL --extend-select missing-bom", True),
        ("--select missing-bom --ignore encoding", True),
        ("--select missing-bom --ignore missing-bom", False),
    ],
)
def test_a_rule_that_the_profile_has_off_returns_only_by_its_id(
    arguments: str, *, back: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (BOM in found(capsys, "--profile", "openai", *arguments.split())) is back


def test_a_rule_answers_to_its_alias(capsys: pytest.CaptureFixture[str]) -> None:
    unlearnt = LINE.replace(b'"a"', b'"a","weight":0')
    path = write("b.jsonl", whole(*[unlearnt] * 10))
    report = report_of(capsys, "--select", "no-trainable-message", path)
    assert report.rules == {"all-weights-zero": {"error": 0, "warning": 10, "info": 0}}
    assert not report_of(
        capsys, "--select", "weights", "--ignore", "no-trainable-message", path
    ).rules


def test_what_is_not_in_force_changes_no_verdict() -> None:
    path = write("a.jsonl", DATA)
    assert run(["check", path]) == 1
    assert run(["check", "--ignore", "unknown-role,missing-bom,null-content", path]) == 0
    assert run(["check", "--select", "empty-content", path]) == 0
    assert run(["check", "--select", "empty-content", "--strict", path]) == 1


def test_other_rules_are_not_changed_by_one_that_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    everything = report_of(capsys, write("a.jsonl", DATA)).findings
    kept = report_of(capsys, "--ignore", "unknown-role", "a.jsonl").findings
    assert list(kept) == [finding for finding in everything if finding.rule != "unknown-role"]
