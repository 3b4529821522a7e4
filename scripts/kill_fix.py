"""A count of what `ftlint fix` leaves when it is killed, since that cannot be proved by reading.

`python -m scripts.kill_fix [--kills 100]` fixes a file, kills the process with SIGKILL at a random
moment, looks at what is there, and fixes again. It prints one line of figures, and fails if a file
was ever neither the old nor the new one, or if a temporary file outlives the next run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import click

LINE = b'{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}'
BOM = b"\xef\xbb\xbf"
ROWS = 10_000
SHAPES = ("lines", "utf-16", "utf-32", "cr")


def contents(shape: str) -> tuple[bytes, bytes]:
    """Return the bytes of a file before and after it is fixed."""
    text = (LINE + b"\n") * ROWS
    if shape == "lines":
        return text.replace(b"\n", b"\r\n"), BOM + text
    if shape == "cr":
        return text.replace(b"\n", b"\r"), BOM + text
    return text.decode().encode(shape), BOM + text


def command(file: Path) -> list[str]:
    """Return the command that fixes a file and says nothing."""
    return [sys.executable, "-m", "ftlint", "fix", "-qq", str(file)]


def left_in(folder: Path, spool: Path, file: Path) -> list[str]:
    """Return the names of what is in the folders besides the file."""
    return sorted(
        path.name for place in (folder, spool) for path in place.iterdir() if path != file
    )


def choices(description: str | None) -> tuple[int, Random]:
    """Return how many processes to kill, and what chooses the moments."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    return options.kills, Random(options.seed)  # noqa: S311 - moments, no secrets


def main() -> None:
    """Kill, look, fix again; print the figures."""
    kills, random = choices(__doc__)
    counts = dict.fromkeys(("old", "new", "torn", "left", "kept"), 0)
    whole = {shape: _seconds(shape) for shape in SHAPES}
    for number in range(kills):
        shape = SHAPES[number % len(SHAPES)]
        for key in _killed(shape, random.uniform(0, whole[shape])):
            counts[key] += 1
    click.echo(
        f"{kills} kills: {counts['old']} old files, {counts['new']} new, "
        f"{counts['torn']} neither; {counts['left']} left temporary files, "
        f"{counts['kept']} after the next run"
    )
    sys.exit(1 if counts["torn"] or counts["kept"] else 0)


def _killed(shape: str, after: float) -> list[str]:
    """Kill one fix after some seconds, and run it again; return what was seen."""
    with TemporaryDirectory() as place, TemporaryDirectory() as spool:
        file = Path(place, "data.jsonl")
        old, new = contents(shape)
        file.write_bytes(old)
        environment = {"TMPDIR": spool}
        with subprocess.Popen(command(file), env=environment) as process:  # noqa: S603
            time.sleep(after)
            process.kill()
        found = file.read_bytes()
        seen = ["old" if found == old else "new" if found == new else "torn"]
        seen += ["left"] * bool(left_in(Path(place), Path(spool), file))
        subprocess.run(command(file), env=environment, check=False)  # noqa: S603
        seen += ["torn"] * (file.read_bytes() != new)
        return seen + ["kept"] * bool(left_in(Path(place), Path(spool), file))


def _seconds(shape: str) -> float:
    """Fix a file without a kill; return how long it took."""
    with TemporaryDirectory() as place:
        file = Path(place, "data.jsonl")
        file.write_bytes(contents(shape)[0])
        start = time.monotonic()
        subprocess.run(command(file), check=False)  # noqa: S603
        return time.monotonic() - start


if __name__ == "__main__":
    main()
