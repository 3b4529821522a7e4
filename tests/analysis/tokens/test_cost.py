"""What training costs: prices, tiers, epochs; unknown stays unknown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ftlint.analysis.tokens.cost import costs, epochs_of, money
from ftlint.config import models
from ftlint.config.prices import read_prices
from ftlint.core.errors import ConfigError

TABLE = """
currency = "EUR"

[[price]]
profile = "azure"
model = "gpt-4.1-mini"
methods = ["sft"]
tier = "Standard"
unit = "million tokens"
amount = [4, 5.5]
checked = 2026-01-02
source = "our contract"

[[price]]
profile = "azure"
model = "in-house"
methods = ["sft", "dpo"]
tier = "Global"
unit = "million tokens"
amount = 0
checked = 2026-01-02
source = "our contract"

[[discount]]
profile = "azure"
tier = "Developer"
of = "Standard"
share = 0.5
checked = 2026-01-03
source = "our contract, annex"
"""


def table(folder: Path, text: str = TABLE) -> str:
    file = folder / "prices.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_tiers_are_discounts_of_the_standard_one() -> None:
    found = list(costs(read_prices(None), "azure", "sft", models.find("gpt-4.1"), 3_000_000))
    assert [(cost.tier, cost.cost) for cost in found] == [
        ("Standard", (6.0, 6.0)),
        ("Global", (pytest.approx(4.2), pytest.approx(5.4))),
        ("Developer", (pytest.approx(2.1), pytest.approx(2.7))),
    ]
    assert all(cost.source and cost.checked == "2026-11-20" for cost in found)


@pytest.mark.parametrize("profile", ["azure", "openai"])
@pytest.mark.parametrize("model", ["gpt-4o", "no-such-model"])
def test_a_price_that_is_not_known_is_none(profile: str, model: str) -> None:
    found = list(costs(read_prices(None), profile, "sft", models.find(model), 1_000_000))
    assert found[0].tier == "Standard"
    assert {(cost.price, cost.cost) for cost in found} == {(None, None)}


def test_without_a_model_all_that_have_a_price_are_told() -> None:
    found = costs(read_prices(None), "azure", "sft", None, 1)
    assert {cost.model for cost in found} == {"gpt-4.1"}


def test_reinforcement_is_billed_by_the_hour() -> None:
    known = list(costs(read_prices(None), "azure", "rft", models.find("o4-mini"), 1_000_000))
    assert known[0].price == (100.0, 100.0)
    assert {(cost.unit, cost.cost) for cost in known} == {("hour", None)}
    unknown = list(costs(read_prices(None), "azure", "rft", models.find("gpt-5"), 1_000_000))
    assert {(cost.unit, cost.price) for cost in unknown} == {("hour", None)}


def test_a_table_of_the_users_own_replaces_ours(tmp_path: Path) -> None:
    prices = read_prices(table(tmp_path))
    mini = list(costs(prices, "azure", "sft", models.find("gpt-4.1-mini"), 2_000_000))
    assert [(cost.tier, cost.currency, cost.cost) for cost in mini] == [
        ("Standard", "EUR", (8.0, 11.0)),
        ("Developer", "EUR", (4.0, 5.5)),
    ]
    assert [cost.checked for cost in mini] == ["2026-01-02", "2026-01-03"]
    own = list(costs(prices, "azure", "dpo", models.find("in-house"), 2_000_000))
    assert [(cost.tier, cost.cost) for cost in own] == [
        ("Global", (0.0, 0.0)),
    ]
    ours = list(costs(prices, "azure", "sft", models.find("gpt-4.1"), 2_000_000))
    assert {cost.price for cost in ours} == {None}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TABLE.replace("2026-01-03", '"soon"'), "discount.0.checked: "),
        (TABLE.replace("amount = 0", "amount = 1e308"), "price.1.amount: "),
        ("[" * 5000, "prices.toml: not a readable table of prices: "),
        ('currency = "EUR"\n', '"price" is a required property'),
        (TABLE.replace("amount = 0", "amount = -1"), "price.1.amount: -1 is less than the minimum"),
        (TABLE.replace("amount = 0", "amount = nan"), "price.1.amount: "),
        (TABLE.replace("[4, 5.5]", "[4]"), "price.0.amount: "),
        (TABLE.replace('"hour"', "1").replace("million tokens", "token"), "price.0.unit: "),
        (TABLE + "discounts = 1\n", "discount.0: "),
        ("discounts = 1\n" + TABLE, "unknown key 'discounts'; did you mean 'discount'?"),
        ("currency = ", "not a readable table of prices: "),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        read_prices(table(tmp_path, text))


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_prices(str(tmp_path / "prices.toml"))


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ((0.0, 0.0), "0.00 USD"),
        ((0.0044, 0.0044), "0.0044 USD"),
        ((1234.5, 1234.5), "1,234.50 USD"),
        ((0.35, 0.455), "0.35 to 0.46 USD"),
    ],
)
def test_money_is_written_so_that_small_sums_are_not_zero(
    amount: tuple[float, float], words: str
) -> None:
    assert money(amount, "USD") == words


def test_epochs_are_those_given_else_the_default() -> None:
    assert epochs_of({"epochs": 7}, "sft", 10) == 7
    assert epochs_of({}, "sft", 10) == 10
    assert epochs_of({}, None, 1000) == 3
