"""The report as JSON: it holds everything but excerpts, and its schema is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

import ftlint
from ftlint.cli import run
from ftlint.core.report import Report
from ftlint.formats.schema import load
from tests.support.helpers import BAD, EMPTY, GOOD, HUMAN, LINE, whole, write

pytestmark = pytest.mark.usefixtures("in_tmp")

REPEATED = LINE.replace(b"{", b'{"messages":[],', 1)
WEIGHT = LINE.replace(b'"a"', b'"a","weight":true')
FILES = {
    "good.jsonl": GOOD,
    "bad.jsonl": BAD + b"\n[1]\nx\n" + HUMAN * 2,
    "related.jsonl": GOOD + REPEATED + b"\n" + WEIGHT + b"\r\n",
    "empty.jsonl": b"",
    "data.txt": whole(LINE, EMPTY, mark=b"", end=b"\r\n"),
    "utf16.jsonl": GOOD.decode().encode("utf-16"),
    "prompts.jsonl": b'{"prompt":"p","completion":"c"}\n' * 20,
    "many.jsonl": GOOD + (HUMAN + b"\n") * 300,
}


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> bytes:
    capsys.readouterr()
    run(["check", "--output-format", "json", *arguments])
    return capsys.readouterr().out.encode()


@pytest.mark.parametrize("name", FILES)
def test_a_report_makes_a_round_trip(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(name, FILES[name])
    report = ftlint.check(path)
    findings = tuple(replace(finding, excerpt=None) for finding in report.findings)
    known = replace(report, findings=findings)
    read = Report.from_dict(orjson.loads(printed(capsys, path)))
    assert read == known
    assert read.to_dict() == known.to_dict()


def test_a_report_of_several_inputs_and_errors_makes_a_round_trip(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = [write(name, data) for name, data in FILES.items()] + ["none.jsonl"]
    report = ftlint.check(names, strict=True)
    findings = tuple(replace(finding, excerpt=None) for finding in report.findings)
    read = Report.from_dict(orjson.loads(printed(capsys, "--strict", *names)))
    assert read == replace(report, findings=findings)
    assert [entry.path for entry in read.inputs] == names[:-1]


def test_a_report_keeps_to_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    names = [write(name, data) for name, data in FILES.items()] + ["none.jsonl"]
    Draft202012Validator(load("report")).validate(json.loads(printed(capsys, *names)))


def test_a_report_says_its_version_and_holds_no_excerpt_nor_absolute_path(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [str(in_tmp / write(name, data)) for name, data in FILES.items()]
    text = printed(capsys, *names)
    assert json.loads(text)["version"] == 1
    assert b'"excerpt"' not in text
    assert str(in_tmp).encode() not in text


def test_a_report_is_the_same_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    names = [write(name, data) for name, data in FILES.items()]
    assert printed(capsys, *names) == printed(capsys, *names)


def test_findings_are_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    names = [write(name, data) for name, data in FILES.items()]
    report = Report.from_dict(orjson.loads(printed(capsys, *names)))
    order = [
        (names.index(where.path), where.byte_offset, finding.rule, where.pointer or "")
        for finding in report.findings
        for where in [finding.location]
    ]
    assert order == sorted(order)


def test_counts_agree_with_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    names = [write(name, data) for name, data in FILES.items()]
    report = Report.from_dict(orjson.loads(printed(capsys, "--max-findings", "2", *names)))
    for entry in report.inputs:
        for severity, count in entry.counts.items():
            assert count == sum(counts[severity] for counts in entry.rules.values())
        stored = sum(finding.location.path == entry.path for finding in report.findings)
        left = sum(report.truncated.get(entry.path, {}).values())
        assert stored + left == sum(entry.counts.values())
        assert entry.passed is (entry.counts["error"] == 0)
    for severity, count in report.counts.items():
        assert count == sum(entry.counts[severity] for entry in report.inputs)
        assert count == sum(counts[severity] for counts in report.rules.values())


def test_the_model_and_method_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report.from_dict(orjson.loads(printed(capsys, "--method", "sft", write("a.jsonl"))))
    assert (report.profile, report.model) == ("azure", None)
    assert [(entry.format, entry.method) for entry in report.inputs] == [("chat", "sft")]
