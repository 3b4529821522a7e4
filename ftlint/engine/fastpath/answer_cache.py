"""The cache of the hits of shape rules, by the view of an example.

Most lines of a file share few views, so shape rules run once per view, not once per line.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from ftlint.engine.binding import RuleHit
from ftlint.engine.fastpath.tool_lists import Data, ToolLists
from ftlint.engine.fastpath.views import View, strings

_CACHED = 4096
_KEY = 4096
"""Maximum number of cached views, and maximum bytes of the key of one."""


class Answer:
    """The hits of shape rules for a view.

    `generation` numbers the last range in which dataset rules were given the view.
    """

    __slots__ = ("generation", "hits")

    def __init__(self, hits: Sequence[RuleHit]) -> None:
        self.hits, self.generation = hits, -1


class AnswerCache:
    """Answers by the key of a view, and the search for the strings that rules require.

    `contains` holds these strings. A view that holds one outside of free texts is not cached, so
    for a cached view only the free texts need searching. `words` holds the texts that the schema
    distinguishes: an example with one of them is not cached either.
    """

    def __init__(self, contains: Sequence[str], words: frozenset[str], *, enabled: bool) -> None:
        # searching for the first character alone is several times faster
        self._contains = tuple((string[0], string) for string in contains)
        self._ascii = tuple(entry for entry in self._contains if entry[1].isascii())
        self._words, self._longest = words, max(map(len, words), default=0)
        self._enabled = enabled
        self._tools = ToolLists()
        self.answers: dict[Hashable, Answer] = {}
        self.parse = self._tools.parse
        self.misses = 0

    def key(self, line: bytes, data: Data, view: View) -> tuple[Hashable, ...] | None:
        """Return the key of a view, None if it must not be cached.

        Tool lists enter by number, and equal ones become the same object. Raises `TypeError` as
        `View.key` does.
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

    def put(self, key: Hashable, answer: Answer) -> None:
        """Cache the answer for a view; clear a full cache first."""
        if len(self.answers) >= _CACHED:
            self.answers.clear()
        self.answers[key] = answer

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


_NOTHING: frozenset[str] = frozenset()
