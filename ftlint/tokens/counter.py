"""Counting the tokens of texts, as tiktoken does, and faster where texts or words repeat."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import cached_property
from itertools import repeat
from typing import Any

from ftlint.tokens.vocabulary import VOCABULARIES, load

_WHOLE = 1 << 16
"""Characters from which a text is given to tiktoken as it is."""

_LONG = 500_000
"""Characters from which a text may hold a run of white space on which `encode_ordinary` panics.

Measured with tiktoken 0.14.0: runs of 999,999 and more (tiktoken#15, #245, #400).
"""

_WORD = 32
_WORDS = 1 << 16
"""The longest word that is remembered, in characters, and how many are."""

_WINDOW = 2048
_WORTH = 25
_PAUSE = 512
"""Words after which it is seen how many were new; the share (one in 25) from which counting by
words takes longer than tiktoken; the texts that are then left to it, before it is tried again.
"""

_TEXT = 64
_TEXTS = 1 << 22
_SEEN = 1 << 16
"""The shortest text that is remembered as a whole, how many characters of them are, and of how many
texts it is known that they were seen: a text is remembered when it comes a second time."""

_DIGITS = "123456789"
_RARE = "\t\r\v\f"
_RUN = re.compile(r"\s ")
_GAP = re.compile(r"(?<=\S) ")


class Counter:
    """Counts tokens of one encoding that ships; the vocabulary is loaded for the first text.

    Pieces into which both patterns cut a text hold a space behind their first character only where
    white space stands before it. So a text can be cut in front of each space that follows anything
    else, and the tokens of " word" be counted once. Both cut digits into pieces of three at most,
    and each of those is a token. So one digit may stand for all, and few words are left that are
    rare. Not for use by several threads at once.
    """

    def __init__(self, encoding: str) -> None:
        self._name = encoding
        self._texts: dict[str, int] = {}
        self._room = _TEXTS
        self._seen: set[int] = set()
        self._asked = self._passed = 0
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
        """Return the number of tokens of a text; special tokens in it are text."""
        length = len(text)
        if length < _TEXT:
            return self._heads[text] if length <= _WORD else self._count(text)
        known = self._texts.get(text)
        if known is not None:
            return known
        if length >= _WHOLE:
            return self._whole(text)
        tokens = self._count(text)
        key = hash(text)
        if key in self._seen:
            self._keep(text, tokens)
        else:
            if len(self._seen) >= _SEEN:
                self._seen.clear()
            self._seen.add(key)
        return tokens

    def _keep(self, text: str, tokens: int) -> None:
        """Remember a text."""
        if len(text) > self._room:
            self._texts.clear()
            self._room = _TEXTS
        self._texts[text] = tokens
        self._room -= len(text)

    def _count(self, text: str) -> int:
        """Count by words, all digits alike; where too many words are new, as a whole."""
        if self._passed:
            self._passed -= 1
            return len(self._ordinary(text))
        for digit in _DIGITS:
            text = text.replace(digit, "0")
        words = _GAP.split(text) if _has_runs(text) else text.split(" ")
        first = words[0]
        del words[0]
        self._asked += len(words)
        if self._asked >= _WINDOW:
            self._weigh()
        return self._heads[first] + sum(map(self._after_space, words))

    def _weigh(self) -> None:
        """Let some texts pass if of the last words so many were new that it took longer."""
        new, self._tails.new = self._tails.new, 0
        self._pause = min(2 * self._pause, _PAUSE) if new * _WORTH > self._asked else 1
        self._passed = self._pause - 1
        self._asked = 0

    def _whole(self, text: str) -> int:
        if len(text) < _LONG:
            return len(self._ordinary(text))
        try:
            return len(load(self._name).encode(text, disallowed_special=()))
        except ValueError:  # more white space in a row than its regular expressions can take
            return self._by_pieces(text)

    def _by_pieces(self, text: str) -> int:
        import regex  # noqa: PLC0415 - tiktoken needs it, and we for hostile texts only

        encoding: Any = load(self._name)
        pieces = regex.finditer(VOCABULARIES[self._name].pattern, text)
        return sum(len(encoding._encode_single_piece(piece[0])) for piece in pieces)  # noqa: SLF001 - there is no public name for what must not be cut again


class _Counters(threading.local):
    def __init__(self) -> None:
        self.known: dict[str, Counter] = {}


_COUNTERS = _Counters()


def counter(encoding: str) -> Counter:
    """Return the counter of this thread for an encoding: what it remembers serves all files."""
    known = _COUNTERS.known
    if encoding not in known:
        known[encoding] = Counter(encoding)
    return known[encoding]


class _Words(dict[str, int]):
    """The tokens of words with something before them, counted when they are first asked for.

    When there are `_WORDS`, a new generation begins; what is asked for of the one before stays.
    `new` are the words that had to be counted.
    """

    def __init__(self, ordinary: Callable[[str], list[int]], before: str) -> None:
        super().__init__()
        self._ordinary, self._before = ordinary, before
        self._older: dict[str, int] = {}
        self.new = 0

    def __missing__(self, word: str) -> int:
        tokens = self._older.get(word)
        if tokens is None:
            self.new += 1
            tokens = len(self._ordinary(self._before + word))
        if len(word) <= _WORD:
            if len(self) >= _WORDS:
                self._older = dict(self)
                self.clear()
            self[word] = tokens
        return tokens


def _has_runs(text: str) -> bool:
    """Tell whether a space follows other white space."""
    if "  " in text:
        return True
    if "\n" in text and any(map(str.startswith, text.split("\n"), repeat(" "))):
        return True
    if text.isascii():
        rare = any(map(text.__contains__, _RARE))
    else:
        rare = not text.replace("\n", "").isprintable()
    return rare and _RUN.search(text) is not None
