"""Reports for people: findings in full and in one line, what is not shown, and the verdicts."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from ftlint.cli import run
from ftlint.reporters.summary import counted, plural, size
from tests.support.helpers import EMPTY, GOOD, HUMAN, LINE, report_of, whole, write

pytestmark = pytest.mark.usefixtures("in_tmp")

ASKED = "Hi, can you help me? It is long. It is long. It i"
SEVENTEEN = whole(
    *[LINE] * 16,
    b'{"messages": [{"role": "human", "content": "%ss long."}, ' % ASKED.encode()
    + b'{"role": "assistant", "content": "Yes."}]}',
    *[LINE] * 40,
)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Return the lines of a report."""
    capsys.readouterr()
    run(["check", "--color", "never", *arguments])
    return capsys.readouterr().out.splitlines()


def test_full_as_in_the_design(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, write("train.jsonl", SEVENTEEN)) == [
        'error[unknown-role]: role "human" is not one of system, user, assistant, tool, function',
        "  --> train.jsonl:17:24 (example 17) /messages/0/role",
        "   |",
        f'17 | {{"messages": [{{"role": "human", "content": "{ASKED}…',
        '   |                        ^^^^^^^ use "user"',
        '   = fix: rename to "user" (unsafe)     more: ftlint rule unknown-role',
        "",
        "train.jsonl: failed, 1 error in 57 examples (4.6 kB); 1 more with --unsafe-fixes",
    ]


def test_concise(capsys: pytest.CaptureFixture[str]) -> None:
    roles = "system, user, assistant, tool, function"
    assert shown(capsys, "--output-format", "concise", write("train.jsonl", SEVENTEEN)) == [
        f'train.jsonl:17:24: error[unknown-role] role "human" is not one of {roles}',
        "train.jsonl: failed, 1 error in 57 examples (4.6 kB); 1 more with --unsafe-fixes",
    ]


def test_a_file_without_findings(capsys: pytest.CaptureFixture[str]) -> None:
    expected = ["a.jsonl: passed, no findings in 50 examples (4.0 kB)"]
    assert shown(capsys, write("a.jsonl")) == expected
    assert shown(capsys, "--output-format", "concise", "a.jsonl") == expected


def test_a_finding_about_the_whole_file(capsys: pytest.CaptureFixture[str]) -> None:
    message = "the file starts with a byte-order mark, which this service does not take"
    assert shown(capsys, "--profile", "openai", write("a.jsonl")) == [
        f"error[unexpected-bom]: {message}",
        "  --> a.jsonl:1:1",
        "  = fix: remove the byte-order mark (safe)     more: ftlint rule unexpected-bom",
        "",
        "a.jsonl: failed, 1 error in 50 examples (4.0 kB); 1 fixable with --fix",
    ]


def test_related_places(capsys: pytest.CaptureFixture[str]) -> None:
    line = LINE.replace(b"{", b'{"messages":[],', 1)
    path = write("a.jsonl", GOOD + line + b"\n")
    assert shown(capsys, "--select", "duplicate-key", path) == [
        'warning[duplicate-key]: key "messages" stands twice in this object; parsers keep the last',
        "  --> a.jsonl:51:16 (example 51) /messages",
        "   |",
        f"51 | {line.decode()}",
        "   |                ^^^^^^^^^^",
        "   = first here: line 51, column 2",
        "   = more: ftlint rule duplicate-key",
        "",
        "a.jsonl: passed, 1 warning in 51 examples (4.1 kB)",
    ]


def test_infos_only_with_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", GOOD[:-1])
    verdict = "a.jsonl: passed, 1 info in 50 examples (4.0 kB); 1 fixable with --fix"
    assert shown(capsys, path) == [verdict]
    assert shown(capsys, "-v", path) == [
        "info[missing-final-newline]: the last line does not end in LF",
        "  --> a.jsonl:50:80 (example 50)",
        "   |",
        f"50 | {LINE.decode()}",
        f"   | {' ' * 79}^",
        "   = fix: end the last line (safe)     more: ftlint rule missing-final-newline",
        "",
        verdict,
    ]


