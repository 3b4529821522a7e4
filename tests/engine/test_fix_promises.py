"""What is called fixable is fixed."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ftlint
from ftlint.cli import run
from ftlint.config.config import resolve
from ftlint.config.profile import PROFILES
from ftlint.core.rule import RULES
from ftlint.engine.fixer import FixError, fix_file
from ftlint.inputs.streams import SUFFIXES
from tests.conftest import FIXTURES
from tests.engine.test_properties import SOUND, mutated
from tests.support.helpers import report_of, write

pytestmark = pytest.mark.usefixtures("in_tmp")


def promised(path: str, profile: str) -> list[str]:
    """Return the rules whose findings have a safe fix."""
    report = ftlint.check(path, profile=profile, max_findings=0)
    return [finding.rule for finding in report.findings if finding.fix and finding.fix.safe]


def test_a_key_that_stands_twice_is_not_called_fixable(capsys: pytest.CaptureFixture[str]) -> None:
    twice = b'{"messages":[{"role":"user","content":"q","weight":1,"weight":1}]}\n'
    path = write("a.jsonl", twice)
    assert run(["fix", "--profile", "openai", path]) == 1
    out = capsys.readouterr().out
    assert "weight-on-non-assistant" in out
    assert "fixable" not in out
    found = {finding.rule: finding.fix for finding in report_of(capsys, path).findings}
    assert found["weight-on-non-assistant"] is None
    assert Path(path).read_bytes() == twice


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    lines=st.lists(st.sampled_from(list(SOUND.values())).flatmap(mutated), min_size=1, max_size=3),
    key=st.sampled_from(["weight", "role", "name", "content", "tools", "type", "messages"]),
    profile=st.sampled_from(PROFILES),
)
def test_what_is_promised_for_any_lines_is_done(
    lines: list[dict[str, object]], key: str, profile: str
) -> None:
    data = b"\n".join(map(orjson.dumps, lines))
    doubled = data.replace(f'"{key}":'.encode(), f'"{key}":1,"{key}":'.encode(), 2)
    for number, text in enumerate((data, doubled)):
        path = write(f"{number}.jsonl", text)
        before = promised(path, profile)
        fixed = fix_file(path, resolve(RULES, profile=profile), unsafe=False)
        assert not before or fixed.rules
        assert not promised(path, profile)


@pytest.mark.parametrize(
    "file", sorted(FIXTURES.glob("rules/*/bad*")), ids=lambda f: f"{f.parent.name}-{f.name}"
)
def test_what_is_promised_for_the_fixtures_is_done(file: Path) -> None:
    path = shutil.copy(file, f"a{file.suffix}")
    with suppress(FixError):  # of a file that is compressed: it has nothing to promise then
        fix_file(path, resolve(RULES, profile="azure"), unsafe=False)
    if file.suffix not in SUFFIXES:  # findings in what such a file holds; the summary counts none
        assert not promised(path, "azure")
