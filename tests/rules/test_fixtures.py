"""Every rule against its fixture folder: what is good, what is bad and where, what is fixed.

`expected.txt` starts with the choices of the check, as in `# profile=azure method=sft` (a file of
the folder is named by its name). Each line after it is a finding in `bad.jsonl`, as
`line:column severity pointer message` (pointer `-` for none, `.` for the root). The choices are
those of the good files too, unless there is a `good.txt`, or a `good-near.txt` for
`good-near.jsonl`. Further cases have a suffix: `bad-crlf.jsonl` goes with `expected-crlf.txt` and
`fixed-crlf.jsonl`. `UPDATE=id` (of a rule, or ALL) first writes what is found and fixed, to be
read before it is committed; `make fixture RULE=id` does so, and runs the tests of the rule.

`good.jsonl` is also the example of the documentation, which shows its first line, or what the
choices name if the data is that of `bad.jsonl`. That much of it is good for all rules.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

import ftlint
from ftlint.config.config import Choices, resolve
from ftlint.core.rule import RULES
from ftlint.engine.fixer import fix_file
from tests.conftest import FIXTURES

FOLDERS = FIXTURES / "rules"

_READ: dict[str, Callable[[str], object]] = {
    "epochs": int,
    "max_cost": float,
    "seed": int,
    "launching": json.loads,
    "hyperparameters": json.loads,
}
"""How choices are read that are no texts."""


def cases(prefix: str) -> list[tuple[str, Path]]:
    """Return (rule, file) of each fixture file whose name starts with `prefix`."""
    files = sorted(FOLDERS.glob(f"*/{prefix}*"))
    headers = {file for file in files if file.match("good*.txt")}
    return [(file.parent.name, file) for file in files if file not in headers]


def updates(rule: str) -> bool:
    """Tell whether the files of a rule with what is expected are to be written first."""
    return os.environ.get("UPDATE") in (rule, "ALL")


def name_of(value: object) -> str:
    return value.stem if isinstance(value, Path) else str(value)


def beside(bad: Path, kind: str) -> Path:
    """Return the file that belongs to a bad one: its expected findings, or its fixed form."""
    suffix = ".txt" if kind == "expected" else bad.suffix
    return bad.with_name(bad.stem.replace("bad", kind, 1) + suffix)


def choices(rule: str, header: str, folder: Path) -> Choices:
    """Read `# profile=azure method=sft ...`; a value that names a file of the folder is a path."""
    assert header.startswith("# profile="), f"{folder}: expected.txt begins with its profile"
    given = dict(word.split("=", 1) for word in header[2:].split())
    paths = {key: str(folder / value) for key, value in given.items() if (folder / value).is_file()}
    others = {key: read(given[key]) for key, read in _READ.items() if key in given}
    chosen: dict[str, Any] = {**given, **paths, **others, "select": [rule], "max_findings": 0}
    return cast(Choices, chosen)


def found(file: Path, rule: str, header: str) -> list[str]:
    report = ftlint.check(file, **choices(rule, header, file.parent))
    assert not report.errors
    lines = []
    for finding in report.findings:
        where = finding.location
        pointer = {None: "-", "": "."}.get(where.pointer, where.pointer)
        place = f"{where.line}:{where.column}"
        lines.append(f"{place} {finding.severity} {pointer} {finding.message}")
    return lines


def test_every_rule_has_a_fixture_folder_and_the_other_way_round() -> None:
    assert sorted(RULES) == sorted(folder.name for folder in FOLDERS.iterdir())


def header_of(good: Path) -> str:
    """Return the line with the choices that a good file is checked with."""
    for name in (f"{good.stem}.txt", "good.txt", "expected.txt"):
        if (good.parent / name).is_file():
            break
    return (good.parent / name).read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize(("rule", "good"), cases("good"), ids=name_of)
def test_good_is_clean(rule: str, good: Path) -> None:
    assert found(good, rule, header_of(good)) == []


@pytest.mark.parametrize(("rule", "good"), cases("good."), ids=name_of)
def test_the_good_example_is_good_for_every_rule(rule: str, good: Path) -> None:
    about_more = [other.id for other in RULES.values() if other.scope in ("dataset", "job")]
    chosen = choices(rule, header_of(good), good.parent)
    del chosen["select"]
    chosen["ignore"] = [*about_more, "missing-bom"]  # an example is shown without its BOM
    report = ftlint.check(good, **chosen)
    assert not report.errors
    faults = [finding for finding in report.findings if finding.severity != "info"]
    places = [(finding.rule, finding.location.path, finding.location.line) for finding in faults]
    data = report.inputs[0].path  # its other lines are for the rule alone
    assert [place for place in places if place[1] != data or place[2] == 1] == []


@pytest.mark.parametrize(("rule", "bad"), cases("bad"), ids=name_of)
def test_bad_is_found_where_it_is(rule: str, bad: Path) -> None:
    expected = beside(bad, "expected")
    header, *lines = expected.read_text(encoding="utf-8").splitlines()
    seen = found(bad, rule, header)
    if updates(rule):
        expected.write_text("\n".join([header, *seen, ""]), encoding="utf-8")
        lines = seen
    assert lines
    assert seen == lines


@pytest.mark.parametrize("rule", list(RULES.values()), ids=lambda rule: rule.id)
def test_a_rule_shows_good_bad_and_if_fixable_fixed(rule: ftlint.Rule) -> None:
    folder = FOLDERS / rule.id
    assert list(folder.glob("good*"))
    assert list(folder.glob("bad*"))
    assert bool(list(folder.glob("fixed*"))) == rule.fixable


@pytest.mark.parametrize(("rule", "fixed"), cases("fixed"), ids=name_of)
def test_fix_gives_the_fixed_file_and_is_done_after_once(
    rule: str, fixed: Path, tmp_path: Path
) -> None:
    bad = fixed.with_name(fixed.name.replace("fixed", "bad", 1))
    header = beside(bad, "expected").read_text().splitlines()[0]
    config = resolve(RULES, **choices(rule, header, bad.parent))
    copy = tmp_path / bad.name
    copy.write_bytes(bad.read_bytes())
    fix_file(str(copy), config, unsafe=True)
    if updates(rule):
        fixed.write_bytes(copy.read_bytes())
    assert copy.read_bytes() == fixed.read_bytes()
    assert not fix_file(str(copy), config, unsafe=True).rules
