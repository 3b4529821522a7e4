"""What is written where: formats and files, -q and -v, colours, standard output and error."""

from __future__ import annotations

import os

import orjson
import pytest

from ftlint.cli import run
from tests.support.helpers import BAD, GOOD, HUMAN, LINE, one_line, read, terminal, write

pytestmark = pytest.mark.usefixtures("in_tmp")

ESCAPE = "\x1b["
CRLF = GOOD + LINE + b"\r\n"
"""One info, crlf-line-endings."""

ERROR = "error[unknown-role]"
VERDICT = "a.jsonl: failed, 1 error in 51 examples (4.1 kB); 1 more with --unsafe-fixes\n"


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    """Check a file with one error; return what stands on standard output and error."""
    assert run(["check", *arguments, write("a.jsonl", BAD)]) == 1
    return capsys.readouterr()


def test_results_stand_on_standard_output_alone(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = output(capsys)
    assert out.startswith(f"{ERROR}: ")
    assert out.endswith(VERDICT)
    assert err == ""


def test_quiet_shows_verdicts_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, "-q") == (VERDICT, "")
    assert output(capsys, "--quiet", "--output-format", "concise") == (VERDICT, "")


def test_twice_quiet_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, "-qq") == ("", "")
    assert output(capsys, "-q", "-q") == ("", "")


def test_twice_quiet_still_says_what_cannot_be_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "-qq", "none.jsonl"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    one_line(err)


def test_twice_quiet_still_writes_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, "-qq", "--output-format", "json=a.json") == ("", "")
    assert orjson.loads(read("a.json"))["counts"]["error"] == 1


def test_verbose_says_what_is_checked_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, err = output(capsys, "-v")
    assert out.endswith(VERDICT)
    assert err.startswith("a.jsonl: chat format, method sft, 51 lines, sha256 ")
    assert err.count("\n") == 1


def test_verbose_shows_infos(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl", CRLF)
    assert run(["check", path]) == 0
    assert "info[" not in capsys.readouterr().out
    assert run(["check", "--verbose", path]) == 0
    assert "info[crlf-line-endings]" in capsys.readouterr().out


def test_quiet_and_verbose_cancel_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, "-qv") == output(capsys)


def test_formats_go_where_they_are_sent(capsys: pytest.CaptureFixture[str]) -> None:
    full, _ = output(capsys)
    concise, _ = output(capsys, "--output-format", "concise")
    json, _ = output(capsys, "--output-format", "json")
    out, err = output(
        capsys,
        *("--output-format", "json=a.json", "--output-format", "concise=a.txt"),
        *("--output-format", "full", "--output-format", "json=b=c.json"),
    )
    assert (out, err) == (full, "")
    for name, expected in (("a.json", json), ("a.txt", concise), ("b=c.json", json)):
        assert read(name).decode() == expected


def test_a_format_that_goes_to_a_file_leaves_standard_output_empty(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert output(capsys, "--output-format", "json=a.json") == ("", "")


def test_the_exit_code_does_not_depend_on_the_format() -> None:
    bad, good = write("a.jsonl", BAD), write("b.jsonl")
    for name in ("full", "concise", "json", "json=a.json"):
        assert run(["check", "--output-format", name, bad]) == 1
        assert run(["check", "--output-format", name, good]) == 0
        assert run(["check", "--output-format", name, good, "none.jsonl"]) == 2


@pytest.mark.parametrize("path", ["none/a.json", "folder", "a.jsonl/b.json"])
def test_a_file_that_cannot_be_written(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkdir("folder")
    assert run(["check", "--output-format", f"json={path}", write("a.jsonl")]) == 2
    assert one_line(capsys.readouterr().err).startswith(f"{path}: cannot write: ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_is_no_bug_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--output-format", "json=/dev/full", write("a.jsonl")]) == 2
    words = one_line(capsys.readouterr().err)
    assert words.startswith("/dev/full: cannot write: ")


def test_a_report_is_not_written_over_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("a.jsonl")
    assert run(["check", "--output-format", f"json={path}", path]) == 2
    one_line(capsys.readouterr().err)
    assert read(path) == GOOD


@pytest.mark.parametrize(
    ("arguments", "environment", "colored"),
    [
        ((), {}, False),
        (("--color", "auto"), {}, False),
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": ""}, False),
        ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ((), {"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
    ],
)
@pytest.mark.parametrize("name", ["full", "concise"])
def test_colours_away_from_a_terminal(
    name: str,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    *,
    colored: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    out, _ = output(capsys, "--output-format", name, *arguments)
    assert (ESCAPE in out) is colored


@pytest.mark.parametrize(
    ("arguments", "environment", "colored"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"NO_COLOR": ""}, True),
        (("--color", "never"), {}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
    ],
)
def test_colours_on_a_terminal(
    arguments: tuple[str, ...], environment: dict[str, str], *, colored: bool
) -> None:
    code, text = terminal("check", *arguments, write("a.jsonl", BAD), env=environment)
    assert code == 1
    assert (ESCAPE in text) is colored


def test_colours_change_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    plain, _ = output(capsys)
    colored, _ = output(capsys, "--color", "always")
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[32m"):
        colored = colored.replace(code, "")
    assert colored == plain


def test_json_is_never_coloured(capsys: pytest.CaptureFixture[str]) -> None:
    plain, _ = output(capsys, "--output-format", "json")
    assert output(capsys, "--output-format", "json", "--color", "always") == (plain, "")


def test_colours_for_the_terminal_do_not_reach_files() -> None:
    code, text = terminal(
        "check", write("a.jsonl", BAD), "--output-format", "full", "--output-format", "full=a.txt"
    )
    assert code == 1
    assert ESCAPE in text
    assert ESCAPE not in read("a.txt").decode()


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_no_line_of_an_excerpt_is_wider_than_the_terminal(columns: int) -> None:
    long = HUMAN.replace(b'"q"', b'"' + b"long " * 200 + b'"')
    _, text = terminal("check", write("a.jsonl", long), env={"COLUMNS": str(columns)})
    excerpt = [line for line in text.splitlines() if line.startswith("1 | ")]
    assert len(excerpt) == 1
    assert excerpt[0].endswith("…")
    assert columns - 4 <= len(excerpt[0]) <= columns


def test_fixes_are_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fix", write("a.jsonl", GOOD.removeprefix(b"\xef\xbb\xbf"))]) == 0
    out, err = capsys.readouterr()
    assert out == "a.jsonl: passed, no findings in 50 examples (4.0 kB)\n"
    assert err == "a.jsonl: fixed 1 missing-bom\n"
