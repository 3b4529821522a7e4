"""An existing Dask cluster, as a lazy map over batches.

Batches are tasks of the cluster, and so is merging what they find: as a tree, of which this process
gets one tally for up to 64 batches. Only so many tasks are under way as keep the cluster busy. Dask
runs the tasks of a worker that dies again on others; a task that goes on killing workers becomes an
error of the report.

Workers see files by the names that they have here, on a shared disk or as URLs.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import pickle
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial, reduce
from itertools import islice
from typing import TYPE_CHECKING, Any

from ftlint import remote
from ftlint.batches import Batch, Map, lost, words_of
from ftlint.model import FtlintError
from ftlint.source import Range
from ftlint.tally import Tally
from ftlint.version import __version__

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT = 10
"""Seconds to wait for the scheduler."""

_LOOK = 2
"""Seconds between looks at whether there is still somebody to do the work."""

_LONELY = 60
"""Seconds to wait for a worker, where there is none: some clusters grow on demand."""

_FAN_IN = 8
"""Tallies that one task merges."""

_NARROW, _WIDE = 8, 64
"""Batches of the first tree and of later ones: a small check shows progress, too."""

_LOSSES = 16
"""Tasks that may fail for good before the rest is given up."""

_AHEAD = 4
"""Tasks under way for each thread of the cluster."""


@contextmanager
def connect(address: str) -> Iterator[Map]:
    """Connect to the scheduler at `address`, and return a map over its workers.

    Raises `FtlintError` where that fails, where a worker has another version of ftlint, and, from
    the map, where the scheduler goes away or no worker comes. What Dask logs of it is left out.
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
        yield partial(_map, client)
    finally:
        with suppress(Exception):  # the scheduler may be gone; nothing is left to be lost
            client.close(timeout=_CONNECT)  # type: ignore[no-untyped-call]


def _compare_versions(client: Client) -> None:
    """Refuse workers that would check otherwise. Raises `FtlintError`."""
    found = client.run(importlib.metadata.version, "ftlint", on_error="return")
    others = Counter(str(version) for version in found.values() if version != __version__)
    for version, count in others.most_common(1):
        known = f"ftlint {version}" if version[:1].isdigit() else "no ftlint"
        words = f"{count} of {len(found)} workers of the cluster have {known}"
        raise FtlintError(f"{words}, this machine has {__version__}; install the same on all")


@dataclass(frozen=True, slots=True)
class _File:
    """A file as this machine sees it: its size in bytes, and the second when it was changed."""

    size: int
    changed: int

    @classmethod
    def of(cls, name: str) -> _File:
        """Look at a file. Raises `OSError`."""
        facts = os.stat(name)
        return cls(facts.st_size, int(facts.st_mtime))


@dataclass(frozen=True, slots=True)
class Task:
    """A batch, with the files it is about as the workers should see them."""

    batch: Batch
    files: dict[str, _File]

    @classmethod
    def of(cls, batch: Batch) -> Task:
        """Name local files by their absolute paths, and take note of what they are."""
        files: dict[str, _File] = {}
        ranges: list[Range] = []
        for part in batch.ranges:
            if remote.is_url(part.file):
                ranges.append(part)
                continue
            name = os.path.abspath(part.file)
            ranges.append(part._replace(file=name))
            if name not in files:
                with suppress(OSError):  # gone meanwhile, which the check tells
                    files[name] = _File.of(name)
        return cls(batch._replace(ranges=tuple(ranges)), files)


def check_task(check: Callable[[Batch], Tally], task: Task, version: str) -> Tally:
    """Check a batch, as a task of the cluster. Raises `FtlintError` for another version."""
    if version != __version__:
        words = f"a worker of the cluster has ftlint {__version__}, the client {version}"
        raise FtlintError(f"{words}; install the same on all")
    unlike = {name: why for name, file in task.files.items() if (why := _unlike(name, file))}
    seen = tuple(part for part in task.batch.ranges if part.file not in unlike)
    found = check(task.batch._replace(ranges=seen))
    for part in task.batch.ranges:
        if part.file in unlike:
            words = f"a worker of the cluster {unlike[part.file]}"
            words += "; put it on a disk that all machines share, or name it by a URL"
            found.absorb(lost(part, words, alone=False))
    return found


def _unlike(name: str, file: _File) -> str:
    """Say why what this machine has under a name is not that file, "" where it is."""
    try:
        return "" if _File.of(name) == file else "has another file of this name"
    except OSError as error:
        return f"cannot read it ({(error.strerror or str(error)).lower()})"


def _merge(tallies: list[Tally]) -> Tally:
    """Merge tallies, as a task of the cluster."""
    return reduce(Tally.merge, tallies)


def _map(
    client: Client, check: Callable[[Batch], Tally], batches: Iterable[Batch]
) -> Iterator[Tally]:
    return _Run(client, check).run(iter(batches))


