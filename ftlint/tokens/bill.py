"""What training costs: epochs, billed tokens, prices with their sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ftlint.profile import read_table
from ftlint.tokens.formulas import default_epochs

DEFAULT_PRICES = Path(__file__).parent / "prices.toml"

BASE_TIER = "Standard"
"""The training tier that a price is unknown of, where nothing is known."""

_MILLION = 1_000_000
_CENTS = 0.1

Amount = tuple[float, float]
"""The least and the greatest of what is not known more exactly."""


class Cost(NamedTuple):
    """What a job costs in one training tier.

    `price` is that of a `unit` ("million tokens" or "hour"), `cost` that of the job; None for what
    is not known, or not told by tokens. `source` and `checked` (ISO date) are those of the price.
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
    """What a job comes to, before it is started.

    `tokens` are those of the file, `cut` those of them over the model's context, which are not
    billed; `billed` the tokens of all epochs, None, as are `epochs`, where the job is billed by the
    hour (`billing`: "tokens" or "hour"). `given` says whether the epochs are the user's, not the
    service's. `price` and `cost` (the least and the greatest, None where unknown) are those of the
    `tier`, in `currency`; the price is that of a `unit`.
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
    """Return what a job comes to in a training tier, None for a service that has none.

    `counted` is what `Report.statistics` tells under `tokens` of the file to train on, where tokens
    were counted exactly.
    """
    rows = of_tier(counted["cost"], tier)
    row = rows[0] if len(rows) == 1 else {}  # several: no model was named
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


def of_tier(found: Iterable[Mapping[str, Any]], tier: str | None) -> list[dict[str, Any]]:
    """Return those of several costs (`Cost`, as plain data) that are of a training tier."""
    return [dict(row) for row in found if row["tier"] == (tier or BASE_TIER)]


def read_prices(path: str | None) -> dict[str, Any]:
    """Read a table of prices, None for the one that ships. Raises `ConfigError`."""
    return read_table(Path(path) if path else DEFAULT_PRICES, "prices")


def epochs_of(job: Mapping[str, Any], method: str | None, examples: int) -> int:
    """Return how often a job goes over the data: as the user says, else as the service does."""
    given: int | None = job.get("epochs")
    return given or default_epochs(method or "sft").of(examples)


def costs(
    prices: Mapping[str, Any],
    profile: str,
    method: str | None,
    model: Mapping[str, Any] | None,
    tokens: int,
) -> Iterator[Cost]:
    """Yield what so many billed tokens cost, by training tier.

    `model` is what `ftlint.models.find` says of it; without one, all models that have a price.
    """
    known = [
        row for row in prices["price"] if row["profile"] == profile and method in row["methods"]
    ]
    named = list(dict.fromkeys(row["model"] for row in known))
    wanted = named
    if model is not None:
        wanted = [model["name"] if model["name"] in named else model["id"] or model["name"]]
    discounts = [row for row in prices.get("discount", ()) if row["profile"] == profile]
    further = {row["tier"] for row in discounts}
    discounts.sort(key=lambda row: row["of"] in further)  # after what they are a share of
    for name in wanted:
        tiers = {row["tier"]: Cost(name, row["tier"], prices["currency"], row["unit"],
                                   _amount(row["amount"]), None, row["source"], row["checked"])
                 for row in known if row["model"] == name}  # fmt: skip
        if not tiers:
            unit = "hour" if method == "rft" else "million tokens"
            tiers[BASE_TIER] = Cost(name, BASE_TIER, prices["currency"], unit)
        for row in discounts:
            if row["tier"] not in tiers and row["of"] in tiers:
                tiers[row["tier"]] = _discounted(tiers[row["of"]], row)
        for cost in tiers.values():
            yield _charged(cost, tokens)


def money(amount: Sequence[float] | None, currency: str) -> str:
    """Write an amount (the least and the greatest), "unknown" where it is not known.

    Small ones have the digits that make them more than zero.
    """
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
