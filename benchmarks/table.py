"""The results of a run, as Markdown: the targets, and what each program took on each file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from benchmarks import suite
from benchmarks.measure import Runs, Spread, ratio, spread
from benchmarks.suite import Group

_MB = 1_000_000


class Target(NamedTuple):
    """A row of the table of targets: what is measured, the bound, and the measured value.

    The value is to be at most the bound, or with `at_least` no less than it; where the bound is
    None, it is told for information. `unit` stands behind both; `high` tells that the greatest
    value counts, not the median.
    """

    measure: str
    bound: float | None
    value: Spread
    unit: str = ""
    at_least: bool = False
    high: bool = False

    @property
    def met(self) -> bool:
        """Whether the value keeps to the bound, if there is one."""
        if self.bound is None:
            return True
        decides = self.value.high if self.high else self.value.median
        return decides >= self.bound if self.at_least else decides <= self.bound


def _peak(*runs: tuple[Runs, str]) -> Spread:
    return spread([taken.peak / _MB for group, label in runs for taken in group[label]])


def targets(groups: Mapping[str, Group]) -> Iterator[Target]:
    """Yield the targets, with what was measured; `groups` are all those of the suite, by name."""
    chat, plain, tiny, start, slow, findings = (
        groups[name].runs for name in ("chat", "plain", "tiny", "start", "jsonschema", "findings")
    )
    one, two = suite.ONE, suite.TWO
    yield Target("chat, 1 process / `orjson.loads` loop", 2.5, ratio(chat, one, suite.ORJSON))
    yield Target("chat, 2 processes / `orjson.loads` loop", 1.4, ratio(chat, two, suite.ORJSON))
    for peer, bound in ((suite.TOGETHER, 3), (suite.CLEANLLM, 1.5), (suite.COOKBOOK, 4)):
        yield Target(
            f"plain, {peer} / 2 processes", bound, ratio(plain, peer, two), "", at_least=True
        )
    faster = ratio(slow, suite.JSONSCHEMA, two)
    yield Target(f"plain, {suite.JSONSCHEMA} / 2 processes", 20, faster, at_least=True)
    peak = _peak((chat, one), (chat, two))
    yield Target("chat, peak memory of the largest process", 90, peak, " MB", high=True)
    peak = _peak((tiny, one), (tiny, two))
    yield Target("tiny, peak memory of the largest process", 220, peak, " MB", high=True)
    yield Target("every line bad / chat, 1 process", 3, ratio(chat, suite.BAD, one))
    peak = _peak((chat, suite.BAD))
    yield Target("every line bad, peak memory", 90, peak, " MB", high=True)
    growth = ratio(chat, one, suite.SMALLER)
    yield Target("chat, 1 process / the same of about a fifth of the size", 5.6, growth)
    pair = ratio(findings, suite.FINDINGS, suite.NO_FINDINGS)
    yield Target(f"{suite.FINDINGS} of 4 MB / {suite.NO_FINDINGS}", 5, pair)
    seconds = spread([taken.wall for taken in findings[suite.FINDINGS]])
    yield Target(f"{suite.FINDINGS} of 4 MB", 1, seconds, " s")
    for label, bound in ((suite.VERSION, 1.6), (suite.FIVE, 2.5)):
        pair = ratio(start, label, suite.CLICK)
        yield Target(f"`{label}` / `{suite.CLICK}`", bound, pair)
    yield from _token_targets(groups)


def _token_targets(groups: Mapping[str, Group]) -> Iterator[Target]:
    chat, plain, older, hostile = (
        groups[name].runs for name in ("chat", "plain tokens", "cookbook", "hostile")
    )
    pair = ratio(chat, suite.ONE, suite.NO_TOKENS)
    yield Target("chat, 1 process, `--tokens limit` / `off`", 1.1, pair)
    labels = ((suite.EXACT_ONE, "1 process"), (suite.EXACT_TWO, "2 processes"))
    for name, bounds in (("plain", (1, 1.8)), ("wordy", (None, None)), ("chat", (None, None))):
        for (label, jobs), bound in zip(labels, bounds, strict=True):
            pair = ratio(groups[f"{name} tokens"].runs, suite.TIKTOKEN, label)
            measure = f"{name}, {suite.TIKTOKEN} / {jobs}, exact tokens"
            yield Target(measure, bound, pair, at_least=True)
    pair = ratio(older, suite.COMPLETE, suite.OLDER)
    measure = f"plain, {suite.COMPLETE} / 2 processes, exact tokens of cl100k"
    yield Target(measure, 3, pair, at_least=True)
    peak = _peak((plain, suite.EXACT_ONE), (plain, suite.EXACT_TWO))
    measure = "plain, exact tokens, peak memory of the largest process"
    yield Target(measure, 170, peak, " MB", high=True)
    times = {
        kind: spread([taken.wall for taken in hostile[label]])
        for label, kind in suite.HOSTILE.items()
    }
    slowest = max(times, key=lambda kind: times[kind].high)
    measure = f"a million characters alike, counted; of five kinds the slowest, {slowest}"
    yield Target(measure, 2, times[slowest], " s", high=True)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 20 else f"{value:.2f}"


def _range(value: Spread, unit: str) -> str:
    low, high = _number(value.low), _number(value.high)
    return f"{_number(value.median)}{unit} ({low} to {high})"


def target_table(rows: Iterator[Target]) -> str:
    """Return the table of targets; values are medians, with the least and the greatest."""
    lines = ["| measure | target | measured | |", "|---|---|---|---|"]
    for row in rows:
        value, bound, verdict = _range(row.value, row.unit), "-", ""
        if row.bound is not None:
            bound = f"{'>=' if row.at_least else '<='} {row.bound:g}{row.unit}"
            verdict = "met" if row.met else "**missed**"
        lines.append(f"| {row.measure} | {bound} | {value} | {verdict} |")
    return "\n".join(lines)


def program_table(group: Group) -> str:
    """Return what the programs of a group took, in medians; rates are those of the wall time."""
    lines = [
        f"**{group.name}**, {group.rounds} rounds",
        "",
        "| program | MB | lines | wall s | CPU s | MB/s | lines/s | peak MB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for command in group.commands:
        runs = group.runs[command.label]
        wall, cpu = (spread([taken[index] for taken in runs]).median for index in (0, 1))
        peak = max(taken.peak for taken in runs) / _MB
        size, rates = "- | -", "- | -"
        if command.path:
            size_mb, count = command.path.stat().st_size / _MB, group.lines[command.path]
            size = f"{_number(size_mb)} | {count:,}"
            rates = f"{_number(size_mb / wall)} | {_number(count / wall)}"
        lines.append(
            f"| {command.label} | {size} | {wall:.3f} | {cpu:.3f} | {rates} | {peak:.1f} |"
        )
    return "\n".join(lines)
