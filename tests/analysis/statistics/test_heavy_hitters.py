"""Frequent texts: counted exactly up to a number of them, then estimated; the same for any cut."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.analysis.statistics import heavy_hitters
from ftlint.analysis.statistics.heavy_hitters import Counted, Frequent

texts = st.lists(st.text(max_size=3) | st.sampled_from(["yes", "no"]), max_size=60)


def of(values: list[str], start: int = 0) -> Frequent:
    counts = Frequent()
    for place, value in enumerate(values, start):
        counts.add(value, place)
    return counts


def result_of(counts: Frequent) -> tuple[int, int | None, list[Counted], list[Counted]]:
    return counts.total, counts.distinct, counts.top(20), counts.top(10, least=2)


def cut(values: list[str], cuts: list[int]) -> list[Frequent]:
    return [of(values[start:end], start) for start, end in pairwise([0, *cuts, len(values)])]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep eight texts, and a sketch in which some of them meet."""
    monkeypatch.setattr(heavy_hitters, "KEPT", 8)
    monkeypatch.setattr(heavy_hitters, "_COLUMNS", 16)


@given(texts)
def test_few_texts_are_counted_exactly(values: list[str]) -> None:
    counts, true = of(values), Counter(values)
    assert counts.total == len(values)
    assert counts.distinct == len(true)
    found = counts.top(len(true))
    assert {entry.text: entry.times for entry in found} == true
    assert found == sorted(found, key=lambda entry: (-entry.times, entry.text))
    assert {entry.text for entry in counts.top(99, least=2)} == {t for t in true if true[t] > 1}


@given(texts, st.data())
def test_merging_few_in_any_order_is_counting_all_at_once(
    values: list[str], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=4)))
    merged = reduce(Frequent.merge, data.draw(st.permutations(cut(values, cuts))))
    assert result_of(merged) == result_of(of(values))


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("seed", range(20))
def test_merging_many_in_any_order_is_counting_all_at_once(seed: int) -> None:
    values = [str(hash_ % (30 if hash_ % 3 else 3)) for hash_ in scattered(400, seed)]
    cuts = sorted(place % 400 for place in scattered(seed % 7, seed + 1))
    parts = cut(values, cuts)
    before = deepcopy(parts)
    whole = result_of(of(values))
    assert result_of(reduce(Frequent.merge, parts, Frequent())) == whole
    assert result_of(reduce(Frequent.merge, reversed(parts), Frequent())) == whole
    right = reduce(lambda later, earlier: earlier.merge(later), reversed(parts), Frequent())
    assert result_of(right) == whole
    for part, known in zip(parts, before, strict=True):
        assert (part.kept, part.cells) == (known.kept, known.cells)


def scattered(count: int, seed: int) -> list[int]:
    """Return numbers that look like chance, the same ones for a seed."""
    return [(seed * 7919 + place * 104_729) ** 3 % 1_000_003 for place in range(1, count + 1)]


@pytest.mark.usefixtures("few")
def test_counts_of_many_are_never_too_low() -> None:
    values = [str(number % (50 if number % 2 else 4)) for number in scattered(2000, 5)]
    counts, true = of(values), Counter(values)
    assert counts.distinct is None
    found = counts.top(99)
    assert found
    for entry in found:
        assert entry.times >= true[entry.text]


def test_a_frequent_text_is_found_among_very_many() -> None:
    counts = Frequent()
    for number in range(20_000):
        counts.add("I cannot help with that." if number % 100 == 0 else f"text {number}", number)
    assert counts.distinct is None
    [found] = counts.top(1, least=2)
    assert found.text == "I cannot help with that."
    assert 200 <= found.times <= 203


def test_of_very_many_texts_none_is_called_repeated_that_is_not() -> None:
    assert of([f"text {number}" for number in range(20_000)]).top(10) == []


def test_long_texts_are_told_apart_by_all_of_them_and_shown_by_their_beginning() -> None:
    counts = of(["a" * 5000 + "b", "a" * 5000 + "c", "a" * 5000 + "c"])
    assert counts.distinct == 2
    assert counts.top(2) == [Counted("a" * 120, 5001, 2), Counted("a" * 120, 5001, 1)]


def test_a_text_with_a_lone_surrogate_is_counted() -> None:
    assert of(["\ud800"]).top(1) == [Counted("?", 1, 1)]


def test_missing_texts_are_named_while_all_are_known(few: None) -> None:
    one, other = of(["a"]), of(["b", "a", "c"])
    assert one.missing(other) == ["b", "c"]
    assert other.missing(one) == []
    many = of([str(number) for number in range(9)])
    assert one.missing(many) is None
    assert many.missing(one) is None


def test_only_so_many_texts_are_remembered_by_their_hash() -> None:
    values = [f"text {number}" for number in range(300)]
    counts = of(values * 3)
    assert counts.distinct == 300
    assert {entry.times for entry in counts.top(300)} == {3}
