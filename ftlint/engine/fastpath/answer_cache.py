"""The cache of the answers of schema and shape rules, by the view of an example.

Most lines of a file share few views, so both are asked once per view, not once per line.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

import orjson

from ftlint.engine.binding import RefusedParts, RuleHit
from ftlint.engine.fastpath.tool_lists import Data, ToolLists
from ftlint.engine.fastpath.views import View, strings
from ftlint.formats.schema import FaultKey

_FIRST = 8
"""Number of the first line whose answer is cached."""

_CACHED = 4096
_BYTES = 8 << 20
_KEY = 4096
"""Maximum number of cached views, of bytes of all (as JSON), and of bytes of one."""


_NOTHING: frozenset[str] = frozenset()


class Answer:
    """The faults of a view, by the schema, the parts that they refuse, the hits of shape rules.

    `generation` numbers the last range in which dataset rules were given the view.
    """

    __slots__ = ("faults", "generation", "hits", "refused")

    def __init__(
        self, faults: Sequence[FaultKey], refused: RefusedParts, hits: Sequence[RuleHit]
    ) -> None:
        self.faults, self.refused, self.hits = faults, refused, hits
        self.generation = -1


class AnswerCache:
    """Answers by the key of a view, and the search for the strings that rules require.

    `contains` holds these strings. A view that holds one outside of free texts is not cached, so
    for a cached view only the free texts need searching. `words` returns the texts that the schema
    distinguishes: an example with one of them is not cached either; nothing is, if it is None or
    returns None. `generation` numbers the range.
    """

    def __init__(
        self, contains: Sequence[str], words: Callable[[], frozenset[str] | None] | None
    ) -> None:
        # searching for the first character alone is several times faster
        self._contains = tuple((string[0], string) for string in contains)
        self._ascii = tuple(entry for entry in self._contains if entry[1].isascii())
        self._prove, self._words, self._longest = words, _NOTHING, 0
        self._lines, self._enabled = 0, False
        self._tools = ToolLists()
        self._size = 0
        self.answers: dict[Hashable, Answer] = {}
        self.parse = self._tools.parse
        self.misses = self.generation = 0

    def key(self, line: bytes, data: Data, view: View) -> Hashable:
        """Return the key of a view, None if it must not be cached: equal keys mean equal views.

        Tool lists enter by number, and equal ones become the same object. Raises `TypeError` for
        tools with numbers that the parser keeps as text, or that orjson reads as other numbers.
        """
        number = None
        if "tools" in data:
            number = self._tools.number(line, data) if type(data["tools"]) is list else None
            if number is None:
                return None
        if not self._is_enabled() or view.odd or self.has_word(view.texts):
            return None
        return view.shape if number is None else (view.shape, number)

    def _is_enabled(self) -> bool:
        """Return whether answers are cached; the proof that they may be takes some lines' time."""
        if self._prove and self._lines < _FIRST:
            self._lines += 1
            words = self._prove() if self._lines == _FIRST else None
            if words is not None:
                self._words, self._longest = words, max(map(len, words), default=0)
                self._enabled = True
        return self._enabled

    def has_word(self, texts: Sequence[str]) -> bool:
        """Return whether a text is one that the schema tells from others."""
        longest = self._longest
        if min(map(len, texts), default=0) > longest:
            return False
        return not self._words.isdisjoint([text for text in texts if len(text) <= longest])

    def put(self, key: Hashable, view: View, answer: Answer) -> None:
        """Cache the answer for a view that is not long; clear a full cache first."""
        size = len(orjson.dumps({**view.data, "tools": None}))
        if size > _KEY:
            return
        if len(self.answers) >= _CACHED or self._size > _BYTES:
            self.answers.clear()
            self._size = 0
        self.answers[key] = answer
        self._size += size

    def search(self, texts: Iterable[str]) -> frozenset[str]:
        """Return the strings of `contains` that occur in some texts."""
        joined = "\0".join(texts)
        for first, string in self._ascii if joined.isascii() else self._contains:
            if first in joined and string in joined:
                return frozenset(string for _, string in self._contains if string in joined)
        return _NOTHING

    def search_view(self, view: View) -> frozenset[str]:
        """Return the strings of `contains` that occur in a view outside of free texts."""
        return self.search(strings(view.data))
