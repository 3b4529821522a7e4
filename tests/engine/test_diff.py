"""`--diff`: what `--fix` would change, in a form that `git apply` and `patch` understand."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftlint.cli import run
from ftlint.config.config import resolve
from ftlint.core.rule import RULES
from ftlint.engine.fixer import diff_file, fix_file
from tests.support.faulty import CONVERTED, LINES, ODD, ROWS, SIMPLE, TEXT
from tests.support.helpers import (
    BOM,
    GOOD,
    HUMAN,
    LINE,
    one_line,
    process,
    read,
    terminal,
    whole,
    write,
)

pytestmark = pytest.mark.usefixtures("in_tmp")

TOOLS = {
    "git": ("git", "apply", "--unidiff-zero", "--whitespace=nowarn", "-"),
    "patch": ("patch", "--strip=1", "--binary", "--quiet", "--fuzz=0"),
}
by_tool = pytest.mark.parametrize("tool", TOOLS)


def diffed(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, bytes]:
    """Run `ftlint check --diff`; return its exit code and what it prints."""
    capfdbinary.readouterr()
    code = run(["check", "--diff", *arguments])
    out, err = capfdbinary.readouterr()
    assert err == b""
    return code, out


def patched(tool: str, data: bytes, patch: bytes, name: str = "a.jsonl") -> bytes:
    """Apply a patch to a file in an empty folder; return what the file has become."""
    if shutil.which(TOOLS[tool][0]) is None:
        pytest.skip(f"{tool} is not installed")
    folder = Path("patched")
    write(folder / name, data)
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": os.getcwd(), "GIT_CONFIG_GLOBAL": ""}
    done = subprocess.run(
        TOOLS[tool], cwd=folder, input=patch, capture_output=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr or done.stdout
    after = (folder / name).read_bytes()
    shutil.rmtree(folder)
    return after


@by_tool
@pytest.mark.parametrize("data", LINES.values(), ids=LINES)
def test_a_diff_does_what_the_fix_does(
    tool: str, data: bytes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = write("a.jsonl", data)
    code, patch = diffed(capfdbinary, path)
    assert read(path) == data
    assert code == (data != BOM + TEXT)
    if patch:
        assert patched(tool, data, patch) == BOM + TEXT
    else:
        assert code == 0


@by_tool
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    lines=st.lists(st.sampled_from([LINE, ODD, b"", b" \r", BOM, BOM + LINE, LINE + b"\r"])),
    mark=st.sampled_from([b"", BOM, BOM * 2]),
    end=st.sampled_from([b"", b"\n", b"\r\n"]),
    profile=st.sampled_from(["azure", "openai"]),
)
def test_any_diff_does_what_the_fix_does(
    tool: str, lines: list[bytes], mark: bytes, end: bytes, profile: str
) -> None:
    data = mark + b"\n".join([ROWS[0], *lines]) + end
    config = resolve(RULES, profile=profile)
    path = write("a.jsonl", data)
    patch = b"".join(diff_file(path, config, unsafe=False))
    fix_file(path, config, unsafe=False)
    assert (patched(tool, data, patch) if patch else data) == read(path)


def test_a_diff_has_no_context(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = write("a.jsonl", BOM + LINE + b"\r\n\n" + HUMAN)
    assert diffed(capfdbinary, path) == (
        1,
        b"--- a/a.jsonl\n+++ b/a.jsonl\n"
        b"@@ -1 +1 @@\n-%s%s\r\n+%s%s\n"
        % (BOM, LINE, BOM, LINE)
        + b"@@ -2 +1,0 @@\n-\n"
        + b"@@ -3 +2 @@\n-%s\n\\ No newline at end of file\n+%s\n" % (HUMAN, HUMAN),
    )


@by_tool
def test_unsafe_fixes_are_shown_when_asked_for(
    tool: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    data = GOOD + HUMAN + b"\n" + GOOD.removeprefix(BOM)
    path = write("a.jsonl", data)
    assert diffed(capfdbinary, path) == (0, b"")
    code, patch = diffed(capfdbinary, "--unsafe-fixes", path)
    assert code == 1
    assert patched(tool, data, patch) == data.replace(b"human", b"user")


def test_fix_with_diff_writes_nothing(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = write("a.jsonl", TEXT)
    expected = diffed(capfdbinary, path)
    for command in (["fix", "--diff"], ["check", "--fix", "--diff"]):
        assert run([*command, path]) == 1
        assert capfdbinary.readouterr() == (expected[1], b"")
        assert read(path) == TEXT


def test_a_diff_leaves_no_files(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    diffed(capfdbinary, write("a.jsonl", SIMPLE.decode().encode("utf-16")))
    assert os.listdir() == ["a.jsonl"]


def test_nothing_to_change_exits_0_whatever_else_is_wrong(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert diffed(capfdbinary, write("a.jsonl", GOOD)) == (0, b"")
    assert diffed(capfdbinary, write("b.jsonl", GOOD + b"[]\n")) == (0, b"")
    assert diffed(capfdbinary, write("c.jsonl", b"")) == (0, b"")


def test_exit_zero_is_for_diffs_too(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    code, patch = diffed(capfdbinary, "--exit-zero", write("a.jsonl", TEXT))
    assert code == 0
    assert patch.startswith(b"--- a/a.jsonl\n")


def test_one_file_that_changes_is_enough(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write("data/b.jsonl", TEXT)
    write("data/a.jsonl", GOOD)
    code, patch = diffed(capfdbinary, "data")
    assert code == 1
    assert patch.count(b"--- a/") == patch.count(b"--- a/data/b.jsonl\n") == 1


def test_a_missing_path_exits_2_and_does_not_stop_the_others(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert run(["check", "--diff", "none.jsonl", write("a.jsonl", TEXT)]) == 2
    out, err = capfdbinary.readouterr()
    assert out.startswith(b"--- a/a.jsonl\n")
    assert one_line(err.decode()) == "none.jsonl: no such file or directory; check the path"


@pytest.mark.parametrize("data", CONVERTED.values(), ids=CONVERTED)
def test_a_conversion_is_told_in_words(
    data: bytes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = write("a.jsonl", data)
    code, out = diffed(capfdbinary, path)
    assert code == 1
    words, _, _ = out.partition(b"--- a/a.jsonl\n+++ b/a.jsonl\n")
    shown = words.decode().splitlines()
    assert shown
    for line in shown:
        assert line.startswith(("a.jsonl: convert UTF-", "a.jsonl: end lines in LF"))
    assert read(path) == data


@by_tool
@pytest.mark.parametrize("name", ["my data.jsonl", "日本.jsonl", "a b/c d.jsonl", "-a.jsonl"])
def test_names_of_files(tool: str, name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    data = LINE + b"\r\n"
    write(name, data)
    code, patch = diffed(capfdbinary, "--", name)
    assert code == 1
    assert patched(tool, data, patch, name) == whole(LINE)


@by_tool
def test_a_first_line_over_the_cap(tool: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write("own.toml", b'title="x"\nextends="azure"\n[rules.line-too-long]\nmaximum=70\n')
    data = LINE + b"\n" + LINE[:60] + b"\r\n"
    _, patch = diffed(capfdbinary, "--profile", "own.toml", write("a.jsonl", data))
    run(["fix", "--profile", "own.toml", "a.jsonl"])
    assert patched(tool, data, patch) == read("a.jsonl") == BOM + data.replace(b"\r", b"")


HOSTILE = LINE.replace(b'"q"', '"\u009b31m \u202e \u2066 \ufeff"'.encode())


def test_a_program_gets_the_bytes_as_they_are(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = write("a.jsonl", HOSTILE + b"\n")
    _, patch = diffed(capfdbinary, path)
    assert patch.endswith(b"-%s\n+%s%s\n" % (HOSTILE, BOM, HOSTILE))


def test_a_person_gets_no_control_characters() -> None:
    name = "a\x1b]0;x\x07.jsonl"
    code, text = terminal("check", "--diff", write(name, BOM + HOSTILE + b"\r\n\xff\x1b[0m\r\n"))
    assert code == 1
    assert not set(text) & set("\x1b\x07\r\x9b\u202e\u2066\ufeff")
    assert text.splitlines() == [
        r"--- a/a\x1b]0;x\x07.jsonl",
        r"+++ b/a\x1b]0;x\x07.jsonl",
        "@@ -1 +1 @@",
        rf"-\ufeff{shown(HOSTILE)}\x0d",
        rf"+\ufeff{shown(HOSTILE)}",
        "@@ -2 +2 @@",
        r"-�\x1b[0m\x0d",
        r"+�\x1b[0m",
    ]


def shown(line: bytes) -> str:
    """Write a line as a person is to see it."""
    text = line.decode()
    for character in "\u009b\u202e\u2066\ufeff":
        code = f"\\x{ord(character):02x}" if character < "\u0100" else f"\\u{ord(character):04x}"
        text = text.replace(character, code)
    return text


def test_a_person_sees_where_a_line_ends() -> None:
    _, text = terminal("check", "--diff", write("a.jsonl", BOM + LINE))
    line = LINE.decode()
    assert text.splitlines()[3:] == [
        rf"-\ufeff{line}",
        r"\ No newline at end of file",
        rf"+\ufeff{line}",
    ]


def test_a_diff_in_a_pipe_is_what_is_shown_in_process(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    _, patch = diffed(capfdbinary, write("a.jsonl", TEXT))
    done = process("check", "--diff", "a.jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (1, patch, b"")
