"""The recipes of the page on scale do what they say, with stand-ins for Ray and Spark."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import ftlint
from ftlint.inputs import discovery
from tests.support.helpers import BOM, HUMAN, LINE, write

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
BLOCKS = re.findall(
    r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)


class Remote:
    """What `ray.remote` returns."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def remote(self, *args: Any) -> Any:
        """Do at once what Ray would do elsewhere."""
        return self._function(*args)


class Ray:
    """As much of Ray as the recipe uses."""

    remote = Remote

    @staticmethod
    def wait(tasks: list[Any]) -> tuple[list[Any], list[Any]]:
        """Say that the last task has ended."""
        return tasks[-1:], tasks[:-1]

    @staticmethod
    def get(tasks: list[Any]) -> list[Any]:
        """Return results."""
        return tasks


class Data(list[Any]):
    """As much of Spark as the recipe uses: a context and its data in one."""

    def parallelize(self, parts: list[Any], count: int) -> Data:
        """Return data in `count` parts."""
        assert count == len(parts)
        return Data(parts)

    def map(self, function: Callable[[Any], Any]) -> Data:
        """Apply a function."""
        return Data(map(function, self))

    def treeReduce(self, function: Callable[[Any, Any], Any]) -> Any:  # noqa: N802 - Spark's name
        """Merge."""
        return reduce(function, self)


@pytest.mark.parametrize("name", ["ray_map", "spark_map"])
def test_a_recipe_changes_nothing(in_tmp: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    [block] = [block for block in BLOCKS if f"def {name}" in block]
    recipe = block.partition("report =")[0].replace("import ray\n", "")
    known: dict[str, Any] = {"ray": Ray, "spark": SimpleNamespace(sparkContext=Data())}
    exec(recipe, known)  # noqa: S102 - of the project's own page
    write("data.jsonl", BOM + (LINE + b"\n") * 200 + HUMAN)
    monkeypatch.setattr(discovery, "RANGE_SIZE", 100)
    report = ftlint.check("data.jsonl", map=known[name], range_size=100)
    assert report == ftlint.check("data.jsonl")
    assert report.counts["error"] == 1


def test_the_page_has_no_other_code_than_what_is_tested_elsewhere() -> None:
    assert len(BLOCKS) == 4
    assert sum("connect(" in block or "pool.map" in block for block in BLOCKS) == 2
