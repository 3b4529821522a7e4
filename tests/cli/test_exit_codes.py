"""The command line: exit codes, their precedence, and how wrong usage is answered."""

from __future__ import annotations

import importlib
from dataclasses import FrozenInstanceError
from pathlib import Path

import click
import pytest

from ftlint.cli import run
from ftlint.cli.options import OutputOptions
from ftlint.engine import checker
from ftlint.version import __version__
from tests.support.helpers import BAD, EMPTY, GOOD, LINE, one_line, report_of, write

pytestmark = pytest.mark.usefixtures("in_tmp")

WARNED = GOOD + EMPTY + b"\n"


def test_a_file_that_passes_exits_0() -> None:
    assert run(["check", write("a.jsonl")]) == 0


def test_a_file_that_fails_exits_1() -> None:
    assert run(["check", write("a.jsonl", BAD)]) == 1


def test_one_failed_file_of_two_exits_1() -> None:
    assert run(["check", write("a.jsonl"), write("b.jsonl", BAD)]) == 1


def test_what_is_unreadable_exits_2() -> None:
    assert run(["check", "none.jsonl"]) == 2


@pytest.mark.parametrize("first", ["none.jsonl", "bad.jsonl"])
def test_2_wins_over_1_and_the_other_paths_are_checked(
    first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("bad.jsonl", BAD)
    second = {"none.jsonl": "bad.jsonl", "bad.jsonl": "none.jsonl"}[first]
    assert run(["check", first, second, write("good.jsonl")]) == 2
    out, err = capsys.readouterr()
    assert "bad.jsonl: failed, 1 error in 51 examples" in out
    assert "good.jsonl: passed" in out
    assert one_line(err) == "none.jsonl: no such file or directory; check the path"


def test_an_unreadable_path_fails_the_report_and_no_input(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = report_of(capsys, write("good.jsonl"), "none.jsonl")
    assert not report.passed
    assert [entry.passed for entry in report.inputs] == [True]
    assert [(error.rule, error.path) for error in report.errors] == [(None, "none.jsonl")]


def test_an_interrupt_exits_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checker, "check", interrupted)
    assert run(["check", "none.jsonl", write("bad.jsonl", BAD)]) == 130
    out, err = capsys.readouterr()
    assert (out, err.split()) == ("", ["interrupted"])


def test_exit_zero_changes_exit_code_1_and_not_the_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = write("bad.jsonl", BAD)
    assert run(["check", "--exit-zero", bad]) == 0
    assert "bad.jsonl: failed, 1 error" in capsys.readouterr().out
    report = report_of(capsys, "--exit-zero", bad)
    assert not report.passed
    assert not report.inputs[0].passed


def test_exit_zero_changes_no_other_exit_code() -> None:
    assert run(["check", "--exit-zero", "none.jsonl"]) == 2
    assert run(["check", "--exit-zero", "--select", "nothing", write("a.jsonl")]) == 2


def test_a_warning_fails_with_strict_only(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", WARNED)
    assert run(["check", path]) == 0
    assert run(["check", "--strict", path]) == 1
    assert report_of(capsys, path).passed
    strict = report_of(capsys, "--strict", path)
    assert strict.strict
    assert not strict.passed
    assert strict.counts == {"error": 0, "warning": 1, "info": 0}


def test_an_info_never_fails(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", GOOD + LINE)
    assert run(["check", "--strict", path]) == 0
    assert report_of(capsys, "--strict", path).counts["info"] == 1


def test_lint_is_check(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", BAD)
    assert run(["check", path]) == 1
    checked = capsys.readouterr()
    assert run(["lint", path]) == 1
    assert capsys.readouterr() == checked


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"ftlint {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chek", "a.jsonl"], "did you mean 'check'?"),
        (["lnt", "a.jsonl"], "no command 'lnt'"),
        (["xyz", "a.jsonl"], "known: check, fix"),
        (["check", "--profile", "azur", "a.jsonl"], "did you mean 'azure'?"),
        (["check", "--profile", "zzz", "a.jsonl"], "known: azure"),
        (["check", "--select", "unknown-rol", "a.jsonl"], "did you mean 'unknown-role'?"),
        (["check", "--ignore", "encodng", "a.jsonl"], "did you mean 'encoding'?"),
        (["check", "--extend-select", "all", "a.jsonl"], "unknown rule 'all'"),
        (["check", "--select", "null-content.with-call", "a.jsonl"], "'null-content.with-calls'?"),
        (["check", "--output-format", "jsn", "a.jsonl"], "did you mean 'json'?"),
        (["check", "--output-format", "jsn=a.json", "a.jsonl"], "did you mean 'json'?"),
        (["check", "--output-format", "json=", "a.jsonl"], "names no file after the ="),
        (["check", "--method", "stf", "a.jsonl"], "did you mean 'sft'?"),
        (["check", "--max-findings", "-1", "a.jsonl"], "-1 is not in the range"),
        (["check", "--max-findings", "few", "a.jsonl"], "'few' is not a valid integer"),
        (["check", "--color", "blue", "a.jsonl"], "'blue' is not one of"),
        (["check", "--strictly", "a.jsonl"], "--strict"),
        (["check", "--profile"], "requires an argument"),
        (["check"], "Missing argument 'PATH...'"),
        (["fix"], "Missing argument 'PATH...'"),
        (["check", "--unsafe-fixes", "a.jsonl"], "add --fix or --diff"),
        (["rule", "unknown-rol"], "did you mean 'unknown-role'?"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, list) else "",
)
def test_wrong_usage_is_answered_in_one_line_and_exits_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.jsonl")
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in one_line(err)


def test_no_command_is_answered_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    one_line(err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--profile", "a\n\x1b[31mb.toml"],
        ["check", "--select", "a\n\x1b[31mb"],
        ["check", "--output-format", "a\n\x1b[31mb"],
        ["check", "--color", "a\n\x1b[31mb"],
        ["check", "a\n\x1b[31mb.jsonl"],
        ["check", "--diff", "a\n\x1b[31mb.jsonl"],
        ["check", "--output-format", "json=a\n\x1b[31mb/c"],
        ["check", "--a\n\x1b[31mb"],
        ["a\n\x1b[31mb"],
        ["rule", "a\n\x1b[31mb"],
    ],
    ids=lambda value: " ".join(value[:2]).partition("\n")[0],
)
def test_what_the_user_wrote_neither_breaks_the_line_nor_obeys(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, write("a.jsonl")]) == 2
    assert "\x1b" not in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("name", ["check", "fix", "rule"])
