"""The check: from ranges of lines to tallies, and from tallies to a report.

Workers run `check_batch` only. Its result depends on its arguments alone, and tallies merge in any
order, so any lazy `map` will do.
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
from ftlint.engine.report_builder import Stamper, TrainingData, assemble, job_findings, stamp
from ftlint.engine.tally import PendingFinding, StorageCap, Sum, Tally
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
    Raises `FtlintError` if `map` does not return the tally of every batch.
    """
    with discovery.expand(paths, config.validation) as (inputs, failures):
        step = progress(sum(entry.size for entry in inputs)) if progress else None
        plan = Plan(inputs, config, range_size)
        total, cap = Sum(config.max_findings), StorageCap(config.max_findings)
        tallies = map(partial(check_batch, config=config), pack(plan, cap))
        digests = Digests(inputs)  # it starts a thread, so workers must be forked by now
        try:
            for part in tallies:
                if step:
                    step(part.done)
                cap.note(part)
                total.add(part)
            results = [(*pair, digests.of(pair[0])) for pair in plan.inputs]
        finally:
            digests.stop()
            if isinstance(tallies, Generator):
                tallies.close()
        total.add(plan.tallies.total())
        tally = total.total()
        if tally.done != plan.size:
            words = f"{tally.done:,} of {plan.size:,} bytes came back from the map"
            raise FtlintError(f"{words}; it must return each result once")
        for failure in failures:
            tally.fail(refusal(failure))
        results = [(entry, _sized(probed, tally), digest) for entry, probed, digest in results]
        changes = prefetch(discovery.changed, [entry for entry, _, _ in results])
        for entry, probed, digest in results:
            if probed.compression:  # the size is known only after reading
                tally.absorb(check_file(probed, config))
            if next(changes):
                message = f"{entry.path}: the file changed while it was checked; check it again"
                tally.fail(RunError(None, entry.path, None, message))
            elif not digest:
                message = f"{entry.path}: cannot read all of it for its sha256; check it again"
                tally.fail(RunError(None, entry.path, None, message))
    return assemble(tally, results, config)


def check_job(config: Config, path: str, data: TrainingData | None = None) -> tuple[Finding, ...]:
    """Return the findings about a job whose data, the training file at `path`, passed before.

    No data is read: the method is that of the configuration, and without `data` only the rules
    about the job itself are called. Findings are located at line 1, column 1. Raises `FtlintError`
    if a rule fails.
    """
    return job_findings(config, path, data)


def stream(path: str, config: Config) -> Iterator[Finding]:
    """Yield all findings of what `path` names, a range at a time; see `ftlint.iter_findings`."""
    with discovery.expand([path]) as (inputs, failures):
        if failures:
            raise failures[0]
        for entry in inputs:
            yield from _stream(entry, config)


def _stream(entry: Input, config: Config) -> Iterator[Finding]:
    try:
        probed = probe(entry, config.method)
    except OSError as refused:
        raise unreadable(entry.path, refused) from refused
    rest = Tally(config.max_findings)
    stamper = Stamper({})
    for part in ranges_of(entry, probed, discovery.RANGE_SIZE):
        tally = check_range(part, config)
        for error in tally.errors.values():
            raise FtlintError(error.message)
        stamper.enter(part.start, tally.segments[entry.path][part.start])
        findings = [pending for kept in tally.findings.values() for pending in kept]
        for pending in sorted(findings, key=lambda pending: pending.order):
            if not _later(pending):
                yield stamper.stamp(pending)
        waiting = {
            key: [pending for pending in kept if _later(pending)]
            for key, kept in tally.findings.items()
        }
        tally.findings = {key: kept for key, kept in waiting.items() if kept}
        rest.absorb(tally)
    probed = _sized(probed, rest)
    rest.absorb(check_file(probed, config))
    check_input(rest, probed, config)
    yield from stamp(rest, entry.path)


def _later(pending: PendingFinding) -> bool:
    """Return whether a finding must wait for the end: it is `once`, or may be summarized."""
    return pending.once or pending.group is not None


def check_batch(batch: Batch, config: Config) -> Tally:
    """Check the ranges of a batch, one after another.

    Raises `FtlintError` if a rule in force is not declared in this process.
    """
    for name in config.levels:
        if name.partition(".")[0] not in RULES:
            words = "is not declared in the process that checks; import its module there too"
            raise FtlintError(f"rule {name!r} {words}")
    tally, cap = Tally(config.max_findings), StorageCap(config.max_findings)
    for part in batch.ranges:
        try:
            capped = batch.capped | cap.capped(part.path, part.start)
            checked = check_range(part, config, capped)
            checked.done = part.end - part.start
        except MemoryError:
            words = f"out of memory at {words_of(part)}, which were not checked; give more memory"
            checked = lost(part, f"{words}, or a smaller --range-size")
        cap.note(checked)
        tally.absorb(checked)
    return tally


def _sized(probed: Probe, tally: Tally) -> Probe:
    """Return a probe with the decompressed size (bytes), which only reading tells."""
    if probed.compression is None:
        return probed
    return probed._replace(size=max(tally.segments.get(probed.path, {0: NOTHING})))
