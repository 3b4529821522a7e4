"""The page on security states the limits that are in force."""

from __future__ import annotations

import pytest

from ftlint.core import limits
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in vars(limits) if name.isupper()])
def test_every_limit_of_a_line_is_on_the_page(name: str) -> None:
    value = getattr(limits, name)
    assert f" {value:,} " in PAGE or f" {value:,}," in PAGE
