"""Where the time of a check goes: CPU time of its stages over the same lines, in one process.

Run as `python -m benchmarks.stages FILE`, with a chat file that passes. Each stage includes those
above it; the stages take turns, and the least of some rounds is printed.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from ftlint.config.config import Config, resolve
from ftlint.engine.fastpath.tool_lists import parse
from ftlint.engine.line_checker import LineChecker
from ftlint.engine.range_checker import check_range
from ftlint.inputs.discovery import Range
from ftlint.inputs.filetype import BOM
from ftlint.rules import load_rules

_ROUNDS = 7
_LINES = 32


def main(file: str) -> None:
    """Print a table of the stages for a file."""
    part = Range(file, file, 0, Path(file).stat().st_size, "chat", text=True)
    lines = Path(file).read_bytes().removeprefix(BOM).splitlines(keepends=True)
    config = resolve(load_rules(), profile="azure")
    checker = LineChecker(config, "chat")
    stages: dict[str, Callable[[], object]] = {
        "orjson.loads": partial(_each, orjson.loads, lines),
        "jiter, which refuses repeated keys": partial(_each, parse, lines),
        "lines checked": partial(_check, checker, lines),
        "the whole range": partial(check_range, part, config),
    }
    least = dict.fromkeys(stages, float("inf"))
    for _ in range(_ROUNDS):
        for name, run in stages.items():
            start = time.process_time()
            run()
            least[name] = min(least[name], time.process_time() - start)
    print(f"| stage, {len(lines):,} lines | us a line | / orjson.loads |\n|---|--:|--:|")
    for name, seconds in least.items():
        ratio = seconds / least["orjson.loads"]
        print(f"| {name} | {seconds / len(lines) * 1e6:.1f} | {ratio:.2f} |")
    print(f"\nanswered by the cache: {_cached(config, lines) / len(lines):.1%} of the lines")


def _cached(config: Config, lines: list[bytes]) -> int:
    """Return the number of lines whose view was seen before."""
    checker = LineChecker(config, "chat")
    _check(checker, lines)
    return len(lines) - checker.cache.misses


def _check(checker: LineChecker, lines: list[bytes]) -> None:
    """Check lines in blocks of a size as in `ftlint.engine.range_checker`."""
    for start in range(0, len(lines), _LINES):
        deque(checker.check_block(lines[start : start + _LINES], "", 1), maxlen=0)


def _each(function: Callable[[Any], object], given: list[Any]) -> None:
    for one in given:
        function(one)


if __name__ == "__main__":
    main(sys.argv[1])
