"""What the tests share: sample lines, files of them, and ways to run the program."""

from __future__ import annotations

import codecs
import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from ftlint.cli import run
from ftlint.config.profile import PROFILES, load_profile
from ftlint.core.report import Report
from ftlint.core.rule import RULES

BOM = codecs.BOM_UTF8
LINE = b'{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}'
HUMAN = LINE.replace(b"user", b"human")
"""One error for every service, with an unsafe fix and none that is safe."""

DEADLY = LINE.replace(b'"q"', b'"FATAL"')
FATAL_RULE = '''
import os
from ftlint import Event, rule

@rule("fatal", severity="error", on=Event.ROW)
def fatal(example, options):
    """A row does not end the process that checks it."""
    if b"FATAL" in example.raw:
        os._exit(3)
    yield from ()
'''
"""A line, and the module of a rule that ends the process at it."""

EMPTY = LINE.replace(b'"a"', b'""')
"""One warning, empty-content, and no fix."""

CHECK_ONLY = [name for name in PROFILES if load_profile(name, RULES).check_only]
"""The providers whose data is only checked."""

COMMAND = (sys.executable, "-m", "ftlint")


def whole(*lines: bytes, mark: bytes = BOM, end: bytes = b"\n") -> bytes:
    """Join lines to a file; each of them is ended."""
    return mark + b"".join(line + end for line in lines)


GOOD = whole(*[LINE] * 50)
"""A file in which Azure's profile finds nothing."""

BAD = whole(*[LINE] * 50, HUMAN)
"""The same, with one error on line 51."""


def write(path: str | Path, data: bytes = GOOD) -> str:
    """Write a file, and the folders it lies in; return its name."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return str(path)


def read(path: str) -> bytes:
    """Return the bytes of a file."""
    return Path(path).read_bytes()


def report_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> Report:
    """Run `ftlint check` in process and read the JSON that it prints."""
    capsys.readouterr()
    run(["check", "--output-format", "json", *arguments])
    return Report.from_dict(orjson.loads(capsys.readouterr().out))


def one_line(text: str) -> str:
    """Return what stands on standard error, where that is one line and an error."""
    assert text.startswith("error: ")
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert "Traceback" not in text
    return text.removeprefix("error: ").removesuffix("\n")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a process, with `more`."""
    return {**os.environ, **(more or {})}


def process(
    *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the program as a process of its own, with `data` on its standard input."""
    return subprocess.run(
        [*COMMAND, *arguments],
        input=data,
        capture_output=True,
        check=False,
        env=environment(env),
    )


def terminal(
    *arguments: str, env: Mapping[str, str] | None = None, streams: Sequence[str] = ("stdout",)
) -> tuple[int, str]:
    """Run the program with some of its streams on a terminal; return exit code and their text."""
    leader, follower = pty.openpty()
    chosen: dict[str, Any] = dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
    chosen.update(dict.fromkeys(streams, follower))
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        env=environment({"TERM": "xterm", "COLUMNS": "100", **(env or {})}),
        **chosen,
    ) as running:
        os.close(follower)
        text = b""
        try:
            while block := os.read(leader, 1 << 16):
                text += block
        except OSError:  # how Linux says that nobody writes any more
            pass
    os.close(leader)
    return running.returncode, text.decode().replace("\r\n", "\n")
