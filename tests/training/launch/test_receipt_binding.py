"""What a receipt lets through is what a check of the same command would let through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftlint.cli import run
from tests.support.helpers import one_line, whole, write
from tests.support.service import GOOD, MODEL, Serving, asked, serving

__all__ = ["serving"]

LIMITED = 'title = "x"\nextends = "azure"\n[rules."too-many-training-tokens"]\nmaximum = {}\n'


def check(*arguments: str) -> int:
    return run(["check", "-q", "train.jsonl", "--model", MODEL, "--receipt", "r.json", *arguments])


def launch(*arguments: str, command: str = "run") -> int:
    more = ["--yes", "--poll", "0.01"] if command == "run" else ["--yes"]
    return run([command, "train.jsonl", "--model", MODEL, "-q", *more, *arguments])


@pytest.fixture
def train(in_tmp: Path) -> None:
    write("train.jsonl", GOOD)


@pytest.mark.usefixtures("train")
def test_more_epochs_than_were_checked_for_are_judged(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("p.toml").write_text(LIMITED.format(3_000))
    assert check("--tokens", "exact", "--epochs", "1", "--profile", "p.toml") == 0
    capsys.readouterr()
    with serving() as emulator:
        assert launch("--epochs", "50", "--profile", "p.toml") == 1
        without = capsys.readouterr().out
        assert launch("--epochs", "50", "--profile", "p.toml", "--receipt", "r.json") == 1
        assert not asked(emulator)
        shown = capsys.readouterr().out
        assert launch("--epochs", "2", "--profile", "p.toml", "--receipt", "r.json") == 0
    for text in (without, shown):
        assert "1,020 tokens times 50 epochs are 51,000, the service takes 3,000" in text


@pytest.mark.usefixtures("train")
def test_tokens_that_were_not_counted_may_be_too_many(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("p.toml").write_text(LIMITED.format(100_000))
    assert check("--profile", "p.toml") == 0
    with serving() as emulator:
        given = ("--profile", "p.toml", "--receipt", "r.json")
        capsys.readouterr()
        assert launch("--epochs", "50", *given) == 3
        words = one_line(capsys.readouterr().err)
        assert launch("--max-cost", "9", *given) == 3
        assert "no token counts, which --max-cost needs" in one_line(capsys.readouterr().err)
        assert not asked(emulator)
        assert launch("--epochs", "3", *given) == 0
    assert "the receipt holds no token counts, and 5,143 bytes times 50 epochs may be" in words
    assert "check again with --tokens exact" in words


@pytest.mark.usefixtures("train")
@pytest.mark.parametrize("command", ["upload", "launch", "run"])
def test_a_receipt_without_tokens_is_refused(
    command: str, serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--tokens", "off") == 0
    capsys.readouterr()
    yes = [] if command == "upload" else ["--yes"]
    arguments = [command, "train.jsonl", "--model", MODEL, "--receipt", "r.json", *yes]
    with serving() as emulator:
        assert run(arguments) == 3
        assert not asked(emulator)
    assert "a check with --tokens off" in one_line(capsys.readouterr().err)


@pytest.mark.usefixtures("train")
def test_a_budget_is_judged_by_the_counts_of_the_receipt(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--max-cost", "100") == 0
    capsys.readouterr()
    with serving():
        assert launch("--max-cost", "0", "--receipt", "r.json") == 0  # a warning, as for a check
    assert "estimated-cost-over-budget" in capsys.readouterr().err


def dated(day: str) -> bytes:
    """Return data with images whose URLs expire on a day."""
    url = f"https://x.blob.core.windows.net/c/a.png?se={day}T00:00:00Z&sig=x"
    picture = [{"type": "image_url", "image_url": {"url": url}}]
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": picture},
        {"role": "assistant", "content": "a"},
    ]
    return whole(*[json.dumps({"messages": messages}).encode()] * 50)


@pytest.mark.parametrize("command", ["upload", "run"])
def test_what_has_expired_since_the_check_is_found(
    command: str, serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("train.jsonl", dated("2026-11-25"))
    assert check("--today", "2026-11-20") == 0
    capsys.readouterr()
    with serving() as emulator:
        options = ["--yes"] if command == "run" else []
        arguments = [command, "train.jsonl", "--model", MODEL, "--receipt", "r.json"]
        assert run([*arguments, *options]) == 1
        assert not asked(emulator)
    assert "url-not-publicly-reachable" in capsys.readouterr().out


def test_what_has_not_expired_passes_on_another_day(serving: Serving, in_tmp: Path) -> None:
    write("train.jsonl", dated("2999-01-01"))
    assert check("--today", "2026-11-20") == 0
    with serving():
        assert launch("--receipt", "r.json") == 0
