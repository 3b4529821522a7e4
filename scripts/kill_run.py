"""A count of what `ftlint run`, `upload` and `launch` start when they are killed.

`python -m scripts.kill_run [--kills 100]` starts a job on an emulator, kills the process with
SIGKILL at random moments, and runs the same commands until they end. It prints one line of figures,
and fails unless each file and each job is there once, and nothing is left over.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import click

from ftlint.emulator import Emulator, Settings
from scripts.kill_fix import choices

LINE = (
    b'{"messages": [{"role": "user", "content": "q%d"}, {"role": "assistant", "content": "a"}]}\n'
)
SMALL_PARTS = """\
title = "small parts"
extends = "azure"
[upload]
parts_from = 2000
part_size = 1500
"""
KILLS_A_JOB = 5
REQUESTS = 12
"""A process is killed after fewer requests than these, which is as many as a job takes."""

DELAY = 0.2
"""Seconds that the emulator thinks before it answers."""

WAYS = (("run",), ("upload", "launch"))
_ENDS, _UNKNOWN = 0, 6


def command(name: str) -> list[str]:
    """Return a command line on the training file."""
    more = {"run": ["--yes", "--poll", "0.05"], "launch": ["--yes", "--reconcile-for", "5"]}
    options = ["--model", "gpt-4.1-2025-04-14", "--profile", "parts.toml", "-qq"]
    return [sys.executable, "-m", "ftlint", name, "train.jsonl", *options, *more.get(name, [])]


def main() -> None:
    """Kill, run again, count; print the figures."""
    kills, random = choices(__doc__)
    jobs = files = left = rounds = 0
    while rounds * KILLS_A_JOB < kills:
        counts = _round(WAYS[rounds % len(WAYS)], random)
        jobs, files, left = jobs + counts[0], files + counts[1], left + counts[2]
        rounds += 1
    words = f"{rounds * KILLS_A_JOB} kills over {rounds} jobs: {jobs} jobs, {files} files"
    click.echo(f"{words} on the service; {left} left over")
    sys.exit(0 if (jobs, files, left) == (rounds, rounds, 0) else 1)


def _round(way: tuple[str, ...], random: Random) -> tuple[int, int, int]:
    """Start a job under kills; return the jobs, the files and what was left over."""
    settings = Settings(delay=DELAY, key="")
    with Emulator(settings) as emulator, TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "train.jsonl").write_bytes(
            b"\xef\xbb\xbf" + b"".join(LINE % number for number in range(60))
        )
        (folder / "parts.toml").write_text(SMALL_PARTS)
        environment = os.environ | {
            "AZURE_OPENAI_ENDPOINT": emulator.address,
            "AZURE_OPENAI_API_KEY": "not-a-secret",
        }
        for _ in range(KILLS_A_JOB):
            seen = len(emulator.exchanges) + random.randrange(REQUESTS)
            with _started(random.choice(way), folder, environment) as process:
                while process.poll() is None and len(emulator.exchanges) <= seen:
                    time.sleep(0.01)
                time.sleep(random.uniform(0, DELAY))
                process.kill()
        for name in way:
            _finished(name, folder, environment)
        sent = [file for file in emulator.files.values() if file.purpose == "fine-tune"]
        left = [path.name for path in folder.rglob("*") if path.name.startswith(".ftlint-")]
        return len(emulator.jobs), len(sent), len(left)


def _started(name: str, folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - ftlint itself
        command(name),
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _finished(name: str, folder: Path, environment: dict[str, str]) -> None:
    """Run a command until it ends well; one whose outcome is unknown is to be run again."""
    for _ in range(10):
        done = subprocess.run(  # noqa: S603 - ftlint itself
            command(name), cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode == _ENDS:
            return
        if done.returncode != _UNKNOWN:
            break
    raise SystemExit(f"ftlint {name} ended with {done.returncode}: {done.stderr}")


if __name__ == "__main__":
    main()
