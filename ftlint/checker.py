"""The engine: from ranges of lines to tallies, and from tallies to a report.

`check_range` is all that a worker runs; it depends on its arguments alone, and its tallies merge
in any order, so any lazy `map` will do.
"""

from __future__ import annotations

import builtins
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import ftlint.rules  # noqa: F401 - declares the rules
from ftlint import source
from ftlint.config import Config
from ftlint.finish import assemble, check_file, check_input, group_of, stamp
from ftlint.kinds import BOM
from ftlint.lines import LineChecker, Verdict
from ftlint.model import Finding, FtlintError
from ftlint.place import Place
from ftlint.probe import Probe, probe
from ftlint.report import Draft, Report, RunError, Segment, Stamper, Tally, crash
from ftlint.source import Input, Range

Progress = Callable[[int], None]
"""Called with the number of bytes done since the last call."""

_TOO_LONG = "line-too-long"
_CACHED = 8


def check(
    paths: Iterable[str],
    config: Config,
    *,
    map: Callable[..., Iterable[Tally]] = builtins.map,  # noqa: A002 - the caller's own map
    range_size: int = source.RANGE_SIZE,
    progress: Callable[[int], Progress] | None = None,
) -> Report:
    """Check files, directories (`*.jsonl`, `*.ndjson`), globs and `-` for standard input.

    `map` is given a picklable function and the ranges, of about `range_size` bytes each.
    `progress` is called once with the bytes to do, and returns what to call as they are done.
    What cannot be read becomes an entry of `Report.errors`; it does not stop the rest.
    """
    tally = Tally(config.max_findings)
    with source.expand(paths, config.validation) as (inputs, failures):
        known: list[tuple[Input, Probe]] = []
        ranges: list[Range] = []
        for entry in inputs:
            try:
                looked = probe(entry, config.method)
                ranges += ranges_of(entry, looked, range_size)
                known.append((entry, looked))
            except OSError as error:
                failures.append(source.unreadable(entry.path, error))
        for failure in failures:
            tally.fail(RunError(None, failure.path, None, str(failure)))
        step = progress(sum(entry.size for entry, _ in known)) if progress else None
        with ThreadPoolExecutor(1) as pool:  # hashing runs beside the checks
            digests = pool.map(_sha256, [entry for entry, _ in known])
            for _, looked in known:
                tally.absorb(check_file(looked, config))
            tallies = map(partial(check_range, config=config), ranges)
            for part, found in zip(ranges, tallies, strict=True):
                tally.absorb(found)
                if step:
                    step(part.end - part.start)
            results = [(*pair, digest) for pair, digest in zip(known, digests, strict=True)]
        for entry, _ in known:
            if source.changed(entry):
                message = f"{entry.path}: the file changed while it was checked; check it again"
                tally.fail(RunError(None, entry.path, None, message))
    return assemble(tally, results, config)


def stream(path: str, config: Config) -> Iterator[Finding]:
    """Yield all findings of what `path` names, a range at a time; see `ftlint.iter_findings`."""
    with source.expand([path]) as (inputs, failures):
        if failures:
            raise failures[0]
        for entry in inputs:
            yield from _stream(entry, config)


def _stream(entry: Input, config: Config) -> Iterator[Finding]:
    looked = probe(entry, config.method)
    rest = check_file(looked, config)
    stamper = Stamper({})
    for part in ranges_of(entry, looked, source.RANGE_SIZE):
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
    check_input(rest, looked, config)
    yield from stamp(rest, entry.path)


def _later(draft: Draft) -> bool:
    """Tell whether a finding cannot be told yet: it is told once, or may be gathered."""
    return draft.once or draft.group is not None


def _sha256(entry: Input) -> str:
    try:
        return source.sha256(entry)
    except OSError:  # gone meanwhile, which `source.changed` tells
        return ""


def ranges_of(entry: Input, looked: Probe, size: int) -> Iterator[Range]:
    """Cut an input into ranges; `size` is in bytes."""
    text = looked.kind == "lines"
    for start, end in source.cut(entry, size):
        yield Range(entry.path, entry.file, start, end, looked.format, text, looked.fields)


def check_range(part: Range, config: Config) -> Tally:
    """Check the lines of one range."""
    tally = Tally(config.max_findings)
    try:
        if part.text:
            _Run(tally, part, config).all()
        else:
            tally.segments[part.path] = {part.start: Segment(source.count_lines(part), 0, 0)}
    except OSError as error:
        tally.fail(RunError(None, part.path, None, str(source.unreadable(part.path, error))))
    return tally


class _Run:
    """The lines of one range on their way into a tally."""

    def __init__(self, tally: Tally, part: Range, config: Config) -> None:
        self.tally, self.part, self.config = tally, part, config
        self.checker = _line_checker(config, part)
        self.checker.take_states()
        self.lines = self.records = self.examples = 0

    def all(self) -> None:
        checker, path = self.checker, self.part.path
        found = checker.collector
        for offset, raw, length in source.lines(self.part, line_limit(self.config)):
            self.lines += 1
            if length > len(raw):
                verdict = checker.too_long(raw, length)
            else:
                start = len(BOM) if offset == 0 and raw.startswith(BOM) else 0
                verdict = checker.check(raw, start, path, offset)
                if verdict is not Verdict.BLANK and not raw.endswith(b"\n"):
                    checker.unended(raw)
            self.records += verdict is not Verdict.BLANK
            self.examples += verdict is Verdict.OBJECT
            if found.hits or found.crashes or checker.found.faults:
                self._take(raw, offset, verdict)
        segment = Segment(self.lines, self.records, self.examples)
        self.tally.segments[path] = {self.part.start: segment}
        states = checker.take_states()
        self.tally.states = {(path, rule): state for rule, state in states.items()}

    def _take(self, raw: bytes, offset: int, verdict: Verdict) -> None:
        """Count what was found in a line, and place what is to be kept."""
        tally, path, levels = self.tally, self.part.path, self.config.levels
        wanted = set()
        for rule, name, about in self.checker.names():
            tally.counts[path, rule.id, levels[name]] += 1
            if rule.everywhere:
                tally.groups[path, (name, about)] += 1
            if tally.room(path, rule.id, once=rule.once):
                wanted.add(rule.id)
        if wanted:
            place = Place(
                path,
                raw,
                self.checker.found.start,
                offset=offset,
                line=self.lines,
                example=None if verdict is Verdict.BLANK else self.records,
            )
            worded = list(self.checker.hits(wanted))
            found = place.findings((rule.id, levels[name], hit) for rule, name, hit in worded)
            digest = place.digest
            tally.add(
                Draft(finding, self.part.start, digest, rule.once, group_of(rule, name, hit))
                for finding, (rule, name, hit) in zip(found, worded, strict=True)
            )
        for rule, error in self.checker.collector.crashes:
            tally.fail(crash(rule.id, error, path, offset))


def line_limit(config: Config) -> int | None:
    """Return the longest line (bytes) that is held in memory, None for any."""
    if _TOO_LONG not in config.levels:
        return None
    limit: int = config.options[_TOO_LONG]["maximum"]
    return limit


_CACHE = threading.local()


def _line_checker(config: Config, part: Range) -> LineChecker:
    """Return a checker of this thread's own; compiling one takes longer than a small range."""
    checkers: dict[str, LineChecker] = _CACHE.__dict__
    key = f"{config.digest} {part.format} {part.fields}"
    if key not in checkers:
        if len(checkers) > _CACHED:
            checkers.clear()
        checkers[key] = LineChecker(config, part.format, part.fields)
    return checkers[key]
