"""Suggestions for a wrong name, which may be hostile as may the names it is compared with."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.core.errors import nearest
from ftlint.core.limits import SUGGESTED_CHARACTERS, SUGGESTED_NAMES


def test_the_most_similar_name_is_suggested() -> None:
    assert nearest("get_wether", ["set_weather", "get_weather", "get"]) == "get_weather"
    assert nearest("find", ["weather"]) is None


def test_long_names_and_names_after_the_first_hundreds_are_left_out() -> None:
    """A line of 88 kB took 30 s, for each of 280 names was compared with 450 others."""
    taken = []

    def names() -> Iterator[str]:
        for number in range(10_000):
            taken.append(number)
            yield f"name_{number}"

    assert nearest("name_0", names()) == "name_0"
    assert len(taken) == SUGGESTED_NAMES
    long = "x" * (SUGGESTED_CHARACTERS + 1)
    assert nearest(long, [long]) is None
    assert nearest("x", [long]) is None
