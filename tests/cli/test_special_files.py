"""Pipes, devices, endless and impossible files as the small files that options name."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftlint import check
from ftlint.cli import run
from ftlint.config.prices import DEFAULT_PRICES
from ftlint.core.errors import FtlintError
from ftlint.core.files import small_file
from tests.support.helpers import COMMAND, environment, one_line, write

LOOPBACK = ["--profile", "openai", "--endpoint", "http://127.0.0.1:9/v1", "-q"]
MODEL = ["--model", "gpt-4.1-2025-04-14"]
READERS = {
    "profile": ["check", "-qq", "train.jsonl", "--profile", "x.toml"],
    "profile shown": ["profile", "x.toml"],
    "prices": ["tokens", "train.jsonl", "--prices", "x.toml"],
    "grader": ["check", "-qq", "train.jsonl", "--grader", "x.toml"],
    "response format": ["check", "-qq", "train.jsonl", "--response-format", "x.toml"],
    "receipt": ["upload", "train.jsonl", "--receipt", "x.toml", *LOOPBACK],
    "launch receipt": ["launch", "train.jsonl", "--receipt", "x.toml", *MODEL, *LOOPBACK],
    "results": ["jobs", "results", "--file", "x.toml"],
}


@pytest.fixture(autouse=True)
def _in_time(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End a test that waits for ever; a pipe that nobody writes is given up at once."""

    def give_up(*_: object) -> None:
        pytest.fail("it waits for ever")

    write("train.jsonl")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdef")
    monkeypatch.setattr(small_file, "SECONDS", 0.1)
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command line that is refused; return its error."""
    assert run(arguments) in (2, 3)
    return one_line(capsys.readouterr().err)


@pytest.mark.parametrize("arguments", READERS.values(), ids=READERS)
def test_a_pipe_that_nobody_writes_is_not_waited_for(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo("x.toml")
    assert "x.toml: " in (words := refusal(arguments, capsys))
    assert "it is a pipe that was not closed in 0.1 s; save it to a file" in words


@pytest.mark.parametrize("arguments", READERS.values(), ids=READERS)
def test_a_device_is_not_read(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    os.symlink("/dev/zero", "x.toml")
    assert "it is a device, not a file" in refusal(arguments, capsys)


@pytest.mark.parametrize("arguments", READERS.values(), ids=READERS)
def test_a_file_that_is_too_large_is_not_read(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write("x.toml", b"")
    os.truncate("x.toml", 1 << 40)
    assert "it is over " in refusal(arguments, capsys)


@pytest.mark.parametrize("arguments", READERS.values(), ids=READERS)
def test_neither_is_a_folder_or_a_socket(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkdir("x.toml")
    assert "it is a directory, not a file" in refusal(arguments, capsys)
    os.rmdir("x.toml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("x.toml")
        assert "it is a socket or a device, not a file" in refusal(arguments, capsys)


@pytest.mark.parametrize("arguments", READERS.values(), ids=READERS)
def test_a_name_that_is_too_long_is_told(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    named = ["x" * 5000 + ".toml" if each == "x.toml" else each for each in arguments]
    assert "file name too long" in refusal(named, capsys)


@pytest.mark.skipif(not os.path.exists("/bin/bash"), reason="sh has no <(...)")
def test_a_pipe_of_the_shell_is_read_while_it_is_written() -> None:
    script = f'"$@" --prices <(sleep 0.2; cat {DEFAULT_PRICES})'
    done = subprocess.run(
        ["/bin/bash", "-c", script, "bash", *COMMAND, "tokens", "train.jsonl"],
        capture_output=True,
        check=False,
        env=environment(),
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_pipe_without_end_is_bounded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo("x.toml")
    monkeypatch.setattr(small_file, "SECONDS", 30)
    endless = "with open('x.toml', 'wb') as out:\n    while True: out.write(b'# a comment\\n')"
    with subprocess.Popen([sys.executable, "-c", endless], stderr=subprocess.DEVNULL):
        assert "it is over 1,048,576 bytes" in refusal(READERS["prices"], capsys)


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
@pytest.mark.parametrize("option", ["grader", "prices", "profile"])
def test_a_name_that_no_file_can_have_is_told(name: str, option: str) -> None:
    suffix = ".toml" if option == "profile" else ""
    try:
        report = check(["train.jsonl"], **{option: name + suffix})  # type: ignore[arg-type]
    except FtlintError as error:
        words = str(error)
    else:
        words = report.errors[0].message
    assert "no file can have this name" in words


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("title = 1" + "0" * 5000, "an integer of over 4,300 digits; write a smaller one"),
        (f'title = "x"\nextends = "{"a" * 5000}"', "extends: unknown profile 'aaa"),
        ('title = "x"\nextends = "a\\u0000b"', "extends: unknown profile 'a\\x00b'"),
    ],
)
def test_a_profile_that_cannot_be_followed_is_told(
    table: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("x.toml", table.encode())
    told = refusal(["profile", "x.toml"], capsys)
    assert words in told
    assert len(told) < 500


@pytest.mark.parametrize("option", ["-j", "--max-findings", "--range-size", "--max-cost"])
def test_a_number_of_5000_digits_is_told(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "bug" not in refusal(["check", "train.jsonl", option, "9" * 5000], capsys)
