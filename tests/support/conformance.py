"""How a row of the conformance table is built and checked; the rows stand in the tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ftlint

BOM = b"\xef\xbb\xbf"
LEFT_OUT = {"few-examples", "rft-too-few", "missing-validation-file"}
"""Warnings that hold for nearly every row, and count only where the row names them."""

U = b'{"role":"user","content":"q"}'
A = b'{"role":"assistant","content":"a"}'
T = (
    b'[{"type":"function","function":{"name":"f","description":"d","parameters":'
    b'{"type":"object","properties":{"x":{"type":"string"}},"required":["x"]}}}]'
)
TC = b'{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\\"x\\":\\"1\\"}"}}'


def v0(number: int) -> bytes:
    """Return the valid base line with a question and an answer of its own."""
    return (
        b'{"messages":[{"role":"system","content":"s"},'
        b'{"role":"user","content":"q%d"},{"role":"assistant","content":"a%d"}]}'
    ) % (number, number)


def chat(*messages: bytes, more: bytes = b"") -> bytes:
    """Return an example of these messages, with `more` behind them."""
    return b'{"messages":[' + b",".join(messages) + b"]" + more + b"}"


def user(rest: bytes) -> bytes:
    return b'{"role":"user",' + rest + b"}"


def assistant(rest: bytes) -> bytes:
    return b'{"role":"assistant",' + rest + b"}"


def whole(*lines: bytes, mark: bytes = BOM, end: bytes = b"\n") -> bytes:
    return mark + b"".join(line + end for line in lines)


def base(count: int = 10) -> list[bytes]:
    return [v0(number) for number in range(1, count + 1)]


def tenth(line: bytes) -> bytes:
    """Return a file of nine sound examples with `line` as line 10."""
    return whole(*base(9), line)


def ten(line: bytes) -> bytes:
    """Return a file of ten lines like `line`, in which `%d` numbers them."""
    return whole(*(line.replace(b"%d", b"%d" % number) for number in range(1, 11)))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: a file and what is to be found in it.

    Errors, warnings and infos stand on `line`. `fix` is "safe" or "unsafe" where the row says so.
    `later` names the rules and profiles of the row that do not exist yet. `choices` are those of
    the check (the method is sft where they name none), `files` what stands beside the data.
    """

    number: str
    what: str
    data: bytes
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    line: int = 10
    fix: str | None = None
    profile: str = "azure"
    later: tuple[str, ...] = ()
    choices: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def expected(self) -> set[tuple[str, str, int]]:
        """Return (severity, rule, line) of the errors and warnings."""
        errors = {("error", rule, self.line) for rule in self.errors}
        return errors | {("warning", rule, self.line) for rule in self.warnings}


def named(row: Row) -> str:
    return f"row-{row.number}"


def findings(row: Row, report: ftlint.Report) -> Iterator[ftlint.Finding]:
    """Yield the errors and warnings that count for a row."""
    for finding in report.findings:
        left_out = finding.rule in LEFT_OUT and finding.rule not in row.warnings
        if finding.severity != "info" and not left_out:
            yield finding


def hold(row: Row, folder: Path) -> None:
    """Check the file of a row in `folder`, the working directory: all that the row says is so."""
    (folder / "data.jsonl").write_bytes(row.data)
    for name, data in row.files.items():
        (folder / name).write_bytes(data)
    choices: dict[str, Any] = {"method": "sft", **row.choices}
    report = ftlint.check("data.jsonl", profile=row.profile, max_findings=0, **choices)
    assert report.errors == ()

    found = {
        (finding.severity.value, finding.rule, finding.location.line)
        for finding in findings(row, report)
    }
    assert found == row.expected()
    assert report.passed == (not row.errors)

    infos = {(f.rule, f.location.line) for f in report.findings if f.severity == "info"}
    assert {(rule, row.line) for rule in row.infos} <= infos
    if row.fix:
        fixes = [finding.fix for finding in findings(row, report)]
        assert {fix and fix.safe for fix in fixes} == {row.fix == "safe"}