def test_help_describes_every_option(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command: click.Command = importlib.import_module(f"ftlint.cli.commands.{name}").command
    assert run([name, "--help"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            assert option.help
            for flag in option.opts:
                assert f"{flag} " in out or f"{flag}," in out
    assert "-h, --help" in out


@pytest.mark.parametrize(
    "option",
    [
        *("--profile", "--method", "--select", "--ignore", "--extend-select", "--strict"),
        *("--output-format", "--fix", "--unsafe-fixes", "--diff", "--max-findings", "--color"),
        *("--no-progress", "--exit-zero", "-q, --quiet", "-v, --verbose"),
    ],
)
def test_check_has_the_options_of_the_design(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", "-h"]) == 0
    assert f"  {option} " in capsys.readouterr().out


def test_run_is_a_function_whatever_is_imported(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "--help"]) == 0
    assert importlib.import_module("ftlint.cli").run is run
    assert "The job:\n  --yes " in capsys.readouterr().out


def test_options_are_frozen() -> None:
    options = OutputOptions.of({"output_format": "json"})
    assert options.output_format == "json"
    with pytest.raises(FrozenInstanceError, match="output_format"):
        options.output_format = "text"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        object.__setattr__(options, "format", "text")


def test_help_lists_the_commands_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    for word in ("check ", "fix ", "rule ", "0 passed", "1 failed", "130 interrupted"):
        assert word in out


def test_a_crash_of_ours_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("first\nsecond \x1b[31m")

    monkeypatch.delenv("FTLINT_DEBUG", raising=False)
    monkeypatch.setattr(checker, "check", crash)
    assert run(["check", write("a.jsonl")]) == 2
    line = one_line(capsys.readouterr().err)
    assert "RuntimeError: first" in line
    assert "FTLINT_DEBUG=1" in line
    assert "\x1b" not in line
    monkeypatch.setenv("FTLINT_DEBUG", "1")
    assert run(["check", write("a.jsonl")]) == 2
    assert "Traceback (most recent call last)" in capsys.readouterr().err
