"""An existing Dask cluster, as a lazy map over batches.

Each batch is a task; only as many are submitted as keep the cluster busy. Dask retries the tasks of
a dead worker on others; a task that keeps killing workers becomes an error of the report. Workers
open files by the same names, on a shared disk or as URLs.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import pickle
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ftlint.core.errors import FtlintError
from ftlint.engine.parallel.batches import Batch, Map, lost, words_of
from ftlint.engine.tally import Tally
from ftlint.inputs import remote
from ftlint.version import __version__

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT = 10
"""Seconds to wait for the scheduler."""

_LOOK = 2
"""Polling interval in seconds to see whether the cluster still has a worker."""

_LONELY = 60
"""Seconds to wait for a worker if there is none, since some clusters grow on demand."""

_LOSSES = 16
"""Tasks that may fail permanently before the run is given up."""

_AHEAD = 4
"""Tasks submitted per thread of the cluster."""


@contextmanager
def connect(address: str) -> Iterator[Map]:
    """Connect to the scheduler at `address`; yield a map over its workers.

    Raises `FtlintError` if that fails or a worker has another version of ftlint; the map raises it
    if the scheduler goes away or no worker comes. The log messages of Dask are suppressed.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra, and 700 ms
    except ImportError as error:
        words = "the Dask engine needs packages that are not installed"
        raise FtlintError(f"{words}: pip install 'ftlint[dask]'") from error
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(  # type: ignore[no-untyped-call]
            address, timeout=_CONNECT, set_as_default=False
        )
    except Exception as error:  # what it raises has no common base
        words = f"no Dask scheduler answers at {address!r} within {_CONNECT} seconds"
        raise FtlintError(f"{words}; check the address, as in tcp://10.0.0.5:8786") from error
    try:
        _compare_versions(client)
        yield lambda check, batches: _Run(client, check).run(iter(batches))
    finally:
        with suppress(Exception):  # the scheduler may be gone; nothing is left to be lost
            client.close(timeout=_CONNECT)  # type: ignore[no-untyped-call]


def _compare_versions(client: Client) -> None:
    """Raise `FtlintError` if a worker has another version of ftlint."""
    versions = client.run(importlib.metadata.version, "ftlint", on_error="return")
    others = Counter(str(version) for version in versions.values() if version != __version__)
    for version, count in others.most_common(1):
        installed = f"ftlint {version}" if version[:1].isdigit() else "no ftlint"
        words = f"{count} of {len(versions)} workers of the cluster have {installed}"
        raise FtlintError(f"{words}, this machine has {__version__}; install the same on all")


class Task(NamedTuple):
    """A batch, and size and modification time (see `_facts`) of its files on this machine."""

    batch: Batch
    files: dict[str, tuple[int, int]]

    @classmethod
    def of(cls, batch: Batch) -> Task:
        """Return the task of a batch, with absolute paths and facts of local files."""
        ranges = [
            part if remote.is_url(part.file) else part._replace(file=os.path.abspath(part.file))
            for part in batch.ranges
        ]
        files = {}
        for name in {part.file for part in ranges if not remote.is_url(part.file)}:
            with suppress(OSError):  # a missing file is reported by the check
                files[name] = _facts(name)
        return cls(batch._replace(ranges=tuple(ranges)), files)


def _facts(name: str) -> tuple[int, int]:
    """Return the size (bytes) and modification time (seconds) of a file. Raises `OSError`."""
    facts = os.stat(name)
    return facts.st_size, int(facts.st_mtime)


def check_task(check: Callable[[Batch], Tally], task: Task, version: str) -> Tally:
    """Check a batch, as a task of the cluster. Raises `FtlintError` for another version."""
    if version != __version__:
        words = f"a worker of the cluster has ftlint {__version__}, the client {version}"
        raise FtlintError(f"{words}; install the same on all")
    unlike = {name: why for name, facts in task.files.items() if (why := _unlike(name, facts))}
    same = tuple(part for part in task.batch.ranges if part.file not in unlike)
    tally = check(task.batch._replace(ranges=same))
    for part in task.batch.ranges:
        if part.file in unlike:
            words = f"a worker of the cluster {unlike[part.file]}"
            words += "; put it on a disk that all machines share, or name it by a URL"
            tally.absorb(lost(part, words, alone=False))
    return tally


