"""Running a check: on this machine or a cluster, with a progress bar."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

from ftlint.cli.options import WorkOptions
from ftlint.cli.output import say
from ftlint.cli.progress import Bar
from ftlint.config.config import Config
from ftlint.core.report import Report
from ftlint.engine import checker
from ftlint.engine.parallel import pool
from ftlint.engine.parallel.batches import Map


def run_check(paths: Iterable[str], config: Config, work: WorkOptions, *, progress: bool) -> Report:
    """Check inputs, and say on standard error what could not be checked."""
    with _mapper(config, work) as mapper, Bar(enabled=progress) as bar:
        report = checker.check(
            paths, config, map=mapper, range_size=work.range_size, progress=bar.start
        )
    for error in report.errors:
        say(f"error: {error.message}")
    return report


def _mapper(config: Config, work: WorkOptions) -> AbstractContextManager[Map]:
    """Return what distributes batches: processes, or a Dask cluster."""
    address = work.scheduler_address()
    if address is None:
        return nullcontext(pool.spread(work.jobs, exact=config.job["tokens"] == "exact"))
    from ftlint.engine.parallel.dask import connect  # noqa: PLC0415 - an extra, and heavy

    return connect(address)
