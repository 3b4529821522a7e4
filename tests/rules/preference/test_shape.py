"""Preference data: rows 93 to 100 and 112 of the conformance table, and how two faults meet."""

from __future__ import annotations

from pathlib import Path

import pytest

import ftlint
from ftlint.config.config import resolve
from ftlint.core.rule import RULES
from ftlint.engine.fixer import fix_file

BOM = b"\xef\xbb\xbf"
U = b'{"role":"user","content":"q"}'
A = b'{"role":"assistant","content":"a"}'
B = b'{"role":"assistant","content":"b"}'
TOOLS = (
    b'[{"type":"function","function":'
    b'{"name":"f","description":"d","parameters":{"type":"object","properties":{}}}}]'
)


def pair(preferred: bytes = b"[" + A + b"]", more: bytes = b"", messages: bytes = U) -> bytes:
    """Return an example with this preferred output."""
    return (b'{"input":{"messages":[%s]},"preferred_output":%s,"non_preferred_output":[%s]%s}') % (
        messages,
        preferred,
        B,
        more,
    )


def padding() -> list[bytes]:
    """Return nine sound examples, all different."""
    asked = [b'{"role":"user","content":"q%d"}' % number for number in range(1, 10)]
    said = [b'[{"role":"assistant","content":"a%d"}]' % number for number in range(1, 10)]
    return [pair(answer, messages=question) for question, answer in zip(asked, said, strict=True)]


def renamed(line: bytes) -> bytes:
    return line.replace(b"preferred_output", b"preferred_completion")


def findings(line: bytes, folder: Path, method: str = "dpo") -> list[tuple[str, str, int]]:
    """Return (severity, rule, line) of errors and warnings, of a file with `line` as line 10."""
    file = folder / "data.jsonl"
    file.write_bytes(BOM + b"".join(text + b"\n" for text in (*padding(), line)))
    report = ftlint.check(file, method=method, model="gpt-4.1", max_findings=0)
    assert not report.errors
    return sorted(
        (finding.severity.value, finding.rule, finding.location.line)
        for finding in report.findings
        if finding.severity != "info" and finding.rule != "few-examples"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(pair(), [], id="row-93"),
        pytest.param(pair(b"[" + B + b"]"), [("warning", "outputs-identical", 10)], id="row-95"),
        pytest.param(renamed(pair()), [("error", "openapi-field-names", 10)] * 2, id="row-96"),
        pytest.param(pair(b'"a"'), [("error", "output-not-array", 10)], id="row-98"),
        pytest.param(
            pair(b"[" + U + b"]"),
            [
                ("error", "output-role-not-allowed", 10),
                ("error", "output-without-assistant", 10),
            ],
            id="row-99",
        ),
        pytest.param(
            pair(more=b',"tools":' + TOOLS),
            [("error", "tools-at-top-level-in-dpo", 10)],
            id="row-100",
        ),
        pytest.param(pair(b"[]"), [("error", "output-empty", 10)], id="empty output"),
        pytest.param(
            pair(b'[{"role":"user","content":4,"weight":2,"x":1},' + A + b"]"),
            [("error", "output-role-not-allowed", 10)],
            id="a role that is not allowed is told alone",
        ),
        pytest.param(
            pair(messages=A).replace(b"}]},", b"}]}, "),
            [("warning", "input-ends-with-assistant", 10)],
            id="input ends with assistant",
        ),
        pytest.param(
            renamed(pair()).replace(b'"non_', b'"id":1,"non_'),
            [
                ("error", "extra-preference-key", 10),
                ("error", "openapi-field-names", 10),
                ("error", "openapi-field-names", 10),
            ],
            id="names of the description beside an extra key",
        ),
        pytest.param(
            b'{"preferred_completion":[' + A + b"]}",
            [
                ("error", "missing-preference-key", 10),
                ("error", "missing-preference-key", 10),
                ("error", "openapi-field-names", 10),
            ],
            id="names of the description, other keys missing",
        ),
    ],
)
def test_a_line(line: bytes, expected: list[tuple[str, str, int]], tmp_path: Path) -> None:
    seen = [found for found in findings(line, tmp_path) if found[1] not in _OF_THE_INPUT]
    assert seen == expected


_OF_THE_INPUT = {"no-user-message", "assistant-first", "duplicate-example"}


def test_row_94_the_wrong_method(tmp_path: Path) -> None:
    assert findings(pair(), tmp_path, "sft") == [("error", "format-method-mismatch", 1)]


def test_row_112_two_answers_in_a_row(tmp_path: Path) -> None:
    line = b'{"messages":[' + U + b"," + A + b"," + B + b"]}"
    file = tmp_path / "data.jsonl"
    file.write_bytes(BOM + line + b"\n")
    report = ftlint.check(file, method="sft", ignore=["too-few-examples", "auto-epochs-high"])
    (finding,) = report.findings
    assert (finding.rule, finding.severity) == ("consecutive-same-role", "warning")
    assert finding.location.pointer == "/messages/2"


def test_fixes_of_one_line_that_meet_are_all_done(tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    before = pair(b'"caf\\u00e9"', b', "tools" : ' + TOOLS + b',"parallel_tool_calls":true')
    file.write_bytes(BOM + renamed(before) + b"\n")
    fixed = fix_file(str(file), resolve(RULES, method="dpo"), unsafe=False)
    assert fixed.rules == {
        "openapi-field-names": 2,
        "output-not-array": 1,
        "tools-at-top-level-in-dpo": 2,
    }
    assert file.read_bytes() == BOM + (
        b'{"input":{"messages":[' + U + b'], "tools" : ' + TOOLS + b', "parallel_tool_calls":true}'
        b',"preferred_output":[{"role": "assistant", "content": "caf\\u00e9"}]'
        b',"non_preferred_output":[' + B + b"]}\n"
    )


def test_tools_are_not_moved_over_others(tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    line = pair(more=b',"tools":[]').replace(b"]},", b'],"tools":' + TOOLS + b"},", 1)
    file.write_bytes(BOM + line + b"\n")
    report = ftlint.check(file, select=["tools-at-top-level-in-dpo"])
    assert [finding.fix for finding in report.findings] == [None]


@pytest.mark.parametrize("size", [1, 300, 1 << 20])
def test_what_is_kept_of_a_dataset_does_not_depend_on_the_ranges(size: int, tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    swapped = (
        b'{"input":{"messages":[%s]},"preferred_output":[%s],"non_preferred_output":[%s]}'
    ) % (
        U,
        B,
        A,
    )
    lines = [pair(), *padding() * 4, swapped]
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    rules = ["duplicate-preference-input", "length-bias"]
    report = ftlint.check(file, method="dpo", select=rules, range_size=size)
    second = sum(len(line) + 1 for line in lines[:-1])
    assert [(finding.rule, finding.message) for finding in report.findings] == [
        (
            "duplicate-preference-input",
            f"an input stands with the same outputs in both orders, at bytes 0 and {second:,}",
        ),
        ("length-bias", "the preferred output is the longer one in 36 of 38 examples"),
    ]
