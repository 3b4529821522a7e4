"""The numbers behind histograms: in the frame, in order, and complete."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ftlint.reporters.draw.histogram_svg import HEIGHT, Chart, chart
from tests.support.pages import sizes

SIZES = st.lists(
    st.integers(0, 40) | st.integers(0, 100_000) | st.integers(0, 1 << 40), min_size=1, max_size=60
)


def labels(drawn: Chart) -> list[str]:
    """Return what stands under the axis."""
    return [tick.text for tick in drawn.ticks]


@given(SIZES, st.sampled_from(["", "bytes"]), st.none() | st.integers(1, 1 << 40))
def test_all_is_in_the_frame(values: list[int], unit: str, limit: int | None) -> None:
    drawn = chart(sizes(*values), unit=unit, limit=limit)
    assert drawn.total == len(values)
    assert bool(drawn.bars) == bool(drawn.ticks)
    assert drawn.bars == () or max(bar.height for bar in drawn.bars) == HEIGHT
    for bar, after in pairwise(drawn.bars):
        assert bar.x + bar.width < after.x
    for bar in drawn.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= 100
        assert 0 <= bar.height <= HEIGHT
    counts = [int(bar.words.rpartition(": ")[2].replace(",", "")) for bar in drawn.bars]
    assert sum(counts) == (len(values) if drawn.bars else 0)
    assert drawn.tallest == max(counts, default=0)
    assert [bool(bar.height) for bar in drawn.bars] == [*map(bool, counts)]
    places = [tick.x for tick in drawn.ticks]
    assert places == sorted(set(places))
    assert all(0 <= place <= 100 for place in places)
    assert drawn.limit is None or 0 <= drawn.limit <= 100


@given(SIZES, st.integers(1, 200_000))
def test_a_bar_is_over_the_limit_when_all_of_it_is(values: list[int], limit: int) -> None:
    drawn = chart(sizes(*values), limit=limit)
    for bar in drawn.bars:
        least = int(re.match(r"[\d,]+", bar.words)[0].replace(",", ""))  # type: ignore[index]
        assert (bar.kind == "over") == (least > limit)
        if drawn.limit is not None and bar.kind == "over":
            assert bar.x >= drawn.limit


def test_few_single_sizes_are_all_labelled() -> None:
    drawn = chart(sizes(2, 3, 3, 3, 5))
    assert labels(drawn) == ["2", "3", "4", "5"]
    assert [bar.words for bar in drawn.bars] == ["2: 1", "3: 3", "4: 0", "5: 1"]
    assert {tick.anchor for tick in drawn.ticks} == {"middle"}
    assert drawn.bars[-1].x + drawn.bars[-1].width < 50


def test_a_long_tail_is_one_bar_of_another_kind() -> None:
    drawn = chart(sizes(*range(100, 1100), 90_000))
    assert [bar.kind for bar in drawn.bars][-2:] == ["", "tail"]
    assert labels(drawn)[0] == "100"
    assert labels(drawn)[-1] == "… 90,000"


def test_where_there_is_nothing_to_draw() -> None:
    assert chart(sizes()).total == 0
    assert chart(sizes()).only is None
    assert chart(sizes(7, 7)).only == "7"
    assert chart(sizes(1301, 1302), unit="bytes").only == "1.3 kB"
    assert chart(sizes(7, 7)).bars == ()


def test_numbers_are_told_with_their_unit() -> None:
    shown = dict(chart(sizes(100, 2000, 5000), unit="bytes").numbers)
    assert shown == {
        "min": "100 bytes",
        "5%": "100 bytes",
        "median": "2.0 kB",
        "95%": "5.0 kB",
        "max": "5.0 kB",
        "mean": "2.4 kB",
    }
    assert dict(chart(sizes(1, 2)).numbers)["mean"] == "1.5"


def test_no_label_stands_twice() -> None:
    assert labels(chart(sizes(*range(1260, 1380)), unit="bytes")) == ["1.3 kB", "1.4 kB"]


def test_axes_are_short() -> None:
    assert labels(chart(sizes(*range(0, 900, 10)), unit="bytes"))[:2] == ["0 B", "300 B"]
    assert labels(chart(sizes(*range(0, 9_000_000, 100_000))))[-1] == "9.0 M"


def test_a_limit_stands_where_it_belongs() -> None:
    values = sizes(*range(100))
    assert len(chart(values).bars) == 20
    assert chart(values, limit=50).limit == 50
    assert chart(values, limit=99).limit == 99
    assert chart(values, limit=2000).limit is None
