"""What the repository promises about itself: contracts, the public API."""

from __future__ import annotations

import re
import subprocess
import sys

import orjson
import pytest
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

import ftlint
from ftlint.cli import run
from ftlint.core.rule import RULES
from ftlint.formats.schema import load
from ftlint.version import __version__
from tests.conftest import FIXTURES, ROOT


@pytest.mark.parametrize("name", ["chat", "report", "profile", "prices"])
def test_schemas_are_valid(name: str) -> None:
    Draft202012Validator.check_schema(load(name))


@pytest.fixture(scope="module")
def contract() -> Validator:
    return Draft202012Validator(load("report"))


@pytest.mark.parametrize("folder", [*FIXTURES.glob("rules/*"), FIXTURES / "files"], ids=str)
def test_every_report_keeps_the_contract(
    folder: object, contract: Validator, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["check", str(folder), "nowhere.jsonl", "--output-format", "json"])
    report = orjson.loads(capsys.readouterr().out)
    contract.validate(report)
    assert len(report["errors"]) == 1


def test_every_rule_says_what_it_asks_and_where_that_comes_from() -> None:
    for rule in RULES.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
        assert rule.tags
        assert rule.summary.endswith("."), rule.id
        assert len(rule.doc.splitlines()) > 2, rule.id
        assert bool(re.search(r"^The fix ", rule.doc, re.MULTILINE)) == rule.fixable, rule.id


def test_a_rule_id_is_taken_once() -> None:
    with pytest.raises(ftlint.core.errors.FtlintError, match="declared twice"):
        ftlint.rule("unknown-role", severity="error", on=ftlint.Event.ROW)(lambda _, __: ())


def test_the_public_names_are_there() -> None:
    assert {name: getattr(ftlint, name) for name in ftlint.__all__}
    with pytest.raises(AttributeError, match="no_such_name"):
        ftlint.no_such_name  # noqa: B018 - reading it is the test


def test_a_clean_check_imports_nothing_heavy() -> None:
    heavy = (
        *("chardet", "jsonschema", "rich", "PIL", "fsspec", "distributed", "tiktoken", "regex"),
        *("multiprocessing", "concurrent.futures", "asyncio", "http", "ssl", "pkgutil"),
        *(
            "jinja2",
            "markdown_it",
            "ftlint.analysis.statistics.dataset",
            "openai",
            "azure",
            "tenacity",
            "filelock",
        ),
        *(
            "ftlint.training.providers",
            "ftlint.training.receipt",
            "ftlint.training.upload",
            "ftlint.training.launch",
            "ftlint.emulator",
        ),
        *(
            "ftlint.engine.fixer",
            "ftlint.formats.grader_formula",
            "ftlint.formats.json_errors",
            "ftlint.engine.parallel.dask",
            "ftlint.engine.parallel.worker",
        ),
    )
    good = str(FIXTURES / "files" / "support-chat-good.jsonl")
    code = (
        "import sys\nfrom ftlint.cli import run\n"
        f"assert run(['check', {good!r}, '-q']) == 0\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_readme_shows_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert run(["check", "fixtures/files/support-chat.jsonl"]) == 1
    assert capsys.readouterr().out in readme
    for command in re.findall(r"^make (\w+)", readme, re.MULTILINE):
        assert f"\n{command}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_readme_shows_the_tokens_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^`ftlint (tokens .*?)`", readme, re.MULTILINE)
    assert run(command.split()) == 0
    assert capsys.readouterr().out in readme


def test_the_readme_shows_what_a_run_would_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_OPENAI_ENDPOINT", raising=False)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^`ftlint (run .*?)`", readme, re.MULTILINE)
    assert run(command.split()) == 0
    assert capsys.readouterr().out in readme


def test_the_changelog_knows_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
