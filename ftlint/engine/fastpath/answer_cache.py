"""The cache of what rules about shape say, by the view of an example."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from ftlint.engine.binding import RuleHit
from ftlint.engine.fastpath.tool_lists import Data, ToolLists
from ftlint.engine.fastpath.views import View, strings

_CACHED = 4096
_KEY = 4096
"""Views whose answers are cached, and the bytes of the longest key of one."""


class Answer:
    """What rules about shape say of a view.

    `generation` is the last part of an input in which rules over the dataset were given the view.
    """

    __slots__ = ("generation", "hits")

    def __init__(self, hits: Sequence[RuleHit]) -> None:
        self.hits, self.generation = hits, -1


class AnswerCache:
    """Answers by the key of a view, and the search for strings that rules wait for.

    `contains` are these strings. A view that holds one of them outside of free texts is not cached,
    so that of a line with a cached view only the free texts have to be searched. `words` are the
    texts that the schema tells from others: an example that holds one is not cached either.
    """

    def __init__(self, contains: Sequence[str], words: frozenset[str], *, enabled: bool) -> None:
        # the first character alone is found several times as fast as a longer string
        self._contains = tuple((string[0], string) for string in contains)
        self._ascii = tuple(entry for entry in self._contains if entry[1].isascii())
        self._words, self._longest = words, max(map(len, words), default=0)
        self._enabled = enabled
        self._tools = ToolLists()
        self.answers: dict[Hashable, Answer] = {}
        self.parse = self._tools.parse
        self.misses = 0

    def key(self, line: bytes, data: Data, view: View) -> tuple[Hashable, ...] | None:
        """Return the key of a view, None for one that is not cached.

        Lists of tools have a number in it, and equal ones become the same object. Raises
        `TypeError` as `View.key` does.
        """
        number = None
        if not view.roles and type(data.get("tools")) is list:
            number = self._tools.number(line, data)
            view.data["tools"] = data["tools"]
        roles, text = view.key()
        if not self._enabled or len(text) > _KEY or (number is None and "tools" in data):
            return None
        return None if self.has_word(view.texts) else (roles, text, number)

    def has_word(self, texts: Sequence[str]) -> bool:
        """Return whether a text is one that the schema tells from others."""
        short = min(map(len, texts), default=0) <= self._longest
        return short and not self._words.isdisjoint(texts)

    def put(self, key: Hashable, view: View, answer: Answer) -> None:
        """Cache the answer for a view; where the cache is full, start again."""
        if self.search_view(view):
            return
        if len(self.answers) >= _CACHED:
            self.answers.clear()
        self.answers[key] = answer

    def search(self, texts: Iterable[str]) -> frozenset[str]:
        """Return which of the strings that rules wait for occur in some texts."""
        joined = "\0".join(texts)
        for first, string in self._ascii if joined.isascii() else self._contains:
            if first in joined and string in joined:
                return frozenset(string for _, string in self._contains if string in joined)
        return _NOTHING

    def search_view(self, view: View) -> frozenset[str]:
        """Return which of them occur in a view, outside of free texts."""
        return self.search(strings(view.data))


_NOTHING: frozenset[str] = frozenset()
