"""Uploads that are killed, interrupted or done twice at once, as processes of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ftlint.emulator import Emulator, Exchange
from tests.support.helpers import COMMAND, environment, write
from tests.support.service import GOOD, SMALL_PARTS, Serving, asked, files, serving

__all__ = ["serving"]

PARTS = -(-len(GOOD) // 1000)
MEMORY = 150_000_000
"""Bytes that an upload may take, whatever the size of the file."""


class Stage:
    """Runs `ftlint upload`, and does something to it when so many parts are there."""

    def __init__(self, emulator: Emulator, arguments: tuple[str, ...]) -> None:
        self._emulator = emulator
        self._arguments = arguments
        self.process: subprocess.Popen[str]

    def run(self, parts: int, do: Callable[[subprocess.Popen[str]], object]) -> tuple[int, str]:
        """Return exit code and standard error."""
        seen = threading.Semaphore(0)

        def note(exchange: Exchange) -> None:
            if exchange.below.endswith("/parts"):
                seen.release()

        self._emulator.observe = note
        with started(*self._arguments) as process:
            for _ in range(parts):
                assert seen.acquire(timeout=60)
            do(process)
            error = process.communicate(timeout=60)[1]
        self._emulator.observe = None
        return process.returncode, error


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [*COMMAND, "upload", *arguments, "--poll", "0.01"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        yield process


@pytest.fixture
def stage(serving: Serving, in_tmp: Path) -> Iterator[tuple[Emulator, Stage]]:
    train, profile = files()
    with serving("POST /uploads/*/parts slow=0.1") as emulator:
        yield emulator, Stage(emulator, (train, "--profile", profile))


def test_a_killed_upload_goes_on_with_what_is_missing(stage: tuple[Emulator, Stage]) -> None:
    emulator, upload = stage
    assert upload.run(3, lambda process: process.kill())[0] == -signal.SIGKILL
    sent = len([path for path in asked(emulator) if path.endswith("/parts")])
    emulator.exchanges.clear()
    code, error = upload.run(1, lambda _: None)
    again = len([path for path in asked(emulator) if path.endswith("/parts")])
    (file,) = emulator.files.values()
    assert code == 0
    assert PARTS - 3 <= again <= PARTS - 2, "one part may be there that was not noted any more"
    assert sent + again in (PARTS, PARTS + 1)
    assert "resumed after" in error
    assert Path(file.path).read_bytes() == GOOD


def test_an_interrupted_upload_ends_after_the_part_and_goes_on(
    stage: tuple[Emulator, Stage],
) -> None:
    emulator, upload = stage
    code, error = upload.run(2, lambda process: process.send_signal(signal.SIGINT))
    assert code == 130
    assert "run the same command again" in error
    assert "Traceback" not in error
    assert [each.status for each in emulator.uploads.values()] == ["pending"]
    (journal,) = [name for name in os.listdir(".ftlint") if name.endswith(".json")]
    assert os.stat(f".ftlint/{journal}").st_mode & 0o777 == 0o600
    assert os.stat(".ftlint").st_mode & 0o777 == 0o700
    assert upload.run(1, lambda _: None)[0] == 0
    assert len(emulator.files) == 1


def test_without_resume_an_interrupted_upload_leaves_nothing(
    serving: Serving, in_tmp: Path
) -> None:
    train, profile = files()
    with serving("POST /uploads/*/parts slow=0.1") as emulator:
        upload = Stage(emulator, (train, "--profile", profile, "--no-resume"))
        code, error = upload.run(2, lambda process: process.send_signal(signal.SIGINT))
        assert [each.status for each in emulator.uploads.values()] == ["cancelled"]
    assert code == 130
    assert "incomplete upload was discarded" in error
    assert [name for name in os.listdir(".ftlint") if name.endswith(".json")] == []


def test_memory_does_not_grow_with_the_file(serving: Serving, in_tmp: Path) -> None:
    line = GOOD[3:].splitlines(keepends=True)[0]
    train = write("train.jsonl", GOOD[:3] + line * (64_000_000 // len(line)))
    profile = write("parts.toml", SMALL_PARTS.replace("1000", "16_777_216").encode())
    program = (
        "import sys; from ftlint.cli import run; code = run(sys.argv[1:]); "
        "print(open('/proc/self/status').read()); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, "upload", train, "--profile", profile, "--poll", "0"]
    with serving() as emulator:
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
        (file,) = emulator.files.values()
        assert os.path.getsize(file.path) == os.path.getsize(train)
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", ran.stdout)
    assert int(peak) * 1024 < MEMORY
