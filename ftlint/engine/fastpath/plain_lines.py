"""The short way for lines of nothing but roles and texts, which is what most files hold.

It does what `LineChecker` does for a line whose view has a cached answer, for a block of lines at
once: every rule that sees texts is called. A line of which there is anything to say is checked in
full again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

from ftlint.engine.binding import Binder
from ftlint.engine.fastpath.answer_cache import AnswerCache
from ftlint.engine.fastpath.views import LIST, plain_examples
from ftlint.rules.context import Roles
from ftlint.rules.events import Event

_MESSAGES = ("messages",)


class PlainLines:
    """Tells of chat lines whether there is nothing to say, by the rules about conversations.

    `longest` is the length in bytes of the longest line that no rule about long lines or tokens is
    called for.
    """

    def __init__(self, cache: AnswerCache, binder: Binder, longest: int) -> None:
        self._cache, self._longest = cache, longest
        self._rules = binder.on(Event.CONVERSATION)

    def silent(self, lines: Sequence[bytes], parsed: Sequence[Any]) -> list[bool]:
        """Return for each line whether there is nothing to say of it; `parsed` are their values.

        False is also for what has to be checked in full: an unknown view, a last line without LF.
        """
        crlf = any(map(bytes.endswith, lines, repeat(b"\r\n")))
        if crlf or max(map(len, lines)) > self._longest or not lines[-1].endswith(b"\n"):
            parsed = [
                data if self._is_ordinary(raw) else None
                for raw, data in zip(lines, parsed, strict=True)
            ]
        plain = plain_examples(parsed)
        clean = self._clean([text for one in plain if one for text in one[1]])
        return [
            one is not None and (clean or self._clean(one[1])) and self._passes(*one)
            for one in plain
        ]

    def _is_ordinary(self, line: bytes) -> bool:
        """Return whether a line ends in one LF and is not long."""
        ended = line.endswith(b"\n") and not line.endswith(b"\r\n")
        return ended and len(line) <= self._longest

    def _clean(self, texts: Sequence[str]) -> bool:
        """Return whether the schema and the search for strings have nothing on some texts."""
        return not self._cache.has_word(texts) and not self._cache.search(texts)

    def _passes(self, roles: Roles, texts: tuple[str, ...]) -> bool:
        """Return whether the cache and the rules about conversations have nothing to say."""
        answer = self._cache.answers.get((_MESSAGES, (LIST, *roles)))
        if (
            answer is None
            or answer.hits
            or answer.faults
            or answer.generation != self._cache.generation
        ):
            return False
        try:
            for _, function, options in self._rules:
                for _ in function(roles, texts, options):
                    return False
        except Exception:  # noqa: BLE001 - it is raised again where the line is checked in full
            return False
        return True
