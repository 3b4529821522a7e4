"""Profiles of a user's own, what they may say and what not, and the digests of a configuration."""

from __future__ import annotations

from typing import Any

import pytest

from ftlint.cli import run
from ftlint.config.config import Choices, Config, resolve
from ftlint.core.errors import ConfigError
from ftlint.core.rule import RULES
from tests.support.helpers import EMPTY, GOOD, LINE, one_line, report_of, whole, write

pytestmark = pytest.mark.usefixtures("in_tmp")

ROLE = LINE.replace(b"},{", b'},{"role":"human","content":"h"},{')
"""An unknown role between those that a conversation needs."""

AZURE = 'title = "own"\nextends = "azure"\n'


def own(text: str, name: str = "own.toml", head: str = AZURE) -> str:
    """Write a profile that extends Azure's, unless `head` says otherwise; return its path."""
    return write(name, (head + text).encode())


def config(text: str, **choices: Any) -> Config:
    return resolve(RULES, profile=own(text), **choices)


def refusal(capsys: pytest.CaptureFixture[str], path: str) -> str:
    """Check a file with a profile that is no good; return the words for that."""
    assert run(["check", "--profile", path, write("a.jsonl")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    words = one_line(err)
    assert "a bug in ftlint" not in words
    return words


@pytest.mark.parametrize(
    ("base", "expected"),
    [("azure", {"missing-bom"}), ("openai", set())],
)
def test_a_profile_extends_another(
    base: str, expected: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    head = f'title = "own"\nextends = "{base}"\n'
    path = own("[rules.few-examples]\nrecommended = 20\n", head=head)
    report = report_of(capsys, "--profile", path, write("a.jsonl", whole(*[LINE] * 20, mark=b"")))
    assert set(report.rules) == expected
    assert report.profile == "own"


def test_a_profile_extends_what_is_common(capsys: pytest.CaptureFixture[str]) -> None:
    path = own("", head='title = "own"\nextends = "common"\n')
    report = report_of(capsys, "--profile", path, write("a.jsonl"))
    assert set(report.rules) == {"unexpected-bom"}


def test_a_profile_extends_a_file_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    own('[rules.empty-content]\nlevel = "error"\n[rules.few-examples]\nrecommended = 90\n',
        "team/base.toml")  # fmt: skip
    path = own('[rules.few-examples]\nlevel = "info"\n', "team/own.toml",
               'title = "own"\nextends = "base"\n')  # fmt: skip
    report = report_of(capsys, "--profile", path, write("a.jsonl", GOOD + EMPTY + b"\n"))
    assert report.rules["empty-content"]["error"] == 1
    assert report.rules["few-examples"]["info"] == 1
    assert [finding.message for finding in report.findings if finding.rule == "few-examples"] == [
        "51 examples, fewer than the 90 recommended"
    ]


def test_a_file_beside_wins_over_a_profile_of_ours() -> None:
    own('[rules.empty-content]\nlevel = "error"\n', "openai.toml")
    path = own("", head='title = "own"\nextends = "openai"\n')
    levels = resolve(RULES, profile=path).levels
    assert levels["empty-content"] == "error"
    assert levels["missing-bom"] == "error"  # the file beside extends Azure's


@pytest.mark.parametrize("level", ["error", "warning", "info"])
def test_levels(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = own(f'[rules.unknown-role]\nlevel = "{level}"\n')
    data = write("a.jsonl", GOOD + ROLE + b"\n")
    report = report_of(capsys, "--profile", path, data)
    assert report.rules["unknown-role"][level] == 1
    assert report.passed is (level != "error")


def test_off_is_a_level(capsys: pytest.CaptureFixture[str]) -> None:
    path = own('[rules.unknown-role]\nlevel = "off"\n[rules.empty-content]\nlevel = "off"\n')
    data = write("a.jsonl", GOOD + ROLE + b"\n" + EMPTY + b"\n")
    assert not report_of(capsys, "--profile", path, data).rules
    assert not report_of(capsys, "--profile", path, "--select", "structure", data).rules
    back = report_of(capsys, "--profile", path, "--select", "unknown-role,empty-content", data)
    assert back.counts == {"error": 1, "warning": 1, "info": 0}


def test_cases_have_levels_of_their_own() -> None:
    levels = config(
        '[rules.null-content]\nlevel = "info"\n'
        '[rules."null-content.with-calls"]\nlevel = "error"\n'
        '[rules."malformed-tool-call.no-id"]\nlevel = "off"\n'
        '[rules.file-too-large]\nlevel = "off"\n'
    ).levels
    assert levels["null-content"] == "info"
    assert levels["null-content.with-calls"] == "error"
    assert "malformed-tool-call" in levels
    assert "malformed-tool-call.no-id" not in levels
    assert "file-too-large" not in levels
    assert "file-too-large.near-limit" not in levels  # a rule that is off takes its cases along


def test_limits(capsys: pytest.CaptureFixture[str]) -> None:
    path = own(
        "[rules.too-few-examples]\nminimum = 60\n"
        "[rules.file-too-large]\nmaximum = 4_000\n"
        '[rules.unknown-role]\nenum = ["user", "assistant", "human"]\n'
    )
    report = report_of(capsys, "--profile", path, write("a.jsonl", GOOD + ROLE + b"\n"))
    assert set(report.rules) == {"too-few-examples", "file-too-large"}
    assert not report.passed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[rules.unknown-rol]\nlevel = "off"\n', "did you mean 'unknown-role'?"),
        ('[rules."null-content.with-call"]\nlevel = "off"\n', "'null-content.with-calls'?"),
        ('[rules."unknown-role.case"]\nlevel = "off"\n', "unknown rule 'unknown-role.case'"),
        ("[rules.few-examples]\nrecomended = 5\n", "did you mean 'recommended'?"),
        ("[rules.few-examples]\nlevle = 5\n", "did you mean 'level'?"),
        ("[rules.unknown-role]\nmaximum = 5\n", "unknown option 'maximum'"),
        ('[rules.few-examples]\nminimum = "5"\n', "few-examples.minimum is '5', expected int"),
        ("[rules.few-examples]\nminimum = 5.0\n", "few-examples.minimum is 5.0, expected int"),
        ("[rules.few-examples]\nminimum = true\n", "few-examples.minimum is True, expected int"),
        ("[rules.few-examples]\nminimum = -1\n", "few-examples.minimum"),
        ("[rules.line-too-long]\nmaximum = -1\n", "line-too-long.maximum"),
        ("[rules.too-many-messages]\nmaxItems = -1\n", "too-many-messages.maxItems"),
        ("[rules.few-examples]\nminimum = 99999999999999999999\n", "own.toml"),
        ('[rules.unknown-role]\nenum = "user"\n', "unknown-role.enum"),
        ("[rules.unknown-role]\nenum = [1, 2]\n", "unknown-role.enum"),
        ('[rules.unknown-role]\nlevel = "fatal"\n', "rules.unknown-role.level"),
        ("[rules.unknown-role]\nlevel = 1\n", "rules.unknown-role.level"),
        ('[rules]\nunknown-role = "off"\n', "rules.unknown-role"),
        ("[rules.unknown-role]\nsource = 1\n", "rules.unknown-role.source"),
        ('rule = "x"\n', "did you mean 'rules'?"),
        ("checked = 5\n", "checked"),
        ("title = 5\n", "own.toml"),
        ("[rules.few-examples\n", "own.toml: not a readable profile: "),
        ('"a\\nb\\u001b[31m" = 1\n', "own.toml"),
    ],
)
def test_what_a_profile_may_not_say(
    text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = refusal(capsys, own(text))
    assert words.startswith("own.toml: ")
    assert says in words
    assert "\x1b" not in words


def test_a_title_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "title" in refusal(capsys, own("", head='extends = "azure"\n'))


def test_a_profile_that_extends_nothing_has_what_holds_for_every_service() -> None:
    alone = resolve(RULES, profile=own("", head='title = "own"\n'))
    assert (
        alone.options
        == resolve(RULES, profile=own("", head='title = "x"\nextends = "common"\n')).options
    )


def test_a_limit_of_a_case_is_not_silently_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    path = own('[rules."file-too-large.near-limit"]\nnear = 5\n')
    assert "near" in refusal(capsys, path)


@pytest.mark.parametrize(
    ("path", "data", "says"),
    [
        ("none.toml", None, "no such file or directory"),
        ("own.toml", b"\xff\xfe", "not a readable profile"),
        ("own.toml", b"", "title"),
        ("own.toml", b"{}", "not a readable profile"),
    ],
)
def test_a_file_that_is_no_profile(
    path: str, data: bytes | None, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if data is not None:
        write(path, data)
    words = refusal(capsys, path)
    assert words.startswith(f"{path}: ")
    assert says in words.lower()


def test_a_directory_is_no_profile(capsys: pytest.CaptureFixture[str]) -> None:
    write("own.toml/a.txt", b"")
    assert "is a directory" in refusal(capsys, "own.toml").lower()


def test_only_files_in_toml_are_profiles(capsys: pytest.CaptureFixture[str]) -> None:
    write("own.json", b"{}")
    assert "unknown profile 'own.json'" in refusal(capsys, "own.json")
    assert "unknown profile 'common'" in refusal(capsys, "common")


@pytest.mark.parametrize("folder", ["", "./", "team/", "team/../team/"])
def test_a_profile_cannot_extend_itself(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("team/x", b"")
    path = own("", f"{folder}own.toml", 'title = "own"\nextends = "own"\n')
    assert "a profile cannot extend itself" in refusal(capsys, path)


def test_profiles_cannot_extend_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    own("", "base.toml", 'title = "base"\nextends = "own"\n')
    path = own("", head='title = "own"\nextends = "base"\n')
    assert "extend" in refusal(capsys, path)


def test_a_profile_cannot_extend_what_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    words = refusal(capsys, own("", head='title = "own"\nextends = "azur"\n'))
    assert words.startswith("own.toml: ")
    assert "did you mean 'azure'?" in words


def test_errors_of_a_profile_are_those_of_the_api_too() -> None:
    with pytest.raises(ConfigError, match="did you mean 'unknown-role'"):
        config('[rules.unknown-rol]\nlevel = "off"\n')
    with pytest.raises(ConfigError, match="max findings is -1"):
        resolve(RULES, max_findings=-1)
    with pytest.raises(ConfigError, match="unknown method 'dop'"):
        resolve(RULES, method="dop")


SAME: list[Choices] = [
    {"max_findings": 0},
    {"max_findings": 7},
    {"select": ["ALL"]},
    {"extend_select": ["encoding"]},
]


@pytest.mark.parametrize("choices", SAME, ids=str)
def test_digests_stay_where_no_verdict_changes(choices: Choices) -> None:
    before, after = resolve(RULES), resolve(RULES, **choices)
    assert (after.digest, after.rules_digest) == (before.digest, before.rules_digest)


OTHER: list[Choices] = [
    {"profile": "openai"},
    {"select": ["encoding"]},
    {"ignore": ["unknown-role"]},
    {"ignore": ["null-content.with-calls"]},
    {"extend_select": ["unexpected-bom"]},
]


@pytest.mark.parametrize("choices", OTHER, ids=str)
def test_digests_change_with_the_rules_in_force(choices: Choices) -> None:
    before, after = resolve(RULES), resolve(RULES, **choices)
    assert after.rules_digest != before.rules_digest
    assert after.digest != before.digest


def test_the_digest_changes_with_what_else_decides() -> None:
    before, strict = resolve(RULES), resolve(RULES, strict=True)
    assert strict.rules_digest == before.rules_digest
    assert len({before.digest, strict.digest, resolve(RULES, method="sft").digest}) == 3


@pytest.mark.parametrize(
    "text",
    [
        '[rules.unknown-role]\nlevel = "warning"\n',
        '[rules.unknown-role]\nlevel = "off"\n',
        '[rules."null-content.with-calls"]\nlevel = "error"\n',
        "[rules.few-examples]\nrecommended = 51\n",
        '[rules.unknown-role]\nenum = ["user", "assistant"]\n',
    ],
)
def test_digests_change_with_levels_and_limits(text: str) -> None:
    assert config(text).rules_digest != config("").rules_digest
    assert config(text).digest != config("").digest


def test_digests_do_not_change_with_words() -> None:
    words = 'checked = 2026-01-01\nnotes = "x"\n[rules.few-examples]\nsource = "y"\n'
    assert config(words).rules_digest == config("").rules_digest
    assert config("").rules_digest == resolve(RULES).rules_digest


def test_digests_are_in_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    report, known = report_of(capsys, "--strict", write("a.jsonl")), resolve(RULES, strict=True)
    assert (report.config_digest, report.rules_digest) == (known.digest, known.rules_digest)
    assert len(report.config_digest) == len(report.rules_digest) == 64
