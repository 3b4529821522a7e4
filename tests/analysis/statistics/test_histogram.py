"""Histograms: exact where sizes are small, near where they are not, and the same for any cut."""

from __future__ import annotations

from itertools import pairwise
from math import ceil

import orjson
from hypothesis import given
from hypothesis import strategies as st

from ftlint.analysis.statistics.histogram import PERCENTILES, Histogram, merged

sizes = st.lists(st.integers(0, 1 << 40) | st.integers(0, 300), max_size=60)
"""Sizes of lines, of texts, of counts."""


def of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


def true_percentile(values: list[int], percent: int) -> int:
    return sorted(values)[max(ceil(len(values) * percent / 100), 1) - 1]


@given(sizes)
def test_count_sum_and_extremes_are_exact(values: list[int]) -> None:
    histogram = of(values)
    assert histogram.count == len(values)
    assert histogram.sum == sum(values)
    assert histogram.minimum == min(values, default=None)
    assert histogram.maximum == max(values, default=0)
    assert histogram.mean == sum(values) / (len(values) or 1)


@given(sizes.filter(bool), st.sampled_from(PERCENTILES))
def test_percentiles_are_within_one_part_in_64(values: list[int], percent: int) -> None:
    found, true = of(values).percentile(percent), true_percentile(values, percent)
    assert abs(found - true) <= true / 64
    assert min(values) <= found <= max(values)


@given(st.lists(st.integers(0, 127), min_size=1, max_size=60), st.sampled_from(PERCENTILES))
def test_percentiles_of_small_sizes_are_exact(values: list[int], percent: int) -> None:
    assert of(values).percentile(percent) == true_percentile(values, percent)


@given(st.integers(0, 1 << 40), st.integers(1, 50))
def test_percentiles_of_one_size_are_that_size(size: int, times: int) -> None:
    histogram = Histogram()
    histogram.add(size, times)
    assert {histogram.percentile(percent) for percent in PERCENTILES} == {size}


@given(sizes, st.data())
def test_merging_in_any_order_is_adding_all_at_once(values: list[int], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=4)))
    parts = [
        of(values[start:end]) for start, end in zip([0, *cuts], [*cuts, len(values)], strict=True)
    ]
    before = [part.to_dict() for part in parts]
    shuffled = data.draw(st.permutations(parts))
    assert merged(shuffled).to_dict() == of(values).to_dict()
    assert [part.to_dict() for part in parts] == before


@given(sizes)
def test_plain_data_makes_the_round_trip_through_json(values: list[int]) -> None:
    data = of(values).to_dict()
    assert Histogram.from_dict(orjson.loads(orjson.dumps(data))).to_dict() == data


def test_many_different_sizes_take_few_buckets() -> None:
    assert len(of(list(range(1 << 16))).to_dict()["buckets"]) == 128 + 9 * 64


@given(sizes.filter(bool), st.integers(2, 32))
def test_bars_hold_all_sizes_side_by_side(values: list[int], most: int) -> None:
    bars = of(values).bars(most)
    assert 1 <= len(bars) <= most
    assert sum(count for _, _, count in bars) == len(values)
    assert bars[0][0] <= min(values)
    assert bars[-1][1] >= max(values)
    for (_, end, _), (start, _, _) in pairwise(bars):
        assert start == end + 1


@given(st.lists(st.integers(0, 127), min_size=1, max_size=60), st.integers(2, 32))
def test_bars_of_small_sizes_are_exact(values: list[int], most: int) -> None:
    for start, end, count in of(values).bars(most):
        assert count == sum(start <= value <= end for value in values)


def test_bars_are_of_a_round_width() -> None:
    assert of(list(range(10_000, 10_400))).bars(12) == [
        (10_000, 10_199, 200),
        (10_200, 10_399, 200),
    ]
    assert of([3, 3, 4]).bars() == [(3, 3, 2), (4, 4, 1)]
    assert of([]).bars() == []


def test_what_is_far_above_all_else_is_gathered_in_the_last_bar() -> None:
    assert of([3] * 500 + [4] * 300 + [900]).bars(12) == [(3, 3, 500), (4, 4, 300), (5, 900, 1)]
    assert of([0] * 500 + [5]).bars(12) == [(0, 0, 500), (1, 5, 1)]
