"""Short lines without an example, of which there may be millions, are checked once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ftlint
from ftlint.config.config import Choices, resolve
from ftlint.core.example import Example
from ftlint.core.report import Report
from ftlint.core.rule import RULES
from ftlint.engine import line_checker
from ftlint.engine.fastpath import short_lines
from ftlint.engine.line_checker import LineChecker
from ftlint.engine.line_result import LineResult

GOOD = b'{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}\n'
LINES = [GOOD, b"\n", b" \n", b"\r\n", b"{}\n", b'{"prompt":"p"}\n', b"[]\n", b"x\n", b"\xff\n"]
LINES += [b"\xef\xbb\xbf\n", b'{"a":1,"a":2}\n', b"\0\n", b"NaN\n", b"{}{}\n", b"x"]


def report(file: Path, **choices: object) -> Report:
    chosen: Choices = {"tokens": "off", "max_findings": 3, **choices}  # type: ignore[typeddict-item]
    return ftlint.check(file, **chosen)


@given(lines=st.lists(st.sampled_from(LINES), max_size=40), statistics=st.booleans())
def test_what_is_kept_changes_nothing(
    lines: list[bytes], statistics: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("short") / "data.jsonl"
    file.write_bytes(b"".join(lines))
    kept = report(file, statistics=statistics)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(short_lines, "BYTES", -1)
        patch.setattr(line_checker, "BYTES", -1)
        checked = report(file, statistics=statistics)
    assert kept.to_dict() == checked.to_dict()


def test_a_blank_line_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    check = LineChecker._check  # noqa: SLF001 - what is saved is not to be seen from outside

    def counted(self: LineChecker, example: Example, start: int) -> LineResult:
        calls.append(start)
        return check(self, example, start)

    monkeypatch.setattr(LineChecker, "_check", counted)
    checker = LineChecker(resolve(RULES), "chat")
    assert len(list(checker.check_block([GOOD, *[b"\n"] * 1000], "data.jsonl", 0))) == 1001
    assert len(calls) == 2
