"""The Python API: `check` for a report, `iter_findings` for findings as they come."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Literal, Unpack

from ftlint.config.config import Choices, resolve
from ftlint.core.errors import FtlintError
from ftlint.core.finding import Finding
from ftlint.core.report import Report
from ftlint.engine import checker
from ftlint.engine.parallel import pool
from ftlint.engine.parallel.batches import Map
from ftlint.inputs import discovery
from ftlint.rules import load_rules

Path = str | os.PathLike[str]


def check(
    paths: Path | Iterable[Path],
    *,
    jobs: int | Literal["auto"] = 1,
    range_size: int = discovery.RANGE_SIZE,
    map: Map | None = None,  # noqa: A002 - it stands in for `map`
    **choices: Unpack[Choices],
) -> Report:
    """Check files, directories (their `*.jsonl`, `*.ndjson`), globs, URLs, `-` (standard input).

    `choices` are described in `ftlint.config.config.Choices`: profile, method, select, ignore,
    extend_select, strict, max_findings, tokens and more. Files are cut into ranges of about
    `range_size` bytes, which `jobs` processes check ("auto": one for each processor, where that
    pays), or which `map` hands out: any lazy map will do. The report is the same.

    What cannot be read is an entry of `Report.errors`, and so is what a process was at that died.
    Raises `ftlint.core.errors.FtlintError` for a profile, rule or method that does not exist, a
    number that is too small, or processes that cannot be started.
    """
    names = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    config = resolve(load_rules(), **choices)
    if map is not None and jobs != 1:
        raise FtlintError(f"jobs is {jobs}, and there is a map; give one of them")
    if range_size < 1:
        raise FtlintError(f"range size is {range_size}; give at least 1 byte")
    return checker.check(
        [os.fspath(name) for name in names],
        config,
        map=map or pool.spread(jobs, exact=config.job["tokens"] == "exact"),
        range_size=range_size,
    )


def iter_findings(path: Path, **choices: Unpack[Choices]) -> Iterator[Finding]:
    """Yield every finding of one input while it is read, a range at a time.

    Findings about the whole file, those reported once for a file, and those that become one when
    every example has them, come last; the others in the order of their places. `choices` are those
    of `check`; `strict` and `max_findings` mean nothing here; what is wrong with a grader or a
    response format itself is told by `check` alone. Raises `ftlint.core.errors.FtlintError` when
    the input cannot be read, or as `check` does.
    """
    everything: Choices = {**choices, "max_findings": 0}
    return checker.stream(os.fspath(path), resolve(load_rules(), **everything))
