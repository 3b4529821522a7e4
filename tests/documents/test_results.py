"""The page on training results: its example is what is printed, its columns are what is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ftlint.cli import run
from ftlint.reporters import Style
from ftlint.reporters import results as reporter
from ftlint.training import results
from ftlint.training.remarks import LEAST, LEAST_EXACT, LEAST_TRAINING
from tests.support.helpers import write
from tests.support.training import falling, noisy, parted, table

PAGE = Path(__file__).parents[2] / "docs" / "results.md"


def example() -> bytes:
    """Write a job of three epochs that overfits in the second."""
    loss, valid = noisy(falling(240), 1, 0.06), noisy(parted(120, rise=0.5), 2, 0.03)
    full = [parted(240, rise=0.5)[step] for step in (79, 159, 239)]
    columns = {"train_loss": loss, "valid_loss": valid, "full_valid_loss": full}
    return table(columns, every={"valid_loss": 2, "full_valid_loss": 80})


def test_the_example_of_the_page_is_what_is_printed() -> None:
    (block,) = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    lines = reporter.render(results.read(example()), Style(width=88))
    assert block == "".join(f"{line}\n" for line in lines)


@pytest.mark.usefixtures("in_tmp")
def test_a_remark_is_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    write("results.csv", example())
    assert run(["jobs", "results", "--file", "results.csv"]) == 0
    assert "\nwarning: full validation loss is lowest at step 80 (" in capsys.readouterr().out


def test_the_columns_of_the_page_are_read_as_it_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?) \| (\w[\w ]*), (\w+) \|", text, re.MULTILINE)
    names = {name: row[1:] for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert {"train_loss", "validation_mean_token_accuracy", "full_valid_loss"} <= {*names}
    for name, (part, group) in names.items():
        metric = results.read(f"step,{name}\n1,0.5\n".encode()).metrics[0]
        assert (metric.part, metric.group) == (part, group), name


def test_the_numbers_of_the_page_are_those_in_force() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"{LEAST} values of `valid_loss`" in text
    assert f"{LEAST_TRAINING} training losses" in text
    assert LEAST_EXACT == 3
    assert "three values of `full_valid_loss`" in text
