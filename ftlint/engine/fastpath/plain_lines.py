"""The short way for lines of nothing but roles and texts, which is what most files hold.

It does what `LineChecker` does for a line whose view has a cached answer, in one function: every
rule that sees texts is called. A line of which there is anything to say is checked in full again.
"""

from __future__ import annotations

from collections.abc import Sequence

from ftlint.core.example import Example
from ftlint.engine.binding import Bound
from ftlint.engine.fastpath.answer_cache import AnswerCache
from ftlint.engine.fastpath.views import Data, plain_messages
from ftlint.rules.context import Conversation

_MESSAGES = ("messages",)


class PlainLines:
    """Tells of chat lines whether there is nothing to say, by the rules about conversations.

    `longest` is the length in bytes of the longest line that no rule about long lines or tokens is
    called for.
    """

    def __init__(self, cache: AnswerCache, rules: Sequence[Bound], longest: int) -> None:
        self._cache, self._rules, self._longest = cache, rules, longest

    def passes(self, raw: bytes, path: str, offset: int, data: Data, generation: int) -> bool:
        """Return whether there is nothing to say of a line that was parsed to `data`.

        False is also for what has to be checked in full: an unknown view, a last line without LF.
        """
        if len(data) != 1 or len(raw) > self._longest or raw[-1:] != b"\n" or raw[-2:-1] == b"\r":
            return False
        plain = plain_messages(data)
        if plain is None:
            return False
        roles, texts = plain
        answer = self._cache.answers.get((roles, b"", None))
        if answer is None or answer.hits or answer.generation != generation:
            return False
        if self._cache.has_word(texts) or self._cache.search(texts):
            return False
        example = Example(path, offset, raw, data)
        talk = Conversation(_MESSAGES, data["messages"], roles, texts)
        try:
            for _, function, options in self._rules:
                for _ in function(example, talk, options):
                    return False
        except Exception:  # noqa: BLE001 - it is raised again where the line is checked in full
            return False
        return True
