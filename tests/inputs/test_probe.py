"""What the first bytes of a file cost: a line that can be no object is not parsed to find out."""

from __future__ import annotations

from types import SimpleNamespace

import orjson
import pytest

from ftlint.inputs import probe
from tests.support.helpers import LINE, report_of, write


@pytest.mark.usefixtures("in_tmp")
def test_only_lines_that_may_be_objects_are_parsed_for_the_format(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = []

    def counted(line: bytes) -> object:
        lines.append(line)
        return orjson.loads(line)

    parser = SimpleNamespace(loads=counted, JSONDecodeError=orjson.JSONDecodeError)
    monkeypatch.setattr(probe, "orjson", parser)
    report = report_of(capsys, write("a.jsonl", b"\n" * 1000 + b"7\n" * 1000 + b" " + LINE))
    assert report.inputs[0].format == "chat"
    assert set(lines) == {b" " + LINE}
