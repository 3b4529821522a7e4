"""Token counter with tiktoken's results, faster by caching repeated texts and words."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import cached_property
from itertools import repeat
from typing import Any

from ftlint.analysis.tokens.vocabulary import VOCABULARIES, load

_WHOLE = 1 << 16
"""Characters from which a text is left to tiktoken."""

_LONG = 500_000
"""Characters from which a text may have a run of white space on which `encode_ordinary` panics.

Measured with tiktoken 0.14.0: runs of 999,999 and more (tiktoken#15, #245, #400).
"""

_WORD = 32
_WORDS = 1 << 16
"""Maximum characters of a cached word, and maximum words in the cache."""

_WINDOW = 2048
_WORTH = 25
_PAUSE = 512
"""Words after which the cache's hit rate is checked; the share of misses (one in 25) above which
counting by words is slower than tiktoken; the maximum texts left to tiktoken before a retry."""

_TEXT = 64
_TEXTS = 1 << 22
_SEEN = 1 << 16
"""Minimum characters of a cached text, maximum characters of all, and maximum hashes of seen texts:
a text is cached when it occurs a second time."""

_DIGITS = "123456789"
_RARE = "\t\r\v\f"
_RUN = re.compile(r"\s ")
_GAP = re.compile(r"(?<=\S) ")


class Counter:
    """A counter for one bundled encoding; the vocabulary is loaded for the first text.

    A piece of either pattern has a space after its first character only if white space precedes
    that space. So a text can be split before each space that follows anything else, and the tokens
    of " word" be cached. Digits form pieces of at most three, each of which is a token; so one
    digit can stand for all, which makes rare words fewer. Not thread-safe.
    """

    def __init__(self, encoding: str) -> None:
        self._name = encoding
        self._texts: dict[str, int] = {}
        self._room = _TEXTS
        self._seen: set[int] = set()
        self._lookups = self._bypassed = 0
        self._pause = 1

    @cached_property
    def _ordinary(self) -> Callable[[str], list[int]]:
        return load(self._name).encode_ordinary

    @cached_property
    def _heads(self) -> _Words:
        return _Words(self._ordinary, "")

    @cached_property
    def _tails(self) -> _Words:
        return _Words(self._ordinary, " ")

    @cached_property
    def _after_space(self) -> Callable[[str], int]:
        return self._tails.__getitem__

    def __call__(self, text: str) -> int:
        """Return the number of tokens of a text; special tokens count as text."""
        length = len(text)
        if length < _TEXT:
            return self._heads[text] if length <= _WORD else self._count(text)
        cached = self._texts.get(text)
        if cached is not None:
            return cached
        if length >= _WHOLE:
            return self._whole(text)
        tokens = self._count(text)
        key = hash(text)
        if key in self._seen:
            self._cache(text, tokens)
        else:
            if len(self._seen) >= _SEEN:
                self._seen.clear()
            self._seen.add(key)
        return tokens

    def _cache(self, text: str, tokens: int) -> None:
        """Cache the count of a text."""
        if len(text) > self._room:
            self._texts.clear()
            self._room = _TEXTS
        self._texts[text] = tokens
        self._room -= len(text)

    def _count(self, text: str) -> int:
        """Count by words with equal digits, or by tiktoken while too many words are new."""
        if self._bypassed:
            self._bypassed -= 1
            return len(self._ordinary(text))
        for digit in _DIGITS:
            text = text.replace(digit, "0")
        words = _GAP.split(text) if _has_runs(text) else text.split(" ")
        first = words[0]
        del words[0]
        self._lookups += len(words)
        if self._lookups >= _WINDOW:
            self._check_hit_rate()
        return self._heads[first] + sum(map(self._after_space, words))

    def _check_hit_rate(self) -> None:
        """Bypass the cache for some texts if too many of the last words were new."""
        new, self._tails.new = self._tails.new, 0
        self._pause = min(2 * self._pause, _PAUSE) if new * _WORTH > self._lookups else 1
        self._bypassed = self._pause - 1
        self._lookups = 0

    def _whole(self, text: str) -> int:
        if len(text) < _LONG:
            return len(self._ordinary(text))
        try:
            return len(load(self._name).encode(text, disallowed_special=()))
        except ValueError:  # too long a run of white space for its regular expressions
            return self._by_pieces(text)

    def _by_pieces(self, text: str) -> int:
        import regex  # noqa: PLC0415 - for hostile texts only

        encoding: Any = load(self._name)
        pieces = regex.finditer(VOCABULARIES[self._name].pattern, text)
        return sum(len(encoding._encode_single_piece(piece[0])) for piece in pieces)  # noqa: SLF001 - no public method encodes a piece without splitting it


class _Counters(threading.local):
    def __init__(self) -> None:
        self.by_encoding: dict[str, Counter] = {}


_COUNTERS = _Counters()


def counter(encoding: str) -> Counter:
    """Return this thread's counter for an encoding; its cache serves all files."""
    counters = _COUNTERS.by_encoding
    if encoding not in counters:
        counters[encoding] = Counter(encoding)
    return counters[encoding]


class _Words(dict[str, int]):
    """A cache of the tokens of words with a prefix, computed on first access.

    A full cache becomes the older of two generations, of which only words in use are carried over.
    `new` counts misses.
    """

    def __init__(self, ordinary: Callable[[str], list[int]], prefix: str) -> None:
        super().__init__()
        self._ordinary, self._prefix = ordinary, prefix
        self._older: dict[str, int] = {}
        self.new = 0

    def __missing__(self, word: str) -> int:
        tokens = self._older.get(word)
        if tokens is None:
            self.new += 1
            tokens = len(self._ordinary(self._prefix + word))
        if len(word) <= _WORD:
            if len(self) >= _WORDS:
                self._older = dict(self)
                self.clear()
            self[word] = tokens
        return tokens


def _has_runs(text: str) -> bool:
    """Return whether a space follows other white space."""
    if "  " in text:
        return True
    if "\n" in text and any(map(str.startswith, text.split("\n"), repeat(" "))):
        return True
    if text.isascii():
        rare = any(map(text.__contains__, _RARE))
    else:
        rare = not text.replace("\n", "").isprintable()
    return rare and _RUN.search(text) is not None
