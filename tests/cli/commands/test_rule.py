"""`ftlint rule` and `ftlint profile`: what they print, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from ftlint.cli import run
from ftlint.config.profile import PROFILES
from ftlint.core.rule import RULES
from tests.support.helpers import one_line


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command prints; it must succeed."""
    assert run(list(arguments)) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_a_rule_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "rule", "weight-float")
    assert text.startswith("# weight-float\n\nA weight is written as an integer.\n")
    for heading in ("## Levels", "## Sources", "## Bad", "## Good"):
        assert heading in text
    (levels,) = (line for line in text.splitlines() if line.startswith("| weight-float |"))
    severities = dict(zip(PROFILES, levels.strip("| ").split(" | ")[1:], strict=True))
    assert (severities["azure"], severities["together"]) == ("warning", "error")


@pytest.mark.parametrize("name", ["no-trainable-message", "null-content.with-calls"])
def test_a_rule_is_found_by_alias_and_case(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    known = {"no-trainable-message": "all-weights-zero", "null-content.with-calls": "null-content"}
    assert printed(capsys, "rule", name).startswith(f"# {known[name]}\n")


def test_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "rule").splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(RULES)
    listed = orjson.loads(printed(capsys, "rule", "--output-format", "json"))
    assert [entry["id"] for entry in listed] == [line.split()[0] for line in lines]


def test_every_rule_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "rule", "--all")
    assert [line[2:] for line in text.splitlines() if line.startswith("# ")] == list(RULES)
    data = orjson.loads(printed(capsys, "rule", "--all", "--output-format", "json"))
    assert [entry["id"] for entry in data] == list(RULES)
    one = orjson.loads(printed(capsys, "rule", "missing-bom", "--output-format", "json"))
    assert one["levels"]["azure"] == {"missing-bom": "error"}
    assert one["levels"]["together"] == {"missing-bom": "off"}


def test_an_unknown_rule_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "missing-bon"]) == 2
    assert one_line(capsys.readouterr().err) == (
        "unknown rule 'missing-bon'; did you mean 'missing-bom'?"
    )


def test_profiles_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "profile").splitlines()
    assert [line.split()[0] for line in lines] == list(PROFILES)
    listed = orjson.loads(printed(capsys, "profile", "--output-format", "json"))
    assert [entry["name"] for entry in listed] == list(PROFILES)


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_shown_with_its_sources(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "profile", name)
    assert text.startswith(f"{name}: ")
    assert "sources read: 20" in text
    data = orjson.loads(printed(capsys, "profile", name, "--output-format", "json"))
    assert data["rules"].keys() == {entry for rule in RULES.values() for entry in rule.names}
    for entry, table in data["rules"].items():
        assert bool(table["source"]) == bool(table["evidence"]), entry


def test_a_profile_of_ones_own_is_shown(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = 'title = "mine"\nextends = "azure"\n[rules.few-examples]\nlevel = "off"\n'
    (in_tmp / "own.toml").write_text(own)
    text = printed(capsys, "profile", "own.toml")
    assert text.startswith("own: mine\n")
    assert "few-examples" in text
    (in_tmp / "bare.toml").write_text('title = "bare"\nextends = "common"\n')
    assert "sources read: 2026-11-20" in printed(capsys, "profile", "bare.toml")


def test_an_unknown_profile_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profile", "azur"]) == 2
    assert "did you mean 'azure'" in one_line(capsys.readouterr().err)
