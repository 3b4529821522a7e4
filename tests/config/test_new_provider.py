"""A provider added as one TOML file: every command knows it, and nothing else is written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from scripts.docs import pages
from tests.conftest import ROOT
from tests.support.helpers import LINE, whole

ACME = """
title = "Acme"
extends = "common"
checked = 2026-11-20

[rules.missing-bom]
level = "off"
evidence = "documented"
source = "Acme's guide: UTF-8 without a byte-order mark"

[rules.few-examples]
level = "error"
recommended = 30
evidence = "observed"
source = "Acme: fewer than 30 examples"
"""

STAGES = (
    ["upload", "train.jsonl"],
    ["run", "train.jsonl", "--model", "gpt-4.1"],
    ["launch", "train.jsonl", "--model", "gpt-4.1"],
    ["jobs", "list"],
)
"""Commands that need to know how to reach the service."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the program in which the provider acme has a file."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("schemas", "fixtures", "scripts"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "ftlint", folder / "ftlint", ignore=shutil.ignore_patterns("*.pyc"))
    (folder / "ftlint" / "config" / "profiles" / "acme.toml").write_text(ACME, encoding="utf-8")
    (folder / "train.jsonl").write_bytes(whole(*[LINE] * 20, mark=b""))
    return folder


def python(checkout: Path, module: str, *arguments: str, code: int = 0) -> tuple[str, str]:
    """Run a module of the copy, which must exit with `code`; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_data_is_checked_for_a_new_provider(checkout: Path) -> None:
    arguments = ("check", "train.jsonl", "--profile", "acme", "--output-format", "json")
    out, _ = python(checkout, "ftlint", *arguments, code=1)
    assert orjson.loads(out)["rules"] == {"few-examples": {"error": 1, "warning": 0, "info": 0}}
    assert "acme, azure" in python(checkout, "ftlint", "check", "--help")[0]


def test_a_new_provider_is_shown_and_listed(checkout: Path) -> None:
    assert "acme       Acme\n" in python(checkout, "ftlint", "profile")[0]
    out, _ = python(checkout, "ftlint", "profile", "acme")
    assert out.startswith("acme: Acme\nsources read: 2026-11-20\n")
    assert "error  minimum 10, recommended 30\n    observed: Acme: fewer than 30" in out
    out, _ = python(checkout, "ftlint", "rule", "missing-bom", "--output-format", "json")
    assert orjson.loads(out)["levels"]["acme"] == {"missing-bom": "off"}


def test_a_new_provider_has_a_page_and_changes_none(checkout: Path) -> None:
    python(checkout, "scripts.docs", "site")
    page = (checkout / "site" / "providers" / "acme.md").read_text(encoding="utf-8")
    assert page.startswith("# Acme\n\n`--profile acme`. Sources read: 2026-11-20.\n")
    built = {str(path.relative_to(checkout / "site")) for path in checkout.glob("site/*/*.md")}
    ours = pages()
    assert built == {*ours, "providers/acme.md"}
    for path, text in ours.items():
        assert (checkout / "site" / path).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("command", STAGES, ids=lambda command: command[0])
def test_a_new_provider_without_a_client_is_refused_by_name(
    checkout: Path, command: list[str]
) -> None:
    out, err = python(checkout, "ftlint", *command, "--profile", "acme", code=2)
    assert out == ""
    assert err == (
        "error: Acme: ftlint checks data for it, and sends nothing there yet: "
        "profile acme has no [upload] table; give it one, or extend azure or openai\n"
    )
