"""The Python API: `check` for a report, `iter_findings` for findings as they come."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Unpack

from ftlint import checker, source
from ftlint.config import Choices, resolve
from ftlint.model import Finding
from ftlint.registry import RULES
from ftlint.report import Report, Tally

Path = str | os.PathLike[str]


def check(
    paths: Path | Iterable[Path],
    *,
    range_size: int = source.RANGE_SIZE,
    map: Callable[..., Iterable[Tally]] = builtins.map,  # noqa: A002 - it stands in for `map`
    **choices: Unpack[Choices],
) -> Report:
    """Check files, directories (their `*.jsonl` and `*.ndjson`), globs, or `-` (standard input).

    `choices` are described in `ftlint.config.Choices`: profile, method, select, ignore,
    extend_select, strict, max_findings. `map` runs the check over ranges of about `range_size`
    bytes; any lazy map will do, the report is the same.

    What cannot be read is an entry of `Report.errors`. Raises `ftlint.model.FtlintError` for a
    profile, rule or method that does not exist.
    """
    names = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    config = resolve(RULES, **choices)
    return checker.check(
        [os.fspath(name) for name in names], config, map=map, range_size=range_size
    )


def iter_findings(path: Path, **choices: Unpack[Choices]) -> Iterator[Finding]:
    """Yield every finding of one input while it is read, a range at a time.

    Findings about the whole file, those reported once for a file, and those that become one when
    every example has them, come last; the others in the order of their places. `choices` are those
    of `check`; `strict` and `max_findings` mean nothing here; what is wrong with a grader or a
    response format itself is told by `check` alone. Raises `ftlint.model.FtlintError` when the
    input cannot be read, or as `check` does.
    """
    everything: Choices = {**choices, "max_findings": 0}
    return checker.stream(os.fspath(path), resolve(RULES, **everything))
