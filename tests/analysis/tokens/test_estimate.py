"""What a job comes to before it is started: tokens, epochs, the cost in a training tier."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import ftlint
from ftlint.analysis.tokens.cost import Estimate, estimate
from ftlint.reporters import tokens
from tests.support.conformance import base, whole


def counted(folder: Path, **choices: Any) -> Mapping[str, Any]:
    """Return what a report tells of the tokens of ten examples."""
    (folder / "train.jsonl").write_bytes(whole(*base()))
    report = ftlint.check("train.jsonl", tokens="exact", **choices)
    shown: Mapping[str, Any] = report.statistics["train.jsonl"]["tokens"]
    return shown


@pytest.mark.parametrize(
    ("tier", "price"),
    [("Standard", [2.0, 2.0]), ("Global", [1.4, 1.8]), ("Developer", [0.7, 0.9]),
     (None, [2.0, 2.0])],
)  # fmt: skip
def test_a_job_costs_what_its_tier_does(tier: str | None, price: list[float], in_tmp: Path) -> None:
    shown = counted(in_tmp, model="gpt-4.1", hyperparameters={"n_epochs": 3})
    found = estimate(shown, tier)
    assert (found.billing, found.epochs, found.given) == ("tokens", 3, True)
    assert found.billed == 3 * found.tokens > 0
    assert found.price == pytest.approx(price)
    assert found.cost == pytest.approx([amount * found.billed / 1e6 for amount in price])
    assert (found.currency, found.unit) == ("USD", "million tokens")


def test_a_job_of_reinforcement_is_billed_by_the_hour(in_tmp: Path) -> None:
    found = estimate(counted(in_tmp, model="o4-mini", method="rft"), "Standard")
    assert (found.billing, found.unit, found.price) == ("hour", "hour", [100.0, 100.0])
    assert (found.billed, found.epochs, found.cost) == (None, None, None)


@pytest.mark.parametrize(
    ("choices", "tier"),
    [({"model": "gpt-4.1"}, "Batch"), ({"model": "nobody"}, None),
     ({"model": "gpt-4.1", "profile": "openai"}, None)],
)  # fmt: skip
def test_what_is_not_known_is_none(choices: dict[str, Any], tier: str | None, in_tmp: Path) -> None:
    found = estimate(counted(in_tmp, **choices), tier)
    assert found.cost is None
    assert found.price is None
    assert (found.epochs, found.given) == (10, False)


def test_without_a_model_no_price_is_taken_for_another(in_tmp: Path) -> None:
    shown = dict(counted(in_tmp, model="gpt-4.1"))
    shown["cost"] = [*shown["cost"], {**shown["cost"][0], "model": "another"}]
    assert estimate(shown, "Standard").cost is None


def test_the_lines_name_one_tier_and_its_source(in_tmp: Path) -> None:
    shown = counted(in_tmp, model="gpt-4.1", hyperparameters={"n_epochs": 3})
    text = "\n".join(tokens.estimate(shown, "Global"))
    assert "3 (as given for 10 examples)" in text
    assert "1.40 to 1.80 USD" in text
    assert "10-30% discount" in text
    assert "Developer" not in text
    assert isinstance(estimate(shown, "Global"), Estimate)