def _unlike(name: str, facts: tuple[int, int]) -> str:
    """Return how a file of this machine differs from the client's, "" if it does not."""
    try:
        return "" if _facts(name) == facts else "has another file of this name"
    except OSError as error:
        return f"cannot read it ({(error.strerror or str(error)).lower()})"


class _Run:
    """One check on a cluster, with its pending tasks."""

    def __init__(self, client: Client, check: Callable[[Batch], Tally]) -> None:
        self._client = client
        self._submit = partial(client.submit, pure=False)  # files change, also under equal names
        self._check = self._submit(pickle.loads, pickle.dumps(check))  # sent to each worker once
        self._pending: dict[Future[Tally], Batch] = {}
        self._losses = 0
        self._alone: float | None = None

    def run(self, batches: Iterator[Batch]) -> Iterator[Tally]:
        """Yield tallies as tasks complete; cancel the remaining tasks at the end."""
        try:
            while self._fill(batches):
                for future in self._completed():
                    yield from self._tallies(future, self._pending.pop(future))
        finally:
            with suppress(Exception):  # where the scheduler is gone, so are the tasks
                self._client.cancel([self._check, *self._pending])  # type: ignore[no-untyped-call]

    def _fill(self, batches: Iterator[Batch]) -> bool:
        """Submit tasks up to the limit per thread; return whether any are pending."""
        threads = sum(self._ask(self._client.nthreads).values())
        for batch in islice(batches, max(_AHEAD * max(threads, 1) - len(self._pending), 0)):
            future = self._submit(check_task, self._check, Task.of(batch), __version__)
            self._pending[future] = batch
        return bool(self._pending)

    def _completed(self) -> list[Future[Tally]]:
        """Wait for tasks, at most `_LOOK` seconds, and return those that have ended."""
        from distributed import wait  # noqa: PLC0415 - as above

        with suppress(TimeoutError), self._client.as_current():
            tasks = list(self._pending)
            self._ask(partial(wait, tasks, timeout=_LOOK, return_when="FIRST_COMPLETED"))
        self._look_for_workers()
        return [future for future in self._pending if future.status != "pending"]

    def _tallies(self, future: Future[Tally], batch: Batch) -> Iterator[Tally]:
        """Yield the tally of a task, or those of its lost ranges. Raises `FtlintError`."""
        result = self._result(future)
        if isinstance(result, Tally):
            yield result
            return
        if isinstance(result, FtlintError):
            raise result
        self._losses += 1
        if self._losses > _LOSSES:
            words = f"{self._losses} tasks have failed on the Dask cluster, and no more are tried"
            raise FtlintError(f"{words}; the last one: {_reason(result)}")
        for part in batch.ranges:
            yield lost(part, f"{words_of(part)} were not checked: {_reason(result)}")

    def _result(self, future: Future[Tally]) -> Tally | Exception:
        """Return the result of a task, which Dask may retry meanwhile, or its exception."""
        while True:
            with suppress(TimeoutError):
                error = self._ask(partial(future.exception, timeout=_LOOK))
                result = error or self._ask(partial(future.result, timeout=_LOOK))
                return cast("Tally | Exception", result)
            self._look_for_workers()

    def _look_for_workers(self) -> None:
        """Raise `FtlintError` if there has been no worker for `_LONELY` seconds."""
        if self._ask(self._client.nthreads):
            self._alone = None
            return
        self._alone = self._alone or time.monotonic()
        if time.monotonic() - self._alone > _LONELY:
            words = f"the Dask cluster has had no worker for {_LONELY} seconds"
            raise FtlintError(f"{words}; start some with: dask worker ADDRESS")

    def _ask(self, question: Callable[[], Any]) -> Any:
        """Return the answer of the scheduler. Raises `FtlintError` if it is gone."""
        from concurrent.futures import CancelledError  # noqa: PLC0415 - as above

        try:
            return question()
        except TimeoutError:
            raise
        except (OSError, CancelledError) as error:
            raise FtlintError("the Dask scheduler went away; start it, and check again") from error


def _reason(error: Exception) -> str:
    """Return why a task failed permanently."""
    if type(error).__name__ == "KilledWorker":
        words = "each worker of the cluster that tried died"
        return f"{words}; if memory ran out, give the workers more, or a smaller --range-size"
    return f"{type(error).__name__} on a worker of the cluster: {error}"
