"""The engine: however the data is cut and whatever fails, the report is the same and honest."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import reduce
from multiprocessing.pool import ThreadPool
from pathlib import Path

import chardet
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ftlint
from ftlint.config.config import MAX_FINDINGS, resolve
from ftlint.core.example import Example
from ftlint.core.finding import Finding, Hit, Severity
from ftlint.core.limits import LINE_FINDINGS
from ftlint.core.report import Report
from ftlint.core.rule import RULES, Options
from ftlint.engine.fixer import fix_file
from ftlint.engine.locator import LineLocator
from ftlint.engine.parallel.batches import Batch
from ftlint.engine.plan import ranges_of
from ftlint.engine.range_checker import check_range
from ftlint.engine.tally import MAX_STORED, Tally
from ftlint.inputs import discovery
from ftlint.inputs.paths import InputError
from ftlint.inputs.probe import probe
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

GOOD = b'{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}\n'
BAD = b'{"messages": [{"role": "human", "content": "q"}, {"role": "assistant", "content": ""}]}\n'
LINES = (
    GOOD,
    BAD,
    b"\n",
    b" \t\r\n",
    b"\xef\xbb\xbf" + GOOD,
    b'{"messages": [}\n',
    b"\xff\xfe{}\n",
    b'["no object"]\r\n',
    GOOD[:-1] + b"\r\n",
    b'{"messages": "\xe2\x80\xa8"}\n',
    b'{"prompt": "p", "completion": "c"}\n',
    b'{"a": 1, "a": 2}\n',
    b"x" * 300 + b"\n",
)


def report_of(file: Path, size: int, **choices: object) -> Report:
    return ftlint.check(file, range_size=size, **choices)  # type: ignore[arg-type]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.sampled_from(LINES), max_size=40),
    tail=st.sampled_from((b"", b"{", GOOD[:-1], b"  ")),
    mark=st.booleans(),
    size=st.integers(1, 2000),
    keep=st.integers(0, 3),
)
def test_ranges_change_nothing(
    in_tmp: Path, lines: list[bytes], tail: bytes, mark: bool, size: int, keep: int
) -> None:
    file = in_tmp / "data.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" * mark + b"".join(lines) + tail)
    whole = report_of(file, 1 << 30, max_findings=keep)
    assert report_of(file, size, max_findings=keep) == whole
    data = file.read_bytes()
    assert whole.inputs[0].lines == data.count(b"\n") + (data[-1:] not in (b"", b"\n"))


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tallies_merge_in_any_order(in_tmp: Path, shuffle: random.Random) -> None:
    file = in_tmp / "data.jsonl"
    file.write_bytes(b"".join(LINES) * 9)
    config = resolve(RULES, max_findings=5)
    with discovery.expand([str(file)]) as (inputs, _):
        parts = list(ranges_of(inputs[0], probe(inputs[0]), 200))
    tallies = [check_range(part, config) for part in parts]
    shuffle.shuffle(tallies)
    left = reduce(Tally.merge, tallies, Tally(5))
    right = reduce(lambda one, other: other.merge(one), tallies, Tally(5))
    for merged in (left, right):
        assert merged.counts == sum((tally.counts for tally in tallies), start=Tally(5).counts)
        assert sorted(merged.findings) == sorted(left.findings)
        for key, findings in merged.findings.items():
            assert findings == left.findings[key]


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_map_will_do(
    in_tmp: Path, pool: Callable[[int], ThreadPoolExecutor | ProcessPoolExecutor]
) -> None:
    file = in_tmp / "data.jsonl"
    file.write_bytes(b"".join(LINES) * 50)
    alone = ftlint.check(file)
    with pool(2) as workers:
        assert ftlint.check(file, map=workers.map, range_size=1000) == alone


def test_a_map_may_take_batches_in_a_thread_of_its_own(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "RANGE_SIZE", 1000)
    for number in range(50):
        (in_tmp / f"{number:02}.jsonl").write_bytes(b"".join(LINES) * 5)
    with ThreadPool(3) as workers:
        report = ftlint.check(".", map=workers.imap_unordered, range_size=300, max_findings=3)
    assert report == ftlint.check(".", max_findings=3)


def test_a_check_does_not_depend_on_the_checks_before_it(in_tmp: Path) -> None:
    """What is compiled for a configuration is kept for the next check in the process."""
    chat = (
        '{"messages": [{"role": "user", "content": "%d"}, {"role": "assistant", "content": "a"}]}\n'
    )
    (in_tmp / "data.jsonl").write_text("".join(chat % number for number in range(300)))
    ftlint.check("data.jsonl")
    statistics = ftlint.check("data.jsonl", statistics=True).statistics["data.jsonl"]["data"]
    assert statistics["examples"] == 300
    assert not ftlint.check("data.jsonl").statistics


@pytest.mark.parametrize("depth", [100, 520, 1000])
def test_a_text_is_located_at_any_depth(in_tmp: Path, depth: int) -> None:
    """The parser takes 1,024 levels; nothing after it may recurse over them."""
    deep = '{"a":' * depth + '"<|im_end|>"' + "}" * depth
    chat = '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"x":'
    (in_tmp / "data.jsonl").write_text(f"{chat}{deep}}}\n")
    report = ftlint.check("data.jsonl", select=["special-token-in-content"])
    assert report.errors == ()
    [finding] = report.findings
    assert finding.location.column == len(chat) + 5 * depth + 1
    assert finding.location.pointer == "/x" + "/a" * depth


def test_counts_are_exact_when_findings_are_capped(in_tmp: Path) -> None:
    file = in_tmp / "data.jsonl"
    file.write_bytes(BAD * 250)
    report = ftlint.check(file, max_findings=7)
    assert report.rules["unknown-role"] == {"error": 250, "warning": 0, "info": 0}
    kept = [finding.location.line for finding in report.findings if finding.rule == "unknown-role"]
    assert kept == [1, 2, 3, 4, 5, 6, 7]
    assert report.truncated["data.jsonl"]["unknown-role"] == 243
    assert len(ftlint.check(file, max_findings=0).findings) >= 500


def test_stored_findings_are_capped_over_all_inputs(in_tmp: Path) -> None:
    for number in range(30):
        (in_tmp / f"{number:02}.jsonl").write_bytes(BAD * 210)
    report = ftlint.check(".", max_findings=200)
    assert len(report.findings) == MAX_STORED
    assert report.counts["error"] == 30 * 210 + 30
    stored = {finding.location.path for finding in report.findings}
    assert "00.jsonl" in stored
    assert "29.jsonl" not in stored
    assert ftlint.check(".", max_findings=200, range_size=999) == report


def test_line_and_example_numbers_are_physical(in_tmp: Path) -> None:
    file = in_tmp / "data.jsonl"
    file.write_bytes(GOOD + b"\n" + b"{\n" + b"\r\n" + BAD + GOOD)
    report = ftlint.check(file, select=["unknown-role", "invalid-json", "blank-line"])
    places = {
        (finding.rule, finding.location.line, finding.location.example)
        for finding in report.findings
    }
    assert places == {
        ("blank-line", 2, None),
        ("invalid-json", 3, 2),
        ("blank-line", 4, None),
        ("unknown-role", 5, 3),
    }
    assert report.inputs[0].lines == 6
    assert report.inputs[0].examples == 3


def test_a_fingerprint_survives_insertion_and_reordering(in_tmp: Path) -> None:
    file = in_tmp / "data.jsonl"
    other = BAD.replace(b'"q"', b'"another question"')
    file.write_bytes(BAD + other + BAD)
    before = ftlint.check(file, select=["unknown-role"])
    file.write_bytes(GOOD + other + GOOD + b"\n" + BAD + BAD)
    after = ftlint.check(file, select=["unknown-role"])
    prints = [finding.fingerprint for finding in before.findings]
    assert len(set(prints)) == 3
    assert set(prints) == {finding.fingerprint for finding in after.findings}


@pytest.fixture
def failing_rule() -> Iterator[str]:
    name = "fails-on-examples"

    @rule(name, severity="warning", on=Event.EXAMPLE)
    def fails(example: Example, options: Options) -> Iterable[Hit]:
        """Every example is refused with an exception."""
        raise ValueError("boom")

    @rule("fails-on-turns", severity="warning", on=Event.TURNS)
    def fails_too(turns: tuple[str, ...], options: Options) -> Iterable[Hit]:
        """Every conversation is refused with an exception."""
        yield Hit(("messages",), "said before the failure")
        raise ZeroDivisionError("boom")

    yield name
    del RULES[name], RULES["fails-on-turns"]


def test_a_rule_that_raises_is_named_and_the_run_goes_on(in_tmp: Path, failing_rule: str) -> None:
    file = in_tmp / "data.jsonl"
    file.write_bytes(GOOD * 20 + BAD)
    report = ftlint.check(file, ignore=["missing-bom"], range_size=100)
    assert not report.passed
    assert not report.inputs[0].passed
    errors = {error.rule: error for error in report.errors}
    assert set(errors) == {failing_rule, "fails-on-turns"}
    assert errors[failing_rule].byte_offset == 0
    assert "ValueError: boom" in errors[failing_rule].message
    assert report.rules["unknown-role"]["error"] == 1
    assert ftlint.check(file, ignore=["missing-bom"]) == report


def test_a_rule_about_files_that_raises_is_named(in_tmp: Path) -> None:
    @rule("fails-on-files", severity="warning", on=Event.FILE)
    def fails(probe_: object, options: Options) -> Iterable[Hit]:
        """Every file is refused with an exception."""
        raise KeyError("boom")

    try:
        (in_tmp / "data.jsonl").write_bytes(GOOD)
        report = ftlint.check("data.jsonl")
    finally:
        del RULES["fails-on-files"]
    assert [(error.rule, error.byte_offset) for error in report.errors] == [
        ("fails-on-files", None)
    ]


def test_a_file_that_changes_meanwhile_gets_no_verdict(in_tmp: Path) -> None:
    file = in_tmp / "data.jsonl"
    file.write_bytes(GOOD * 20)

    def late(check: Callable[[Batch], Tally], batches: Iterable[Batch]) -> Iterable[Tally]:
        file.write_bytes(GOOD * 21)
        return map(check, batches)

    report = ftlint.check(file, map=late, ignore=["missing-bom"])
    assert not report.passed
    assert "changed while it was checked" in report.errors[0].message


def test_a_change_is_noticed_though_size_and_time_are_put_back(in_tmp: Path) -> None:
    file = in_tmp / "data.jsonl"
    file.write_bytes(GOOD * 20)

    def late(check: Callable[[Batch], Tally], batches: Iterable[Batch]) -> Iterable[Tally]:
        times = file.stat().st_atime_ns, file.stat().st_mtime_ns
        with file.open("r+b") as out:
            out.write(GOOD.replace(b"user", b"usar"))
        os.utime(file, ns=times)
        return map(check, batches)

    report = ftlint.check(file, map=late, ignore=["missing-bom"])
    assert "changed while it was checked" in report.errors[0].message


def test_a_file_that_vanishes_meanwhile_gets_no_verdict(in_tmp: Path) -> None:
    file = in_tmp / "data.jsonl"
    file.write_bytes(GOOD * 20)

    def late(check: Callable[[Batch], Tally], batches: Iterable[Batch]) -> Iterable[Tally]:
        file.unlink()
        return map(check, batches)

    report = ftlint.check(file, map=late)
    assert not report.passed
    assert report.errors


def test_iter_findings_gives_what_check_gives(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "RANGE_SIZE", 500)
    file = in_tmp / "data.jsonl"
    file.write_bytes(b"".join(LINES) * 9)
    report = ftlint.check(file, max_findings=0)
    assert sorted(ftlint.iter_findings(file), key=repr) == sorted(report.findings, key=repr)


def test_iter_findings_refuses_what_cannot_be_read(in_tmp: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        list(ftlint.iter_findings("nowhere.jsonl"))


def test_rules_can_be_ignored_and_the_verdict_follows(in_tmp: Path) -> None:
    (in_tmp / "data.jsonl").write_bytes(GOOD * 60)
    assert not ftlint.check("data.jsonl").passed
    assert ftlint.check("data.jsonl", ignore=["missing-bom"]).passed


def test_report_is_json_and_back(in_tmp: Path) -> None:
    (in_tmp / "data.jsonl").write_bytes(b"".join(LINES))
    report = ftlint.check("data.jsonl")
    data = orjson.loads(orjson.dumps(report.to_dict()))
    assert Report.from_dict(data).to_dict() == report.to_dict()


def test_iter_findings_gathers_what_check_gathers(in_tmp: Path) -> None:
    row = b'{"messages": [{"role": "user", "content": "%d"}], "answer": "a"}\n'
    (in_tmp / "data.jsonl").write_bytes(b"".join(row % number for number in range(12)))
    (in_tmp / "grader.json").write_text(
        '{"type": "string_check", "name": "n", "operation": "eq",'
        ' "input": "{{sample.output_text}}", "reference": "{{item.lost}}"}'
    )
    report = ftlint.check("data.jsonl", grader="grader.json", max_findings=0)
    shown = [finding for finding in report.findings if finding.location.path == "data.jsonl"]
    assert [finding.rule for finding in shown].count("template-field-missing") == 1
    assert sorted(ftlint.iter_findings("data.jsonl", grader="grader.json"), key=repr) == sorted(
        shown, key=repr
    )


def test_a_line_of_a_million_values_is_not_parsed(in_tmp: Path) -> None:
    """A line of 60 MB took 2.3 GB; the rest of its file is checked, and commas in texts are few."""
    crowded = b'{"messages":[' + b"1," * 1_000_001 + b"1]}\n"
    commas = GOOD.replace(b'"q"', b'"%s"' % (b"," * 2_100_000))
    (in_tmp / "data.jsonl").write_bytes(crowded + commas + GOOD)
    report = ftlint.check("data.jsonl", select=["syntax"])
    found = [(finding.rule, finding.location.line) for finding in report.findings]
    assert found == [("line-too-long", 1), ("long-string", 2)]
    assert "holds over 1,000,000 values; not checked" in report.findings[0].message
    assert report.inputs[0].examples == 2


def test_of_many_faults_in_a_line_all_count_and_few_are_located(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line of 830 kB took 19 s: each of 166,000 faults was located, and 100 are kept."""
    line = GOOD.replace(b"]}", b"," + b",".join([b"null"] * 3_000) + b"]}")
    (in_tmp / "data.jsonl").write_bytes(line)
    located = 0
    findings = LineLocator.findings

    def counted(self: LineLocator, hits: Iterable[tuple[str, Severity, Hit]]) -> Iterator[Finding]:
        nonlocal located
        given = list(hits)
        located += len(given)
        return findings(self, given)

    monkeypatch.setattr(LineLocator, "findings", counted)
    report = ftlint.check("data.jsonl", select=["message-not-object"])
    assert report.rules["message-not-object"]["error"] == 3_000
    assert [finding.location.pointer for finding in report.findings] == [
        f"/messages/{index}" for index in range(2, 102)
    ]
    assert located == LINE_FINDINGS
    everything = ftlint.check("data.jsonl", select=["message-not-object"], max_findings=0)
    assert len(everything.findings) == 3_000


def test_the_encoding_of_a_line_is_guessed_for_what_is_shown(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of 8 MB took 71 s; a fix has no use for a guess."""
    guesses: list[bytes] = []
    detect = chardet.detect

    def counted(text: bytes) -> object:
        guesses.append(text)
        return detect(text)

    monkeypatch.setattr(chardet, "detect", counted)
    file = in_tmp / "data.jsonl"
    file.write_bytes(GOOD.replace(b'"q"', '"größer"'.encode("latin-1")) * 300)
    fix_file(str(file), resolve(RULES), unsafe=True)
    assert not guesses
    ftlint.check(file)
    assert len(guesses) <= MAX_FINDINGS
