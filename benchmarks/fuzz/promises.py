"""What holds for any bytes: a check ends with a report, the same for any ranges; a fix is final."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from ftlint.config.config import Choices, Config, resolve
from ftlint.core.errors import FtlintError
from ftlint.core.report import Report
from ftlint.engine import checker
from ftlint.engine.fixer import diff_file, fix_file
from ftlint.inputs.discovery import RANGE_SIZE
from ftlint.reporters import REPORTERS, Style, reporter
from ftlint.rules import load_rules

_NAMES = ("a.jsonl", "a.json", "a.txt", "a.jsonl.gz", "a.jsonl.zst", "a.csv")
_CHOICES: tuple[Choices, ...] = (
    {"profile": "azure"},
    {"profile": "azure", "statistics": True, "tokens": "exact", "model": "gpt-4.1-2025-04-14"},
    {"profile": "openai", "method": "dpo"},
    {"profile": "azure", "method": "rft"},
    {"profile": "together", "tokens": "off"},
    {"profile": "mistral", "strict": True, "max_findings": 1},
    {"profile": "fireworks", "select": ["ALL"], "max_findings": 0},
)
_FORMATTING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

HEAD = 3
"""Bytes at the start of an input: they choose the promise, the options and the file name."""


class BrokenPromise(Exception):  # noqa: N818 - it is no error of the fuzzer
    """An input for which something does not hold that holds for all."""


def hold(data: bytes, folder: Path) -> None:
    """Check or fix data in a folder. Raises `BrokenPromise`, or whatever ftlint raises."""
    head, body = data[:HEAD].ljust(HEAD, b"\0"), data[HEAD:]
    path = folder / _NAMES[head[2] % len(_NAMES)]
    path.write_bytes(body)
    try:
        _LOOKS[head[0] % len(_LOOKS)](path, _config(head[1] % len(_CHOICES)))
    finally:
        path.unlink()


@cache
def _config(number: int) -> Config:
    return resolve(load_rules(), **_CHOICES[number])


def _check(path: Path, config: Config, size: int = RANGE_SIZE) -> Report:
    """Return the report on a file that is read in ranges of a size (bytes)."""
    report = checker.check([str(path)], config, range_size=size)
    for error in report.errors:
        if error.rule:
            raise BrokenPromise(error.message)
    return report


def _parted(path: Path, config: Config) -> None:
    """Check a file whole and in ranges: the reports must be the same."""
    whole = _check(path, config).to_dict()
    for size in (1, max(path.stat().st_size // 3, 1)):
        if _check(path, config, size).to_dict() != whole:
            raise BrokenPromise(f"in ranges of {size} bytes the report is another")


def _written(name: str, path: Path, config: Config) -> None:
    """Write a report: it must have no control characters, and be JSON if it says so."""
    lines = list(reporter(name).render(_check(path, config), Style(verbosity=1)))
    for character in set("".join(lines)) - {"\n", "\t"}:
        if unicodedata.category(character) in ("Cc", "Cs") or character in _FORMATTING:
            raise BrokenPromise(f"{character!r} is in the output {name}")
    if name == "json":
        json.loads("\n".join(lines))


def _fixed(path: Path, config: Config, *, unsafe: bool) -> None:
    """Fix a file, after a diff of it; a second fix must find nothing to do."""
    before = path.read_bytes()
    try:
        different = bool(list(diff_file(str(path), config, unsafe=unsafe)))
        fix_file(str(path), config, unsafe=unsafe)
    except FtlintError:
        if path.read_bytes() != before:
            raise BrokenPromise("a fix that was refused changed the file") from None
        return
    after = path.read_bytes()
    if different != (after != before):
        raise BrokenPromise(f"the diff says {different}, the fix does {after != before}")
    again = fix_file(str(path), config, unsafe=unsafe)
    if again.rules or path.read_bytes() != after:
        raise BrokenPromise(f"a second fix does more: {dict(again.rules)}, unsafe: {unsafe}")


_LOOKS: tuple[Callable[[Path, Config], None], ...] = (
    _parted,
    *(partial(_written, name) for name in REPORTERS),
    partial(_fixed, unsafe=False),
    partial(_fixed, unsafe=True),
)
"""The promises, of which a run checks one: all would take seven times as long."""
