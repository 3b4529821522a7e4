"""What is found in a line, and what is known beforehand of lines that are like one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ftlint.registry import Rule
from ftlint.schema import Failure, Fault


@dataclass(slots=True)
class Found:
    """What the rules said of the last line.

    `start` is the byte where its columns begin. `faults` are what the schema refused.
    """

    start: int = 0
    faults: dict[Failure, Fault] = field(default_factory=dict)


class Known(NamedTuple):
    """What is found in each line of a skeleton: `names` as in `LineChecker.names`.

    `kept` are the rules over the dataset that take such a line.
    """

    names: tuple[tuple[Rule, str, str], ...]
    kept: tuple[Rule, ...]
