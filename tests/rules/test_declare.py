"""What a rule declares is refused at import where it could never be found, and else is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ftlint
from ftlint import Event, Hit
from ftlint.core.example import Example
from ftlint.core.rule import RULES, Options, RuleError
from ftlint.rules.context import Contents, Roles, Text
from ftlint.rules.declare import rule
from tests.support import own_rules

LONG = "x" * 50_001
LINE = '{"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "b"}]}\n'


@pytest.fixture(autouse=True)
def only_rules_of_before() -> Iterator[None]:
    before = set(RULES)
    yield
    for name in RULES.keys() - before:
        del RULES[name]


def talks(roles: Roles, contents: Contents, options: Options) -> Iterator[Hit]:
    for index, text in enumerate(contents):
        if len(text) > 50_000:
            yield Hit((index, "content"), "long")


def example_only(example: Example, options: Options) -> Iterator[Hit]:
    yield Hit((), "found")


def found_in_line_2001(tmp_path: Path, name: str) -> list[int]:
    path = tmp_path / "data.jsonl"
    path.write_text(LINE % "a" * 2_000 + LINE % LONG + LINE % "a")
    report = ftlint.check(path, select=[name], max_findings=0)
    assert not report.errors
    return [finding.location.line for finding in report.findings]


def test_a_rule_about_texts_is_asked_of_the_last_of_2001_lines(tmp_path: Path) -> None:
    own_rules.declare()
    assert found_in_line_2001(tmp_path, "own-long-text") == [2001]


def test_a_rule_about_conversations_is_asked_of_every_line(tmp_path: Path) -> None:
    rule("own-talk", severity="warning", on=Event.CONVERSATION)(talks)
    assert found_in_line_2001(tmp_path, "own-talk") == [2001]


def test_a_rule_over_the_dataset_gets_every_example(tmp_path: Path) -> None:
    own_rules.declare()
    path = tmp_path / "data.jsonl"
    path.write_text(LINE % "a" * 2_000 + LINE % LONG + LINE % "a")
    [finding] = ftlint.check(path, select=["own-dataset"]).findings
    assert finding.message == f"the longest line has {len(LINE % LONG)} bytes"


def test_what_a_schema_says_of_the_length_of_texts_is_found_in_line_2001(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ftlint.engine import line_checker  # noqa: PLC0415 - the module whose function is replaced
    from ftlint.formats import schema  # noqa: PLC0415 - the module whose function is replaced

    def load(name: str) -> dict[str, Any]:
        loaded = schema.load(name)
        content = loaded["$defs"]["message-body"]["properties"]["content"]
        content["maxLength"] = 50_000
        content["x-rule"]["maxLength"] = "content-wrong-type"
        return loaded

    monkeypatch.setattr(line_checker, "load", load)
    assert found_in_line_2001(tmp_path, "content-wrong-type") == [2001]


@pytest.mark.parametrize("gone", ["when", "starts", "holds", "alike", "by_shape", "values"])
def test_declarations_that_could_lose_a_finding_are_gone(gone: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{gone}'"):
        rule("own", severity="error", on=Event.TEXT, **{gone: len})  # type: ignore[arg-type]


def words_of(declared: Callable[..., Any], function: Any) -> str:
    with pytest.raises(RuleError) as caught:
        declared(function)
    return str(caught.value)


def test_what_does_not_exist_is_refused_with_what_was_meant() -> None:
    own: dict[str, Any] = {"id": "own", "severity": "error"}
    misspelt: Any = "mesage.content"
    assert words_of(rule(**own, on=misspelt), example_only) == (
        "rule 'own': unknown event 'mesage.content'; did you mean Event.MESSAGE_KEY(KEY)?"
    )
    assert words_of(rule(**own, on=Event.MESSAGE_KEY), example_only) == (
        "rule 'own': unknown event 'Event.MESSAGE_KEY'; did you mean Event.MESSAGE_KEY(KEY)?"
    )
    assert (
        words_of(
            rule(**own, on=Event.ROW, everywhere="evry-row", cases={"every-row": "error"}),
            example_only,
        )
        == "rule 'own': unknown case 'evry-row'; did you mean every-row?"
    )
    assert words_of(rule(**own, on=Event.ROW, formats=["chats"]), example_only) == (
        "rule 'own': unknown format 'chats'; did you mean chat?"
    )
    assert words_of(rule(**own, on=Event.ROW, job=["modle"]), example_only) == (
        "rule 'own': unknown fact of the job 'modle'; did you mean model?"
    )
    assert words_of(rule(**own, on=Event.ROW, options={"maximum": int}), example_only) == (
        "rule 'own': option 'maximum' has no value in any profile; "
        "set it under [rules.own] in common.toml, or declare a default"
    )
    assert words_of(rule(**own, on=Event.IMAGE, contains=["x"]), own_rules.long_text).startswith(
        "rule 'own': contains does not go with Event.IMAGE; it goes with"
    )
    assert words_of(rule(**own, on=Event.DATASET, sees="shape"), own_rules.Longest) == (
        "rule 'own': unknown way to see 'shape'; known: text, view"
    )


def test_a_signature_that_does_not_fit_is_refused() -> None:
    assert words_of(rule("own", severity="error", on=Event.TEXT), example_only) == (
        "rule 'own': example_only takes (example, options), "
        "expected (example, text, options) for Event.TEXT"
    )
    assert "expects a class" in words_of(
        rule("own", severity="error", on=Event.DATASET), example_only
    )
    assert "has no add, merge, finish, which Event.DATASET needs" in words_of(
        rule("own", severity="error", on=Event.DATASET), Path
    )


def test_an_option_may_have_a_default(tmp_path: Path) -> None:
    def longer(example: Example, text: Text, options: Options) -> Iterator[Hit]:
        if len(text.text) > options["maximum"]:
            yield Hit(text.pointer, "long")

    rule("own-longer", severity="error", on=Event.TEXT, options={"maximum": 50_000})(longer)
    assert found_in_line_2001(tmp_path, "own-longer") == [2001]


def test_a_hit_with_a_case_that_is_not_declared_is_a_crash_of_the_rule(tmp_path: Path) -> None:
    def near(example: Example, options: Options) -> Iterator[Hit]:
        yield Hit((), "found", case="naer")

    rule("own-near", severity="error", on=Event.ROW, cases={"near": "warning"})(near)
    path = tmp_path / "data.jsonl"
    path.write_text(LINE % "a")
    [error] = ftlint.check(path, select=["own-near"]).errors
    assert error.message == (
        "rule own-near failed with RuleError: case 'naer' is not declared; declared: near; "
        "please report this"
    )
