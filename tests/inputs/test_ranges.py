"""Ranges: blocks hold the lines of a range, each of them once and in order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.inputs import ranges
from ftlint.inputs.discovery import Range


def range_of(path: Path) -> Range:
    return Range(str(path), str(path), 0, path.stat().st_size, "chat", text=True)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.sampled_from([None, 8, 20, 1000]))
def test_blocks_hold_the_lines_of_a_range(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], limit: int | None
) -> None:
    path = tmp_path_factory.mktemp("range") / "data.jsonl"
    path.write_bytes(b"\n".join(b"x" * length for length in lengths))
    part = range_of(path)
    expected = [(raw, length) for _, raw, length in ranges.lines(part, limit)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "_LINES", 30)
        blocks = list(ranges.blocks(part, limit))
    found = []
    for lines, size in blocks:
        cut = len(lines) == 1 and size != len(lines[0])
        assert cut or size == sum(map(len, lines))
        found += [(raw, size if cut else len(raw)) for raw in lines]
    assert found == expected


def test_a_block_ends_with_the_line_that_fills_it(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"x" * 999 + b"\n" + (b"y" * 9_999 + b"\n") * 20)
    sizes = [size for _, size in ranges.blocks(range_of(path), None)]
    assert sizes == [71_000, 70_000, 60_000]
