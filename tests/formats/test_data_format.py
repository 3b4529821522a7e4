"""Data formats: how a file and each of its lines is told, and what becomes of the odd one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from pathlib import Path
from typing import Any

import orjson
import pytest

import ftlint
from ftlint.formats.data_format import FOREIGN, FORMATS, METHODS, detect

BOM = b"\xef\xbb\xbf"
ASKED: dict[str, Any] = {"role": "user", "content": "q"}
SAID: dict[str, Any] = {"role": "assistant", "content": "a"}
LINES: dict[str, dict[str, Any]] = {
    "chat": {"messages": [ASKED, SAID]},
    "reinforcement": {"messages": [ASKED], "answer": "4"},
    "preference": {
        "input": {"messages": [ASKED]},
        "preferred_output": [SAID],
        "non_preferred_output": [{"role": "assistant", "content": "b"}],
    },
    "completion": {"prompt": "q", "completion": "a"},
    "sharegpt": {"conversations": [{"from": "human", "value": "q"}]},
    "alpaca": {"instruction": "q", "input": "", "output": "a"},
    "trl": {"prompt": "q", "chosen": "a", "rejected": "b"},
    "evals-item": {"item": {"question": "q"}},
    "evals-run": {"run_id": "r", "grades": {}, "passes": {}},
    "question-answer": {"question": "q", "answer": "a"},
    "puzzle": {"target": 24, "nums": [1, 2]},
    "batch": {"custom_id": "1", "method": "POST", "url": "/", "body": {}},
    "grader": {"type": "string_check", "name": "g", "operation": "eq"},
    "config": {"training_file": "file-1"},
}
OWN_RULES = {
    "sharegpt": "sharegpt-or-alpaca-format",
    "alpaca": "sharegpt-or-alpaca-format",
    "trl": "trl-format",
    "completion": "legacy-format-for-chat-model",
}
FORMAT_RULES = [
    "format-method-mismatch",
    "legacy-format-for-chat-model",
    "missing-messages",
    "mixed-formats",
    "sharegpt-or-alpaca-format",
    "trl-format",
    "unrecognised-format",
]
OTHER = {"text": "q"}


def found(lines: Iterable[dict[str, Any]], folder: Path, **choices: Any) -> list[tuple[str, int]]:
    """Return (rule, line) of what the rules about formats find in a file."""
    file = folder / "data.jsonl"
    file.write_bytes(BOM + b"".join(orjson.dumps(line) + b"\n" for line in lines))
    report = ftlint.check(file, select=FORMAT_RULES, **choices)
    assert not report.errors
    assert not {finding.severity for finding in report.findings} - {"error"}
    return sorted((finding.rule, finding.location.line) for finding in report.findings)


def own_rule(kind: str) -> str | None:
    """Return the rule that names a format in the first line that has it, without a method."""
    return OWN_RULES.get(kind, "unrecognised-format" if kind in FOREIGN else None)


def test_every_format_is_here() -> None:
    assert LINES.keys() == FORMATS.keys() | FOREIGN.keys()


@pytest.mark.parametrize("kind", LINES)
def test_a_line_tells_its_format(kind: str) -> None:
    assert detect(LINES[kind]) == ("chat" if kind == "reinforcement" else kind)


@pytest.mark.parametrize("kind", LINES)
def test_a_file_of_one_format_is_named_once(kind: str, tmp_path: Path) -> None:
    rule = own_rule(kind)
    assert found([LINES[kind]] * 10, tmp_path) == ([(rule, 1)] if rule else [])


@pytest.mark.parametrize(("file", "line"), list(permutations(LINES, 2)))
def test_one_line_of_another_format_is_told(file: str, line: str, tmp_path: Path) -> None:
    expected = {(own_rule(file), 1)} - {(None, 1)}
    if {file, line} != {"chat", "reinforcement"}:  # the same keys; the answer tells them apart
        expected |= {("mixed-formats", 10), (own_rule(line), 10)} - {(None, 10)}
    seen = found([*[LINES[file]] * 9, LINES[line]], tmp_path)
    first = {rule for rule, at in expected if at == 1}  # such a rule speaks once for a file
    assert seen == sorted(
        (rule, at) for rule, at in expected if rule and (at == 1 or rule not in first)
    )


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("chat", "missing-messages"),
        ("reinforcement", "missing-messages"),
        ("preference", "unrecognised-format"),
        ("completion", "unrecognised-format"),
    ],
)
def test_one_line_of_no_format_is_told(kind: str, rule: str, tmp_path: Path) -> None:
    method = FORMATS[kind].method
    assert found([*[LINES[kind]] * 9, OTHER], tmp_path, method=method) == [(rule, 10)]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("method", METHODS)
def test_each_method_takes_its_format(method: str, kind: str, tmp_path: Path) -> None:
    prompts = {"chat", "reinforcement"}
    fits = METHODS[method] == kind or {METHODS[method], kind} == prompts
    rule = "format-method-mismatch"
    if (method, kind) == ("sft", "completion"):
        rule = "legacy-format-for-chat-model"
    expected = [] if fits else [(rule, 1)]
    assert found([LINES[kind]] * 10, tmp_path, method=method) == expected


def test_ties_go_to_chat(tmp_path: Path) -> None:
    lines = [*[LINES["preference"]] * 3, *[LINES["chat"]] * 3]
    assert found(lines, tmp_path) == [("mixed-formats", line) for line in (1, 2, 3)]


def test_the_first_hundred_lines_decide(tmp_path: Path) -> None:
    lines = [*[LINES["chat"]] * 51, *[LINES["trl"]] * 200]
    seen = found(lines, tmp_path, max_findings=0)
    assert seen[0] == ("mixed-formats", 52)
    assert len(seen) == 201
    assert seen[-1] == ("trl-format", 52)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_first_line_of_more_than_a_mebibyte_tells_too(kind: str, tmp_path: Path) -> None:
    line = orjson.dumps(LINES[kind]).replace(b'"q"', b'"' + b"q" * (1 << 20) + b'"', 1)
    file = tmp_path / "data.jsonl"
    file.write_bytes(BOM + line + b"\n" + orjson.dumps(LINES[kind]))
    report = ftlint.check(file, select=FORMAT_RULES)
    assert report.inputs[0].format == kind


def test_keys_with_capitals_are_named(tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    file.write_bytes(BOM + b'{"Prompt": "q", " completion": "a"}\n')
    (finding,) = ftlint.check(file, select=["unrecognised-format"]).findings
    assert finding.help == "keys are written in small letters: prompt, completion"


@pytest.mark.parametrize(
    ("method", "help_"), [("dpo", "preference data is "), (None, "chat data is ")]
)
def test_the_help_shows_what_the_method_takes(
    method: str | None, help_: str, tmp_path: Path
) -> None:
    file = tmp_path / "data.jsonl"
    file.write_bytes(BOM + orjson.dumps(OTHER))
    (finding,) = ftlint.check(file, select=["unrecognised-format"], method=method).findings
    assert (finding.help or "").startswith(help_)
