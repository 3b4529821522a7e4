"""Work on many inputs: in order, some ahead where they are far away, and bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ftlint.inputs.discovery import Input
from ftlint.inputs.prefetch import prefetch

MANY = 500


def inputs(scheme: str = "memory://", size: int = 10) -> list[Input]:
    return [Input(str(number), f"{scheme}{number}", size, "") for number in range(MANY)]


@pytest.mark.parametrize("scheme", ["", "memory://"])
def test_results_come_in_the_order_of_inputs(scheme: str) -> None:
    given = inputs(scheme)
    assert list(prefetch(lambda entry: entry.path, given)) == [entry.path for entry in given]
    assert list(prefetch(lambda entry: entry.path, [])) == []


@pytest.mark.parametrize("scheme", ["", "memory://"])
def test_what_fails_is_raised_where_its_result_is_taken(scheme: str) -> None:
    def fail(entry: Input) -> int:
        if entry.path == "7":
            raise ZeroDivisionError(entry.path)
        return 1

    results = prefetch(fail, inputs(scheme))
    assert [next(results) for _ in range(7)] == [1] * 7
    with pytest.raises(ZeroDivisionError, match="7"):
        next(results)


def counting() -> tuple[Callable[[Input], int], list[str]]:
    """Return what takes note of the inputs that it was given."""
    begun: list[str] = []

    def do(entry: Input) -> int:
        begun.append(entry.path)
        return entry.size

    return do, begun


@pytest.mark.parametrize(("size", "most"), [(10, 33), (1 << 20, 17), (100 << 20, 2)])
def test_what_is_begun_ahead_is_bounded_in_number_and_bytes(size: int, most: int) -> None:
    do, begun = counting()
    results = prefetch(do, inputs(size=size))
    for taken, _ in enumerate(results):
        assert len(begun) <= taken + most
    assert sorted(map(int, begun)) == list(range(MANY))


def test_files_on_disk_are_not_begun_ahead() -> None:
    do, begun = counting()
    results = prefetch(do, inputs(""))
    next(results)
    assert begun == ["0"]


def test_several_are_under_way_at_a_time() -> None:
    together = threading.Barrier(16, timeout=30)
    assert list(prefetch(lambda _: together.wait() >= 0, inputs()[:16])) == [True] * 16


def test_no_thread_is_left() -> None:
    def ours() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "ftlint-prefetch"]

    do, begun = counting()
    results = prefetch(do, inputs())
    next(results)
    threads = ours()
    assert len(threads) == 16
    del results  # which closes it
    for thread in threads:
        thread.join(30)
    assert not ours()
    assert len(begun) < MANY
