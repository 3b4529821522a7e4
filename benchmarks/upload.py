"""What an upload in parts takes, killed midway too: `python -m benchmarks.upload [BYTES]`.

The service is the emulator, on this machine: time is that of ftlint and of the loopback.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from benchmarks import corpus
from benchmarks.measure import Command, Run, run
from benchmarks.suite import FTLINT
from ftlint.emulator import Emulator, Exchange, Settings

SIZE = 500_000_000
"""Bytes of the file, unless another size is asked for."""


def write(path: Path, size: int) -> None:
    """Write a file of exactly so many bytes; blanks fill its last line."""
    corpus.write("plain", str(path), size)
    with path.open("r+b") as file:
        end = file.seek(-1, os.SEEK_END)
        file.write(b" " * (size - end - 1) + b"\n")


def parts_of(emulator: Emulator) -> int:
    """Return how many parts were sent so far."""
    return sum(each.below.endswith("/parts") for each in emulator.exchanges)


def killed(emulator: Emulator, command: Command, after: int) -> int:
    """Run a command, kill it when so many parts are there; return how many were sent."""
    there = threading.Semaphore(0)

    def note(exchange: Exchange) -> None:
        if exchange.below.endswith("/parts"):
            there.release()

    emulator.observe = note
    with subprocess.Popen(command.arguments, stderr=subprocess.DEVNULL) as process:
        for _ in range(after):
            there.acquire()
        process.send_signal(signal.SIGKILL)
    emulator.observe = None
    return parts_of(emulator)


def measure(folder: Path, size: int, *options: str) -> Iterator[str]:
    """Upload a file whole, then kill that midway and go on, then once more; yield what was seen."""
    train = folder / "train.jsonl"
    write(train, size)
    with train.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with Emulator(Settings(delay=0)) as emulator:
        os.environ["AZURE_OPENAI_ENDPOINT"] = emulator.address
        os.environ["AZURE_OPENAI_API_KEY"] = "emulator"

        def upload(state: str) -> Command:
            place = ("--state", str(folder / state), "--poll", "0")
            return Command("upload", (FTLINT, "upload", *options, *place), train)

        whole = run(upload("whole"))
        parts = parts_of(emulator)
        yield f"{size:,} bytes, checked and sent in {parts} parts: {_taken(whole)}"
        emulator.files.clear()
        emulator.exchanges.clear()
        sent = killed(emulator, upload("killed"), parts // 2)
        yield f"killed when {sent} parts were there"
        for again in ("run again", "run once more"):
            taken = run(upload("killed"))
            more = parts_of(emulator) - sent
            sent += more
            yield f"{again}: {more} parts sent, {_taken(taken)}"
        (file_,) = emulator.files.values()
        yield f"SHA-256 here and there {'equal' if file_.sha256 == digest else 'DIFFER'}"


def _taken(taken: Run) -> str:
    return f"{taken.wall:.1f} s, {taken.peak / 1e6:.0f} MB at most in a process"


def main(arguments: list[str]) -> int:
    """Measure, and print what was seen."""
    size = int(arguments[0]) if arguments else SIZE
    with tempfile.TemporaryDirectory(prefix="ftlint-benchmark-") as folder:
        for line in measure(Path(folder), size):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
