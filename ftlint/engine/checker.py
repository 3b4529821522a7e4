"""The engine: from ranges of lines to tallies, and from tallies to a report.

`check_batch` is all that a worker runs; it depends on its arguments alone, and its tallies merge
in any order, so any lazy `map` will do.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial

from ftlint.config.config import Config
from ftlint.core.errors import FtlintError
from ftlint.core.finding import Finding
from ftlint.core.report import Report, RunError
from ftlint.core.rule import RULES
from ftlint.engine.input_checker import check_file, check_input
from ftlint.engine.parallel.batches import Batch, Map, lost, pack, words_of
from ftlint.engine.plan import Plan, ranges_of, refusal
from ftlint.engine.range_checker import NOTHING, check_range
from ftlint.engine.report_builder import Stamper, assemble, job_findings, stamp
from ftlint.engine.tally import Draft, Stored, Sum, Tally
from ftlint.inputs import discovery
from ftlint.inputs.discovery import Input
from ftlint.inputs.hashing import Digests
from ftlint.inputs.paths import unreadable
from ftlint.inputs.prefetch import prefetch
from ftlint.inputs.probe import Probe, probe

Progress = Callable[[int], None]
"""Called with the number of bytes done since the last call."""


def check(
    paths: Iterable[str],
    config: Config,
    *,
    map: Map = builtins.map,  # noqa: A002 - it stands in for `map`
    range_size: int = discovery.RANGE_SIZE,
    progress: Callable[[int], Progress] | None = None,
) -> Report:
    """Check files, directories (`*.jsonl`, `*.ndjson`), globs, URLs and `-` for standard input.

    `map` is given a picklable function and batches of ranges, of about `range_size` bytes each.
    `progress` is called once with the bytes to do, and returns what to call as they are done.
    What cannot be read becomes an entry of `Report.errors`; it does not stop the rest.
    Raises `FtlintError` where `map` does not give back what was found in everything.
    """
    with discovery.expand(paths, config.validation) as (inputs, failures):
        step = progress(sum(entry.size for entry in inputs)) if progress else None
        plan = Plan(inputs, config, range_size)
        total, stored = Sum(config.max_findings), Stored(config.max_findings)
        tallies = map(partial(check_batch, config=config), pack(plan, stored))
        digests = Digests(inputs)  # from now on: workers are forked before there is a thread
        try:
            for found in tallies:
                if step:
                    step(found.done)
                stored.note(found)
                total.add(found)
            results = [(*pair, digests.of(pair[0])) for pair in plan.known]
        finally:
            digests.stop()
            if isinstance(tallies, Generator):
                tallies.close()
        total.add(plan.found.total())
        tally = total.total()
        if tally.done != plan.size:
            words = f"{tally.done:,} of {plan.size:,} bytes came back from the map"
            raise FtlintError(f"{words}; it must return each result once")
        for failure in failures:
            tally.fail(refusal(failure))
        results = [(entry, _sized(looked, tally), digest) for entry, looked, digest in results]
        changes = prefetch(discovery.changed, [entry for entry, _, _ in results])
        for entry, looked, digest in results:
            if looked.compression:  # of which the size is known only now
                tally.absorb(check_file(looked, config))
            if next(changes):
                message = f"{entry.path}: the file changed while it was checked; check it again"
                tally.fail(RunError(None, entry.path, None, message))
            elif not digest:
                message = f"{entry.path}: cannot read all of it for its sha256; check it again"
                tally.fail(RunError(None, entry.path, None, message))
    return assemble(tally, results, config)


def check_job(config: Config, path: str) -> tuple[Finding, ...]:
    """Return what the rules about a job alone say, for one whose data was checked before.

    No data is read: the method is that of the configuration. Findings stand at line 1, column 1 of
    `path`, the file to train on. Raises `FtlintError` where a rule fails.
    """
    return job_findings(config, path)


def stream(path: str, config: Config) -> Iterator[Finding]:
    """Yield all findings of what `path` names, a range at a time; see `ftlint.iter_findings`."""
    with discovery.expand([path]) as (inputs, failures):
        if failures:
            raise failures[0]
        for entry in inputs:
            yield from _stream(entry, config)


def _stream(entry: Input, config: Config) -> Iterator[Finding]:
    try:
        looked = probe(entry, config.method)
    except OSError as refused:
        raise unreadable(entry.path, refused) from refused
    rest = Tally(config.max_findings)
    stamper = Stamper({})
    for part in ranges_of(entry, looked, discovery.RANGE_SIZE):
        found = check_range(part, config)
        for error in found.errors.values():
            raise FtlintError(error.message)
        stamper.enter(part.start, found.segments[entry.path][part.start])
        drafts = [draft for kept in found.drafts.values() for draft in kept]
        for draft in sorted(drafts, key=lambda draft: draft.order):
            if not _later(draft):
                yield stamper.stamp(draft)
        held = {
            key: [draft for draft in kept if _later(draft)] for key, kept in found.drafts.items()
        }
        found.drafts = {key: kept for key, kept in held.items() if kept}
        rest.absorb(found)
    looked = _sized(looked, rest)
    rest.absorb(check_file(looked, config))
    check_input(rest, looked, config)
    yield from stamp(rest, entry.path)


def _later(draft: Draft) -> bool:
    """Tell whether a finding cannot be told yet: it is told once, or may be gathered."""
    return draft.once or draft.group is not None


def check_batch(batch: Batch, config: Config) -> Tally:
    """Check the ranges of a batch, one after the other.

    Raises `FtlintError` for a rule that is in force and not declared in this process.
    """
    for name in config.levels:
        if name.partition(".")[0] not in RULES:
            words = "is not declared in the process that checks; import its module there too"
            raise FtlintError(f"rule {name!r} {words}")
    tally, stored = Tally(config.max_findings), Stored(config.max_findings)
    for part in batch.ranges:
        try:
            full = batch.full | stored.full(part.path, part.start)
            found = check_range(part, config, full)
            found.done = part.end - part.start
        except MemoryError:
            words = f"out of memory at {words_of(part)}, which were not checked; give more memory"
            found = lost(part, f"{words}, or a smaller --range-size")
        stored.note(found)
        tally.absorb(found)
    return tally


def _sized(looked: Probe, tally: Tally) -> Probe:
    """Give a probe of compressed data the size in bytes that reading them has shown."""
    if looked.compression is None:
        return looked
    return looked._replace(size=max(tally.segments.get(looked.path, {0: NOTHING})))
