"""What only a process of its own shows: pipes that break, signals, closed streams, terminals."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress

import pytest

from tests.support.helpers import (
    BAD,
    COMMAND,
    HUMAN,
    LINE,
    environment,
    one_line,
    process,
    terminal,
    write,
)

pytestmark = pytest.mark.usefixtures("in_tmp")

LONG = BAD + (HUMAN + b"\n") * 2000
"""Findings that do not fit into the buffer of a pipe."""


def shell(script: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a script of the shell, in which `"$@"` is the program with its arguments."""
    return subprocess.run(
        ["/bin/sh", "-c", script, "sh", *COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env=environment(),
    )


def without_reader(*arguments: str) -> tuple[int, str]:
    """Run the program with nobody at the other end of its output; return exit code and error."""
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=writer, stderr=subprocess.PIPE, env=environment()
    ) as running:
        os.close(writer)
        _, err = running.communicate()
    return running.returncode, err.decode()


def interrupt(running: subprocess.Popen[bytes]) -> None:
    """Interrupt a process, again where the signal came just before it went to sleep."""
    while running.poll() is None:
        running.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=10)


@pytest.mark.parametrize("name", ["full", "concise", "json"])
@pytest.mark.parametrize("size", ["short", "long"])
def test_a_broken_pipe_exits_2_with_one_line(size: str, name: str) -> None:
    path = write("a.jsonl", BAD if size == "short" else LONG)
    code, err = without_reader("check", "--max-findings", "0", "--output-format", name, path)
    assert "the reader of the output went away" in one_line(err)
    assert code == 2


def test_a_broken_pipe_of_a_diff() -> None:
    path = write("a.jsonl", LONG.replace(b"\n", b"\r\n"))
    code, err = without_reader("check", "--diff", path)
    assert "the reader of the output went away" in one_line(err)
    assert code == 2


def test_a_broken_pipe_of_a_passing_check_exits_2_too() -> None:
    code, err = without_reader("check", write("a.jsonl"))
    one_line(err)
    assert code == 2


def test_an_interrupt_while_reading_exits_130() -> None:
    with subprocess.Popen(
        [*COMMAND, "check", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as running:
        assert running.stdin is not None
        for _ in range(64):  # more than a pipe holds: when all is written, reading has begun
            running.stdin.write(BAD)
        running.stdin.flush()
        interrupt(running)
        out, err = running.communicate()
    assert running.returncode == 130
    assert out == b""
    assert err.split() == [b"interrupted"]


def test_an_interrupt_says_one_word() -> None:
    script = (
        "import sys; from ftlint.engine import checker; from ftlint.cli import run\n"
        "def check(*_, **__): raise KeyboardInterrupt\n"
        "checker.check = check; sys.exit(run(['check', 'a.jsonl']))"
    )
    done = subprocess.run([COMMAND[0], "-c", script], capture_output=True, check=False)
    assert done.returncode == 130
    assert done.stderr.strip() == b"interrupted"


def test_closed_standard_input_is_unreadable_and_no_crash() -> None:
    done = shell('exec "$@" <&-', "check", "-")
    assert done.returncode == 2
    assert one_line(done.stderr.decode()).startswith("-: cannot read: ")


@pytest.mark.parametrize("name", ["full", "json"])
def test_closed_standard_output_is_no_bug_of_ours(name: str) -> None:
    done = shell('exec "$@" >&-', "check", "--output-format", name, write("a.jsonl"))
    assert done.returncode == 2
    assert "a bug in ftlint" not in one_line(done.stderr.decode())


@pytest.mark.parametrize("data", [BAD, LONG])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_under_standard_output_is_no_bug_of_ours(data: bytes) -> None:
    done = shell('exec "$@" >/dev/full', "check", "--max-findings", "0", write("a.jsonl", data))
    assert done.returncode == 2
    assert "a bug in ftlint" not in one_line(done.stderr.decode())


def test_closed_standard_error_changes_no_verdict() -> None:
    assert shell('exec "$@" 2>&-', "check", write("a.jsonl")).returncode == 0
    assert shell('exec "$@" 2>&-', "check", write("b.jsonl", BAD)).returncode == 1


def test_output_in_a_small_locale() -> None:
    data = BAD.replace(b'"q"', '"問い — …"'.encode())
    done = process("check", write("a.jsonl", data), env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert done.stderr == b""
    assert done.stdout.isascii()


def test_the_exit_code_reaches_the_shell() -> None:
    assert process("check", write("a.jsonl")).returncode == 0
    assert process("check", write("b.jsonl", BAD)).returncode == 1
    assert process("check", "none.jsonl").returncode == 2
    assert process("--version").returncode == 0


def test_no_bar_is_shown_for_short_work() -> None:
    code, text = terminal("check", write("a.jsonl"), streams=["stderr"])
    assert (code, text) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "none\x1b[2J\n.jsonl"),
        ("check", "--diff", "none\x1b[2J\n.jsonl"),
        ("check", "--profile", "none\x1b[2J\n.toml", "a.jsonl"),
        ("check", "--output-format", "json=none\x1b[2J\n/a.json", "a.jsonl"),
        ("check", "--none\x1b[2J\n", "a.jsonl"),
        ("check", "-v", "b\x1b[2J\n.jsonl"),
        ("fix", "b\x1b[2J\n.jsonl"),
    ],
    ids=lambda value: " ".join(value[:2]).partition("\n")[0].replace("\x1b", "ESC"),
)
def test_no_name_reaches_a_terminal_raw(arguments: tuple[str, ...]) -> None:
    write("a.jsonl")
    write("b\x1b[2J\n.jsonl", LINE)
    _, text = terminal(*arguments, streams=["stderr"])
    assert "\x1b" not in text
    assert text.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["check", "--help"], ["rule"]])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_under_help_is_told(arguments: list[str]) -> None:
    done = shell('exec "$@" >/dev/full', *arguments)
    assert done.returncode == 2
    assert one_line(done.stderr.decode()).startswith("standard output: cannot write: no space")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_an_error_that_cannot_be_said_keeps_its_exit_code() -> None:
    assert shell('exec "$@" 2>/dev/full', "check", "none.jsonl").returncode == 2


def test_a_deleted_working_directory_is_told() -> None:
    path = os.path.abspath(write("a.jsonl"))
    done = shell('mkdir gone; cd gone; rmdir ../gone; exec "$@"', "check", path)
    assert done.returncode == 2
    assert "the working directory is gone; change to another" in one_line(done.stderr.decode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_long_string_of_escapes_that_does_not_end_is_read_once(encoding: str) -> None:
    path = write("a.jsonl", ('"' + '{\\"a\\": 1, ' * 100_000).encode(encoding))
    command = [*COMMAND, "check", "-qq", path]
    assert subprocess.run(command, check=False, timeout=120).returncode == 1


def test_a_damaged_file_of_blank_lines_is_told_apart_in_one_pass() -> None:
    path = write("a.jsonl", b"\xff" + b"\n" * (1 << 20))
    command = [*COMMAND, "check", "-qq", path]
    assert subprocess.run(command, check=False, timeout=120).returncode == 1
