"""Price table for estimates of cost: the bundled one, or the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftlint.formats.tables import read_table

DEFAULT_PRICES = Path(__file__).parent / "prices.toml"


def read_prices(path: str | None) -> dict[str, Any]:
    """Read a price table, None for the bundled one. Raises `ConfigError`."""
    return read_table(Path(path) if path else DEFAULT_PRICES, "prices")