@dataclass(frozen=True, slots=True)
class _Tree:
    """Batches that are checked, and the merging of what is found in them: `root` comes last."""

    batches: list[Batch]
    leaves: list[Future[Tally]]
    root: Future[Tally]


class _Run:
    """One check on a cluster, and the tasks that are under way."""

    def __init__(self, client: Client, check: Callable[[Batch], Tally]) -> None:
        self._client = client
        self._submit = partial(client.submit, pure=False)  # files change, also under equal names
        self._plan = self._submit(pickle.loads, pickle.dumps(check))
        self._trees: list[_Tree] = []
        self._grown = self._losses = 0
        self._alone: float | None = None

    def run(self, batches: Iterator[Batch]) -> Iterator[Tally]:
        """Yield what is found, a tree at a time; cancel the tasks that are left at the end."""
        try:
            while self._grow(batches):
                for tree in self._ended():
                    yield from self._reap(tree)
        finally:
            with suppress(Exception):  # where the scheduler is gone, so are the tasks
                left = [each for tree in self._trees for each in (*tree.leaves, tree.root)]
                self._client.cancel([self._plan, *left])  # type: ignore[no-untyped-call]

    def _grow(self, batches: Iterator[Batch]) -> bool:
        """Submit trees while the cluster can take them; return whether any are under way."""
        threads = sum(self._ask(self._client.nthreads).values())
        while sum(len(tree.leaves) for tree in self._trees) < _AHEAD * threads + _NARROW:
            taken = list(islice(batches, min(_NARROW + self._grown, _WIDE)))
            if not taken:
                break
            leaves = [
                self._submit(check_task, self._plan, Task.of(batch), __version__) for batch in taken
            ]
            level = leaves
            while len(level) > 1:
                groups = [level[at : at + _FAN_IN] for at in range(0, len(level), _FAN_IN)]
                level = [self._submit(_merge, group) for group in groups]
            self._trees.append(_Tree(taken, leaves, level[0]))
            self._grown += 1
        return bool(self._trees)

    def _ended(self) -> list[_Tree]:
        """Wait until some trees have ended, and hand them over."""
        from distributed import wait  # noqa: PLC0415 - as above

        roots = [tree.root for tree in self._trees]
        with suppress(TimeoutError), self._client.as_current():
            self._ask(partial(wait, roots, timeout=_LOOK, return_when="FIRST_COMPLETED"))
        self._look_for_workers()
        ended = [tree for tree in self._trees if tree.root.status != "pending"]
        self._trees = [tree for tree in self._trees if tree not in ended]
        return ended

    def _reap(self, tree: _Tree) -> Iterator[Tally]:
        """Yield what is found in the batches of a tree, and what was not checked."""
        found = self._result(tree.root)
        if isinstance(found, Tally):
            yield found
            return
        for batch, leaf in zip(tree.batches, tree.leaves, strict=True):
            found = self._result(leaf)
            if isinstance(found, Tally):
                yield found
            elif isinstance(found, FtlintError):
                raise found
            else:
                self._losses += 1
                if self._losses > _LOSSES:
                    words = f"{self._losses} tasks have failed on the Dask cluster, and no more"
                    raise FtlintError(f"{words} are tried; the last one: {_reason(found)}")
                for part in batch.ranges:
                    yield lost(part, f"{words_of(part)} were not checked: {_reason(found)}")

    def _result(self, future: Future[Tally]) -> Tally | Exception:
        """Wait for a task; return what it comes to, or the exception that it raised."""
        while True:
            with suppress(TimeoutError):
                failure = self._ask(partial(future.exception, timeout=_LOOK))
                if isinstance(failure, Exception):
                    return failure
                found: Tally = self._ask(partial(future.result, timeout=_LOOK))
                return found
            self._look_for_workers()

    def _look_for_workers(self) -> None:
        """Raise `FtlintError` where there has been no worker for a while."""
        if self._ask(self._client.nthreads):
            self._alone = None
            return
        self._alone = self._alone or time.monotonic()
        if time.monotonic() - self._alone > _LONELY:
            words = f"the Dask cluster has had no worker for {_LONELY} seconds"
            raise FtlintError(f"{words}; start some with: dask worker ADDRESS")

    def _ask(self, question: Callable[[], Any]) -> Any:
        """Ask the scheduler. Raises `FtlintError` where it is gone."""
        from concurrent.futures import CancelledError  # noqa: PLC0415 - as above

        try:
            answer = question()
        except TimeoutError:
            raise
        except (OSError, CancelledError) as error:
            raise FtlintError("the Dask scheduler went away; start it, and check again") from error
        return answer


def _reason(error: Exception) -> str:
    """Say why a task has failed for good."""
    if type(error).__name__ == "KilledWorker":
        words = "each worker of the cluster that tried died"
        return f"{words}; if memory ran out, give the workers more, or a smaller --range-size"
    return f"{type(error).__name__} on a worker of the cluster: {error}"
