"""Where the work of a command is done, and how it is shown meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, NamedTuple, Self

import click

from ftlint import checker, workers
from ftlint.batches import Map
from ftlint.cli.progress import Bar
from ftlint.config import Config
from ftlint.locate import sanitize
from ftlint.report import Report


class Work(NamedTuple):
    """The processes that do the work, the bytes of a range, the address of a Dask scheduler."""

    jobs: int | Literal["auto"]
    range_size: int
    scheduler: str | None
    progress: bool

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Read the options of the command line. Raises `click.UsageError`."""
        return cls(
            jobs=options["jobs"],
            range_size=options["range_size"],
            scheduler=_scheduler(options),
            progress=not options["no_progress"] and not options.get("quiet"),
        )

    def check(self, paths: Iterable[str], config: Config) -> Report:
        """Check inputs, with a progress bar where that is wanted."""
        with self._spread(config) as spread, Bar(enabled=self.progress) as bar:
            return checker.check(
                paths, config, map=spread, range_size=self.range_size, progress=bar.start
            )

    def _spread(self, config: Config) -> AbstractContextManager[Map]:
        """Return what hands out the work."""
        if self.scheduler is None:
            return nullcontext(workers.spread(self.jobs, exact=config.job["tokens"] == "exact"))
        from ftlint.cluster import connect  # noqa: PLC0415 - an extra, and heavy

        return connect(self.scheduler)


def tell_errors(report: Report) -> None:
    """Say on standard error what could not be checked."""
    for error in report.errors:
        click.echo(f"error: {sanitize(error.message)}", err=True)


def _scheduler(options: Mapping[str, Any]) -> str | None:
    """Return the address of a Dask scheduler, None to work here. Raises `click.UsageError`."""
    address: str | None = options["scheduler"]
    if options["engine"] == "local":
        if address is not None:
            raise click.UsageError("--scheduler does nothing alone; add --engine dask")
        return None
    if options["jobs"] != "auto":
        raise click.UsageError("--jobs is about this machine; leave it out with --engine dask")
    address = address or os.environ.get("DASK_SCHEDULER_ADDRESS")
    if not address:
        words = "--engine dask needs --scheduler ADDRESS, or DASK_SCHEDULER_ADDRESS"
        raise click.UsageError(f"{words}; start a scheduler with: dask scheduler")
    return address
