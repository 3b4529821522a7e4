"""What occurs often, in constant memory: exact for few, an estimate for very many."""

from __future__ import annotations

import hashlib
import operator
import zlib
from array import array
from collections.abc import Iterator
from copy import copy
from heapq import nsmallest
from struct import Struct
from typing import NamedTuple, Self

KEPT = 4096
"""Different texts that are counted exactly."""

_SHOWN = 120
_COLUMNS = 1 << 16
"""Size of the sketch: of n texts, each of few occurrences, a count is too high by n / 65,536."""

_SHORT, _REMEMBERED = 4096, 256
"""Characters of texts that are known again without another hash, and how many of those."""

_HALVES = Struct("<II")

_NEVER = 1 << 32
"""Behind every place in line."""


class Counted(NamedTuple):
    """A text (cut to 120 characters, `length` in all) and how often it occurred."""

    text: str
    length: int
    times: int


_Entry = tuple[int, int, str, int, int]
"""A text's two least places in line, its beginning, length, and times that no sketch has yet."""


class Frequent:
    """Counts texts; up to `KEPT` different ones exactly.

    Each occurrence has a place in line: a hash of the text and of where it stands. Of more texts,
    those are kept of which an occurrence comes first: a text is the surer to stay the more often it
    occurs, and which ones stay does not depend on how the data is cut. How often they occurred is
    then told by a count-min sketch, which is never too low. `total` is how many texts were counted;
    `kept` and `cells`, the sketch once a text is dropped, are how.
    """

    def __init__(self) -> None:
        self.total = 0
        self.kept: dict[bytes, _Entry] = {}
        self.cells: array[int] | None = None

    def add(self, text: str, place: int) -> None:
        """Count a text; `place`, 0 or more, tells its occurrences apart."""
        key = _KEYS.get(text) or _key(text)
        rank = zlib.crc32(key + place.to_bytes(8, "little"))
        known = self.kept.get(key)
        if known is not None:
            first, second, start, length, times = known
            if rank < second:
                first, second = (rank, first) if rank < first else (first, rank)
            self.kept[key] = (first, second, start, length, times + 1)
            if times == 1 and length <= _SHORT:
                if len(_KEYS) >= _REMEMBERED:
                    _KEYS.clear()
                _KEYS[text] = key
        else:
            self.kept[key] = (rank, _NEVER, text[:_SHOWN], len(text), 1)
            if len(self.kept) > 2 * KEPT:
                self.trim()
        self.total += 1

    def merge(self, other: Self) -> Self:
        """Return what both parts come to; change neither."""
        merged = type(self)()
        merged.total = self.total + other.total
        merged.cells = _sum(self.cells, other.cells)
        merged.kept = kept = dict(self.kept)
        for key, entry in other.kept.items():
            known = kept.get(key)
            kept[key] = entry if known is None else _both(entry, known)
        if len(kept) > 2 * KEPT:
            merged.trim()
        return merged

    @property
    def distinct(self) -> int | None:
        """How many different texts there are; None for more than `KEPT`."""
        self.trim()
        return len(self.kept) if self.cells is None else None

    def top(self, most: int, *, least: int = 1) -> list[Counted]:
        """Return the texts that occurred most often, `least` times or more.

        Of more than `KEPT` different texts, those that are known to occur more than once.
        """
        self.trim()
        counted = (Counted(_shown(text), length, times) for text, length, times in self._counts())
        often = [entry for entry in counted if entry.times >= least]
        return nsmallest(most, often, key=lambda entry: (-entry.times, entry.text, entry.length))

    def missing(self, other: Self) -> list[str] | None:
        """Return the texts that the other has and this one has not; None where that is not known.

        Each is cut to 120 characters.
        """
        if self.distinct is None or other.distinct is None:
            return None
        missing = (entry[2] for key, entry in other.kept.items() if key not in self.kept)
        return sorted(map(_shown, missing))

    def _counts(self) -> Iterator[tuple[str, int, int]]:
        """Yield the beginning, the length and the times of each text that is kept."""
        if self.cells is None:
            for _, _, text, length, times in self.kept.values():
                yield text, length, times
            return
        cells = copy(self.cells)
        for key, entry in self.kept.items():
            _enter(cells, key, entry)
        # an occurrence before the last one that is kept is known, however the data is cut
        last = max(first for first, *_ in self.kept.values())
        for key, (_, second, text, length, _) in self.kept.items():
            if second < last:
                yield text, length, min(cells[cell] for cell in _cells(key))

    def trim(self) -> None:
        """Of too many texts keep `KEPT`, and count the others in the sketch."""
        if len(self.kept) <= KEPT:
            return
        if self.cells is None:
            self.cells = array("Q", bytes(8 * 2 * _COLUMNS))
        last = sorted(first for first, *_ in self.kept.values())[KEPT - 1]
        known, self.kept = self.kept, {}
        for key, entry in known.items():
            if entry[0] <= last:
                self.kept[key] = entry
            else:
                _enter(self.cells, key, entry)


def _enter(cells: array[int], key: bytes, entry: _Entry) -> None:
    """Count a text in a sketch."""
    for cell in _cells(key):
        cells[cell] += entry[-1]


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


_KEYS: dict[str, bytes] = {}


def _both(one: _Entry, other: _Entry) -> _Entry:
    """Return what is known of a text from both."""
    first, second = nsmallest(2, (*one[:2], *other[:2]))
    return first, second, *one[2:4], one[-1] + other[-1]


def _cells(key: bytes) -> tuple[int, int]:
    """Return the cells of the sketch that a text is counted in, one of each of its two rows."""
    one, other = _HALVES.unpack_from(key)
    return one % _COLUMNS, _COLUMNS + other % _COLUMNS


def _sum(one: array[int] | None, other: array[int] | None) -> array[int] | None:
    """Add two sketches; return a new one."""
    if one is None or other is None:
        return copy(one or other)
    return array("Q", map(operator.add, one, other))


def _shown(text: str) -> str:
    """Replace surrogates, which are no text."""
    return text.encode("utf-8", "replace").decode()