def test_quiet_shows_verdicts_only(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", GOOD + (EMPTY + b"\n") * 3)
    for name in ("full", "concise"):
        assert shown(capsys, "-q", "--max-findings", "1", "--output-format", name, path) == [
            "a.jsonl: passed, 3 warnings in 53 examples (4.2 kB)"
        ]


def test_what_is_not_shown_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", GOOD + (HUMAN + b"\n") * 1002 + (EMPTY + b"\n") * 3)
    for name in ("full", "concise"):
        lines = shown(capsys, "--max-findings", "1", "--output-format", name, path)
        assert sum("[unknown-role]" in line for line in lines) == 1
        assert sum("[empty-content]" in line for line in lines) == 1
        assert lines[-2] == (
            "a.jsonl: not shown: 2 empty-content, 1,001 unknown-role (--max-findings 0 shows all)"
        )
        assert lines[-1].startswith(
            "a.jsonl: failed, 1,002 errors and 3 warnings in 1,055 examples (85.4 kB)"
        )
    assert not any("not shown" in line for line in shown(capsys, "--max-findings", "0", path))


@pytest.mark.parametrize(
    ("most", "fixable"),
    [
        ("0", "3 fixable with --fix; 5 more"),
        ("1", "1 or more fixable with --fix; 1 more"),
        ("100", "3 fixable with --fix; 5 more"),
    ],
)
def test_what_can_be_fixed_is_counted_or_said_to_be_more(
    most: str, fixable: str, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = LINE.replace(b'"a"', b'"a","weight":true')
    path = write("a.jsonl", GOOD + (HUMAN + b"\n") * 5 + (weights + b"\n") * 3)
    verdict = "a.jsonl: failed, 8 errors in 58 examples (4.7 kB)"
    assert shown(capsys, "--max-findings", most, path)[-1] == (
        f"{verdict}; {fixable} with --unsafe-fixes"
    )


def test_counts_stay_exact_when_findings_are_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", GOOD + (HUMAN + b"\n") * 5)
    report = report_of(capsys, "--max-findings", "2", path)
    assert report.counts == {"error": 5, "warning": 0, "info": 0}
    assert report.rules == {"unknown-role": report.counts}
    assert [finding.location.line for finding in report.findings] == [51, 52]
    assert report.truncated == {path: {"unknown-role": 3}}


def test_several_inputs_end_in_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.jsonl", GOOD + HUMAN)
    write("b.jsonl")
    write("c.jsonl", GOOD + EMPTY + b"\n")
    fixes = "1 fixable with --fix; 1 more with --unsafe-fixes"
    assert shown(capsys, "-q", ".") == [
        f"a.jsonl: failed, 1 error and 1 info in 51 examples (4.1 kB); {fixes}",
        "b.jsonl: passed, no findings in 50 examples (4.0 kB)",
        "c.jsonl: passed, 1 warning in 51 examples (4.1 kB)",
        "3 files: 2 passed, 1 failed; 1 error, 1 warning and 1 info",
    ]
    assert shown(capsys, "-q", "b.jsonl", "c.jsonl")[-1] == "2 files: 2 passed; 1 warning"


WIDE = [
    ("東京タワー", 10),
    ("😀😀", 4),
    ("e\u0301e\u0301", 2),
    ("한국어", 6),
    ("\uff46\uff55\uff4c\uff4c", 8),
    ("n\u00e3o \u03b1\u0432", 6),
    ("\t", 4),
    ("\u202e", 6),
]


@pytest.mark.parametrize(("text", "cells"), WIDE)
def test_carets_stand_under_what_they_mean(
    text: str, cells: int, capsys: pytest.CaptureFixture[str]
) -> None:
    escaped = text.replace("\t", r"\t").encode()
    line = b'{"%s":1,' % (escaped * 2) + HUMAN[1:].replace(b"human", b"h" + escaped)
    lines = shown(capsys, "--select", "unknown-role", write("a.jsonl", GOOD + line + b"\n"))
    source, carets = lines[3], lines[4]
    marked = source[source.index('"h') :].split('"')[1]
    assert cell_len(carets[: carets.index("^")]) == cell_len(source[: source.index('"h')])
    assert carets.count("^") == cell_len(marked) + 2
    assert marked.startswith("h")
    assert cells in (cell_len(marked) - 1, 4)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (2, "2 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (1050, "1.1 kB"),
        (999_949, "999.9 kB"),
        (999_999, "1.0 MB"),
        (10_200_000, "10.2 MB"),
        (999_999_999, "1.0 GB"),
        (2_500_000_000_000, "2,500.0 GB"),
    ],
)
def test_sizes(count: int, words: str) -> None:
    assert size(count) == words


def test_plurals() -> None:
    assert [plural(count, "error") for count in (0, 1, 2, 4502)] == [
        "0 errors",
        "1 error",
        "2 errors",
        "4,502 errors",
    ]
    assert counted({"error": 0, "warning": 0, "info": 0}) == "no findings"
    assert counted({"error": 1, "warning": 0, "info": 0}) == "1 error"
    assert counted({"error": 3, "warning": 12, "info": 0}) == "3 errors and 12 warnings"
    assert counted({"error": 1, "warning": 1, "info": 1}) == "1 error, 1 warning and 1 info"
