"""Microsoft's own sample files: none has a byte-order mark, and nothing else is wrong in them."""

from __future__ import annotations

from pathlib import Path

import pytest

import ftlint
from ftlint.inputs.filetype import BOM
from tests.conftest import SAMPLES

CHAT = sorted(SAMPLES.glob("sft-*.jsonl"))

pytestmark = pytest.mark.skipif(not CHAT, reason=f"the samples are not there: {SAMPLES}")


def errors(report: ftlint.Report) -> list[str]:
    return [finding.rule for finding in report.findings if finding.severity == "error"]


@pytest.mark.parametrize("sample", CHAT, ids=lambda sample: sample.stem)
def test_the_missing_mark_is_the_only_error(sample: Path) -> None:
    report = ftlint.check(sample)
    assert errors(report) == ["missing-bom"]
    assert not report.passed
    assert report.inputs[0].format == "chat"


@pytest.mark.parametrize("sample", CHAT, ids=lambda sample: sample.stem)
def test_a_sample_passes_with_the_mark_or_without_the_rule(sample: Path, in_tmp: Path) -> None:
    assert ftlint.check(sample, ignore=["missing-bom"]).passed
    marked = in_tmp / "train.jsonl"
    marked.write_bytes(BOM + sample.read_bytes())
    report = ftlint.check(marked)
    assert report.passed
    warned = {rule for rule, counts in report.rules.items() if counts["warning"]}
    assert warned <= {"few-examples"}


@pytest.mark.parametrize("sample", CHAT, ids=lambda sample: sample.stem)
def test_a_sample_passes_openai_as_it_is(sample: Path) -> None:
    assert ftlint.check(sample, profile="openai").passed


@pytest.mark.parametrize(
    ("name", "format_"), [("dpo-*", "preference"), ("rft-*.jsonl", "reinforcement")]
)
def test_data_for_other_methods_is_known_and_sound(name: str, format_: str) -> None:
    for sample in SAMPLES.glob(name):
        report = ftlint.check(sample)
        assert errors(report) == ["missing-bom"]
        assert report.inputs[0].format == format_
