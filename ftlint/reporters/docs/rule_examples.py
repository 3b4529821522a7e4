"""The examples in the documentation of rules, read from the rules' test fixtures.

An installed package has no fixtures: its build stores these examples in `rules.json`. The build
runs this file alone (`scripts/hatch_build.py`), so it imports nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_BAD_LINES, _GOOD_LINES = 3, 1
_DOCUMENT_LINES = 40
_WIDTH = 300
"""Characters of a line that are shown."""

_DOCUMENTS = ("grader", "response_format")
"""Choices that name a document of the job, which is checked like the data."""


class RuleExample(NamedTuple):
    """A fault, the findings expected in it (as in `expected.txt`), and the same without a fault."""

    bad: list[str]
    findings: list[str]
    good: list[str]


def read_examples(fixtures: Path) -> dict[str, RuleExample]:
    """Read the examples of all rules, by rule id, from the folder that holds their fixtures."""
    examples = {}
    for folder in sorted(fixtures.iterdir()):
        bad, good = _data(folder, "bad"), _data(folder, "good")
        if bad and good:
            examples[folder.name] = _example(folder, bad, good)
    return examples


def _data(folder: Path, kind: str) -> Path | None:
    """Return the plain fixture of a kind, whatever its extension; None if there is none."""
    return next((file for file in folder.glob(f"{kind}.*") if file.suffix != ".txt"), None)


def _example(folder: Path, bad: Path, good: Path) -> RuleExample:
    header, *expected = _lines(folder / "expected.txt") or [""]
    good_header, *_ = _lines(folder / "good.txt") or [header]
    shown = _differing(bad, good, _choices(header), _choices(good_header))
    most = max(len(shown[0]), _BAD_LINES)
    findings = [entry for entry in expected if int(entry.partition(":")[0]) <= most]
    return RuleExample(shown[0], findings, shown[1])


def _differing(
    bad: Path, good: Path, choices: Mapping[str, str], good_choices: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Return what differs between the bad and the good fixture.

    That is their data; if it is the same, a document that the choices of the check name; if there
    is none, the choices; if they are the same too, the names of the files.
    """
    if bad.read_bytes() != good.read_bytes():
        return _lines(bad)[:_BAD_LINES], _lines(good)[:_GOOD_LINES]
    for key in _DOCUMENTS:
        name, good_name = choices.get(key), good_choices.get(key)
        if name and good_name and name != good_name:
            documents = _lines(bad.with_name(name)), _lines(good.with_name(good_name))
            return documents[0][:_DOCUMENT_LINES], documents[1][:_DOCUMENT_LINES]
    if choices != good_choices:
        return _words(choices), _words(good_choices)
    return [bad.name], [good.name]


def _choices(header: str) -> dict[str, str]:
    """Read the choices of a check from a line such as `# profile=azure method=sft`."""
    words = (word.partition("=") for word in header.removeprefix("#").split())
    return {key: value for key, _, value in words}


def _words(choices: Mapping[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in choices.items()]


def _lines(file: Path) -> list[str]:
    """Return the lines of a fixture, cut to a width; none if it is missing or not UTF-8."""
    try:
        text = file.read_bytes().decode()
    except (FileNotFoundError, UnicodeDecodeError):
        return []
    lines = [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")]
    return [line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…" for line in lines]
