"""Cost of training: epochs, billed tokens, and prices with their sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ftlint.analysis.tokens.formulas import default_epochs

BASE_TIER = "Standard"
"""The tier of a service without tiers, and of a model without prices."""


_MILLION = 1_000_000


_CENTS = 0.1


Amount = tuple[float, float]
"""A range, from the least to the greatest."""


class Cost(NamedTuple):
    """The cost of a job in one training tier.

    `price` is per `unit` ("million tokens" or "hour"), `cost` that of the job; None if unknown or
    not determined by tokens. `source` and `checked` (ISO date) are those of the price.
    """

    model: str
    tier: str
    currency: str
    unit: str = "million tokens"
    price: Amount | None = None
    cost: Amount | None = None
    source: str = ""
    checked: str = ""


class Estimate(NamedTuple):
    """The estimate of a job before it is started.

    `tokens` counts those of the file, `cut` those beyond the model's context, which are not billed,
    `billed` those of all epochs. `billing` is "tokens" or "hour"; for the latter, `billed` and
    `epochs` are None. `given` tells whether the epochs are the user's or the service's default.
    `price` per `unit` and `cost` are ranges in `currency` for the `tier`, None if unknown.
    """

    tokens: int
    cut: int
    billing: str
    epochs: int | None
    given: bool
    billed: int | None
    tier: str
    unit: str | None = None
    currency: str | None = None
    price: list[float] | None = None
    cost: list[float] | None = None


def estimate(counted: Mapping[str, Any], tier: str | None) -> Estimate:
    """Return the estimate of a job in a training tier, None for a service without tiers.

    `counted` is the entry `tokens` of the training file in `Report.statistics`, counted exactly.
    """
    rows = of_tier(counted["cost"], tier)
    row = rows[0] if len(rows) == 1 else {}  # several without a given model
    keys = ("unit", "currency", "price", "cost")
    return Estimate(
        tokens=counted["tokens"],
        cut=counted["lost_tokens"],
        billing=counted["billing"],
        epochs=counted["epochs"],
        given=counted["epochs_source"] == "given",
        billed=counted["billed_tokens"],
        tier=tier or BASE_TIER,
        **{key: row[key] for key in keys if key in row},
    )


def of_tier(rows: Iterable[Mapping[str, Any]], tier: str | None) -> list[dict[str, Any]]:
    """Return the costs (`Cost`, as plain data) of a training tier."""
    return [dict(row) for row in rows if row["tier"] == (tier or BASE_TIER)]


def epochs_of(job: Mapping[str, Any], method: str | None, examples: int) -> int:
    """Return the number of epochs: the user's, else the service's default."""
    given: int | None = job.get("epochs")
    return given or default_epochs(method or "sft").of(examples)


def costs(
    prices: Mapping[str, Any],
    profile: str,
    method: str | None,
    model: Mapping[str, Any] | None,
    tokens: int,
) -> Iterator[Cost]:
    """Yield the cost of billed tokens by training tier.

    `model` is from `ftlint.config.models.find`, None for all models with a price.
    """
    offered = [
        row for row in prices["price"] if row["profile"] == profile and method in row["methods"]
    ]
    named = list(dict.fromkeys(row["model"] for row in offered))
    wanted = named
    if model is not None:
        wanted = [model["name"] if model["name"] in named else model["id"] or model["name"]]
    discounts = [row for row in prices.get("discount", ()) if row["profile"] == profile]
    further = {row["tier"] for row in discounts}
    discounts.sort(key=lambda row: row["of"] in further)  # a discount on a discount comes last
    for name in wanted:
        tiers = {row["tier"]: Cost(name, row["tier"], prices["currency"], row["unit"],
                                   _amount(row["amount"]), None, row["source"], row["checked"])
                 for row in offered if row["model"] == name}  # fmt: skip
        if not tiers:
            unit = "hour" if method == "rft" else "million tokens"
            tiers[BASE_TIER] = Cost(name, BASE_TIER, prices["currency"], unit)
        for row in discounts:
            if row["tier"] not in tiers and row["of"] in tiers:
                tiers[row["tier"]] = _discounted(tiers[row["of"]], row)
        for cost in tiers.values():
            yield _charged(cost, tokens)


def money(amount: Sequence[float] | None, currency: str) -> str:
    """Format a range of money, "unknown" for None; small amounts get two significant digits."""
    if amount is None:
        return "unknown"
    least, most = (
        f"{value:,.2f}" if value >= _CENTS or not value else f"{value:.2g}" for value in amount
    )
    return f"{least} {currency}" if least == most else f"{least} to {most} {currency}"


def _discounted(full: Cost, row: Mapping[str, Any]) -> Cost:
    if full.price is None:
        return Cost(full.model, row["tier"], full.currency, full.unit)
    least, most = _amount(row["share"])
    price = (full.price[0] * least, full.price[1] * most)
    tier, source, checked = row["tier"], row["source"], row["checked"]
    return full._replace(tier=tier, price=price, source=source, checked=checked)


def _charged(cost: Cost, tokens: int) -> Cost:
    if cost.price is None or cost.unit != "million tokens":
        return cost
    least, most = cost.price
    return cost._replace(cost=(least * tokens / _MILLION, most * tokens / _MILLION))


def _amount(value: float | list[float]) -> Amount:
    return (min(value), max(value)) if isinstance(value, list) else (value, value)
