"""The fixer: edits of lines, conversions of whole files, an atomic replacement.

A file is streamed line by line; each line is edited until no fix applies, so that fixing twice
changes nothing. Bytes outside of edits are copied unchanged.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import BinaryIO

from ftlint.config.config import Config
from ftlint.core.edits import Fix, Selection, apply, resolve, spans_of
from ftlint.core.errors import FtlintError
from ftlint.core.files.atomic_write import (
    overwrite_file,
    replace_file,
    sync,
    temporary,
    temporary_beside,
)
from ftlint.core.finding import Hit
from ftlint.core.rule import RULES, Rule
from ftlint.engine.binding import Outcome
from ftlint.engine.fastpath.short_lines import BYTES
from ftlint.engine.input_checker import file_hits
from ftlint.engine.line_checker import LineChecker
from ftlint.engine.plan import ranges_of
from ftlint.engine.range_checker import line_limit
from ftlint.inputs import discovery, ranges, streams
from ftlint.inputs.discovery import Input
from ftlint.inputs.filetype import BOM, is_wide, parses
from ftlint.inputs.paths import STDIN, shown
from ftlint.inputs.probe import Probe, probe
from ftlint.inputs.recoding import converted
from ftlint.inputs.remote import is_url

_ROUNDS = 10
"""Maximum passes over a line, since fixing one fault may uncover or overlap another."""

_SHORT_LINES = 256
"""Short lines whose fixes are kept, for lines that are equal."""

_BLOCK = 1 << 20


class FixError(FtlintError):
    """A file that cannot be fixed."""


@dataclass(slots=True)
class Fixed:
    """The fixes applied to a file: counts by rule id, and titles of whole-file conversions."""

    path: str
    rules: Counter[str] = field(default_factory=Counter)
    conversions: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hunk:
    """A line that changes: its 1-based number, its bytes before and after.

    For a line over the length limit, these are its first bytes; `rest` holds the file, offset and
    number of the bytes that follow.
    """

    line: int
    old: bytes
    new: bytes
    rest: tuple[str, int, int] | None = None


def fix_file(path: str, config: Config, *, unsafe: bool, in_place: bool = False) -> Fixed:
    """Fix a file, with safe fixes or all; replace it atomically, or leave it unchanged.

    With `in_place`, its bytes are overwritten instead, which keeps its hard links and is not
    atomic. Raises `FixError` if the file cannot be fixed, or changes meanwhile.
    """
    fixed = Fixed(path)
    with _opened(path) as entry, _spool(entry.file, in_place=in_place) as out:
        for _ in _FileFixer(config, fixed, unsafe=unsafe).run(entry, out):
            pass
        if fixed.rules:
            _write(entry, out, in_place=in_place)
    return fixed


def diff_file(path: str, config: Config, *, unsafe: bool) -> Iterator[bytes]:
    """Yield a unified diff, without context, of what `fix_file` would do.

    Titles of whole-file conversions come first; the diff starts from the converted file.
    """
    fixed = Fixed(path)
    with _opened(path) as entry, tempfile.TemporaryFile() as out:
        removed, headed = 0, False
        for hunk in _FileFixer(config, fixed, unsafe=unsafe).run(entry, out):
            if not headed:
                yield from _diff_head(entry.path, fixed)
                headed = True
            yield from _diff_hunk(hunk, removed)
            removed += not hunk.new
        if fixed.rules and not headed:
            yield from _diff_head(entry.path, fixed)


def _diff_head(path: str, fixed: Fixed) -> Iterator[bytes]:
    name = os.fsencode(path)
    for title in fixed.conversions:
        yield name + f": {title}\n".encode()
    end = b"\t\n" if b" " in name else b"\n"
    yield b"--- a/" + name + end
    yield b"+++ b/" + name + end


def _diff_hunk(hunk: Hunk, removed: int) -> Iterator[bytes]:
    here = hunk.line - removed
    yield f"@@ -{hunk.line} +{here if hunk.new else f'{here - 1},0'} @@\n".encode()
    for mark, text in ((b"-", hunk.old), (b"+", hunk.new)):
        if text:
            last = text
            yield mark + text
            for last in _blocks(*hunk.rest) if hunk.rest else ():
                yield last
            if not last.endswith(b"\n"):
                yield b"\n"
                yield b"\\ No newline at end of file\n"


@contextmanager
def _opened(path: str) -> Iterator[Input]:
    """Yield the regular file that `path` names. Raises `FixError` if it cannot be fixed."""
    if path == STDIN or is_url(path):
        raise FixError(f"{shown(path)}: only a file can be fixed; save the data to one")
    try:
        with discovery.expand([path]) as (inputs, failures):
            if failures:
                raise failures[0]
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise FixError(f"{path}: only a file can be fixed; save the data to one")
            with streams.opened(inputs[0].file, inputs[0].size) as stream:
                if compression := streams.compression_of(stream):
                    words = f"{compression} data cannot be fixed; decompress the file first"
                    raise FixError(f"{path}: {words}")
            yield inputs[0]
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        if error.errno == errno.EBUSY:  # as a file that is mounted by itself
            why += "; --in-place overwrites the file instead, not atomically"
        raise FixError(f"{path}: cannot fix: {why}") from error


@contextmanager
def _spool(file: str, *, in_place: bool) -> Iterator[BinaryIO]:
    if in_place:  # also where the folder takes no file
        with temporary() as (out, _):
            yield out
    else:
        with temporary_beside(file) as out:
            yield out


def _write(entry: Input, out: BinaryIO, *, in_place: bool) -> None:
    """Replace the old file by the fixed one, or overwrite it. Raises `FixError`."""
    sync(out)
    if discovery.changed(entry):
        raise FixError(f"{entry.path}: the file changed while it was fixed; nothing was written")
    if in_place:
        overwrite_file(out, entry.file)
        return
    links = os.stat(entry.file).st_nlink
    if links > 1:
        raise FixError(
            f"{entry.path}: the file has {links:,} hard links, and to replace it would leave the "
            "others with the old data; --in-place writes to all of them, but not atomically"
        )
    replace_file(out, entry.file, alike=True)


class _FileFixer:
    """The fixer of one file."""

    def __init__(self, config: Config, fixed: Fixed, *, unsafe: bool) -> None:
        self._config, self._fixed, self._unsafe = config, fixed, unsafe
        self._fixable = {rule.id for rule in RULES.values() if rule.fixable}

    def run(self, entry: Input, out: BinaryIO) -> Iterator[Hunk]:
        """Write the fixed file to `out`; yield each line that changes."""
        probed = probe(entry, self._config.method)
        hits = file_hits(probed, self._config)
        if probed.obstacle and any(rule.fixable and not hit.fix for rule, hit in hits):
            raise FixError(f"{entry.path}: {probed.obstacle}")
        for rule, fix in self._allowed(hits):
            if fix.rewrite:
                self._count(rule, fix.title)
                with _converted(entry, fix.rewrite) as new:
                    yield from self.run(new, out)
                return
        yield from self._lines(entry, probed, out)

    def _count(self, rule: Rule, conversion: str | None = None) -> None:
        self._fixed.rules[rule.id] += 1
        if conversion:
            self._fixed.conversions.append(conversion)

    def _allowed(self, hits: Iterable[tuple[Rule, Hit]]) -> list[tuple[Rule, Fix]]:
        return [
            (rule, hit.fix)
            for rule, hit in hits
            if hit.fix is not None and (hit.fix.safe or self._unsafe)
        ]

    def _lines(self, entry: Input, probed: Probe, out: BinaryIO) -> Iterator[Hunk]:
        whole = partial(self._line, LineChecker(self._config, probed.format))
        short = lru_cache(_SHORT_LINES)(whole)  # a megabyte of blank lines is a million of them
        number, carry, is_noise = 0, b"", False
        for part in ranges_of(entry, probed, max(entry.size, 1)):
            for offset, raw, length in ranges.lines(part, line_limit(self._config)):
                number += 1
                new = self._file_edits(raw, probed) if offset == 0 else raw
                complete = length == len(raw)
                # the LF in UTF-16 joined to UTF-8 are no line ends, up to the next line of UTF-8
                is_noise = is_wide(raw) or (is_noise and not parses(raw.lstrip(BOM)))
                if complete and part.text and not is_noise:
                    new, rules = (short if len(new) <= BYTES else whole)(new, first=offset == 0)
                    self._fixed.rules.update(rules)
                if offset == 0 and new == BOM != raw:  # a blank line is dropped, its BOM is not
                    new, carry = b"", BOM
                elif new:
                    new, carry = carry + new, b""
                if new != raw:
                    rest = (part.file, offset + len(raw), length - len(raw))
                    yield Hunk(number, raw, new, None if complete else rest)
                out.write(new)
                if not complete:
                    out.writelines(_blocks(part.file, offset + len(raw), length - len(raw)))
        out.write(carry)

    def _file_edits(self, raw: bytes, probed: Probe) -> bytes:
        """Return the first line with the edits of file rules."""
        for _ in range(_ROUNDS):
            probed = probed._replace(bom=raw.startswith(BOM))
            new = raw
            for rule, fix in self._allowed(file_hits(probed, self._config)):
                if fix.edits:
                    self._count(rule)
                    new = apply(new, resolve(new, 0, fix.edits))
            if new == raw:
                break
            raw = new
        return raw

    def _line(self, checker: LineChecker, raw: bytes, *, first: bool) -> tuple[bytes, list[str]]:
        """Return a line with its fixes applied until they change nothing, and their rules."""
        done: list[str] = []
        for _ in range(_ROUNDS):
            result = checker.check(raw, self._fixed.path, 0 if first else 1)
            hits = checker.worded(result, self._fixable, Outcome())
            allowed = self._allowed((rule, hit) for rule, _, hit in hits)
            changes = [change for _, fix in allowed for change in fix.edits]
            spans = spans_of(raw, result.start, changes)
            taken = Selection(raw)  # of all edits of a fix, or none until the next pass
            rules = [
                rule.id
                for rule, fix in allowed
                if taken.add(resolve(raw, result.start, fix.edits, spans))
            ]
            new = apply(raw, taken.edits)
            if new == raw:
                break
            done += rules
            raw = new
        return raw, done


def _blocks(file: str, start: int, length: int) -> Iterator[bytes]:
    """Yield `length` bytes of a file from byte `start`, in blocks."""
    with open(file, "rb") as stream:
        stream.seek(start)
        while length and (block := stream.read(min(length, _BLOCK))):
            yield block
            length -= len(block)


@contextmanager
def _converted(entry: Input, rewrite: str) -> Iterator[Input]:
    """Yield a conversion of the whole file, in a temporary one."""
    with temporary() as (out, file):
        with open(entry.file, "rb") as stream:
            out.writelines(converted(stream, rewrite))
        out.flush()
        yield entry._replace(file=file, size=out.tell())
