"""Which texts are nothing to the rules, told for many lines at once: a few calls for each text.

A rule about texts declares how a text begins of which it has something to say (`starts`), what
a string then holds (`holds`), what two texts of an example have in common (`alike`), and a test
of its own (`when`), which is asked only where the others do not settle it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, count, product, repeat
from operator import contains, eq, itemgetter, not_
from typing import Any

from ftlint.registry import Rule, on_any

PLAIN = ("role", "content")
"""The keys of a message that is a role and a text."""

_OF_TEXTS = ("text", "message.content")
_LIKENESS = ("start", "length")
_SPACE = " \t\n\r\v\f\x1c\x1d\x1e\x1f"
"""White space in ASCII, as `str.isspace` has it."""

_INDENT = 16
"""Characters of white space that are looked behind."""

_two = itemgetter(slice(2))


class Telling(Exception):  # noqa: N818 - no error: something that the rules have to look at
    """A string that some rule may have something to say of."""


@dataclass(slots=True)
class Said:
    """What the messages of some lines say.

    `texts` are what they say, `others` what else is free text, such as the arguments of calls;
    `ends` and `other_ends` are how many of those there are up to the end of each line, `messages`
    the lists of messages. Of the lines in `repeating` two texts may be the same.
    """

    texts: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    messages: list[list[Any]] = field(default_factory=list)
    repeating: list[int] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    other_ends: list[int] = field(default_factory=list)

    def line(self, place: int) -> int:
        """Return the line of a text, both 0-based."""
        return bisect_right(self.ends, place)


class Texts:
    """What the rules in force say of texts, put together.

    `words` are the texts that the schema knows, `marks` characters that some rule looks for in the
    bytes of a line. It is `possible` where each rule that sees texts says which are nothing to it.
    """

    def __init__(self, rules: Sequence[Rule], words: Iterable[str], marks: str) -> None:
        self.possible = all(map(_says_when, rules))
        self._words, self._marks = frozenset(words), tuple(marks)
        self._holds = tuple({text for rule in rules for text in rule.holds})
        self._tests = [rule.when for rule in rules if rule.when and on_any(rule, *_OF_TEXTS)]
        talks = [rule for rule in rules if on_any(rule, "conversation")]
        self._alike = {
            what: [rule.when for rule in talks if rule.when and what in (rule.alike or _LIKENESS)]
            for what in _LIKENESS
        }
        starts = {start for rule in rules if on_any(rule, *_OF_TEXTS) for start in rule.starts}
        self._begin = frozenset(
            {word[:2] for word in self._words}
            | {"".join(pair) for size in (0, 1, 2) for pair in product(_SPACE, repeat=size)}
            | {"".join(pair) for start in starts for pair in product(*map(_cases, start[:2]))}
        )

    def telling(self, said: Said) -> set[int]:
        """Return the lines (0-based) of which the rules may have something to say, by their texts.

        Raises `TypeError` where a text is none.
        """
        texts = said.texts
        told: set[int] = set()
        told.update(map(said.line, self._found(texts)))
        told.update(bisect_right(said.other_ends, place) for place in self._found(said.others))
        begun = list(map(_two, texts))
        if not self._begin.isdisjoint(begun):
            for place in compress(count(), map(self._begin.__contains__, begun)):
                if self._speaks(texts[place]):
                    told.add(said.line(place))
        near = self._near(said, begun, told)
        for line in near - told:
            if self._same("start", said, line):
                told.add(line)
        for line in said.repeating:
            sizes = list(map(len, texts[said.ends[line - 1] if line else 0 : said.ends[line]]))
            if len(set(sizes)) < len(sizes) and self._same("length", said, line):
                told.add(line)
        return told

    def _found(self, strings: list[str]) -> Iterator[int]:
        """Yield the places of strings that hold what some rule looks for in any string."""
        for held in self._holds:
            if any(map(contains, strings, repeat(held[0]))):
                yield from compress(count(), map(contains, strings, repeat(held)))
        foreign = "".join(compress(strings, map(not_, map(str.isascii, strings))))
        if any(map(foreign.__contains__, self._marks)):
            for place, text in enumerate(strings):
                if any(map(text.__contains__, self._marks)):
                    yield place

    def _near(self, said: Said, begun: list[str], told: set[int]) -> set[int]:
        """Return the lines where a text may begin with the same word as the one before it.

        `begun` are the first two characters of each text.
        """
        joined = "".join(begun)
        if len(joined) < 2 * len(begun):
            begun = [two.ljust(2) for two in begun]
            joined = "".join(begun)
        strange = set() if joined.isprintable() else self._blank(said, begun, told)
        firsts, at = joined[::2], -1
        while (at := firsts.find(" ", at + 1)) >= 0:
            begun[at] = said.texts[at][:_INDENT].lstrip()[:2].ljust(2)
            if begun[at].isspace():
                strange.add(at)
        if " " in firsts:
            joined = "".join(begun)
        folded = joined.casefold()
        if len(folded) > len(joined):  # as of "ß"
            folded = "".join([two.casefold()[:2] for two in begun])
        first, second = folded[::2], folded[1::2]
        alike = compress(count(), map(eq, first, first[1:]))
        near = [place for place in alike if second[place] == second[place + 1]]
        return {said.line(place) for place in (*near, *strange)}

    def _blank(self, said: Said, begun: list[str], told: set[int]) -> set[int]:
        """Return the texts that begin with white space other than spaces, or hold nothing else."""
        strange = set(compress(count(), map(not_, map(str.isprintable, begun))))
        told.update(said.line(place) for place in strange if self._speaks(said.texts[place]))
        return strange

    def _same(self, what: str, said: Said, line: int) -> bool:
        try:
            return any(test(said.messages[line]) for test in self._alike[what])
        except (AttributeError, LookupError, TypeError):  # messages that are not sound
            return True

    def search(self, text: str) -> None:
        """Raise `Telling` where a string holds what some rule looks for in any string."""
        if any(True for _ in self._found([text])):
            raise Telling

    def _speaks(self, text: str) -> bool:
        if not text or text.isspace() or text in self._words:
            return True
        return any(test(text) for test in self._tests)


def _cases(char: str) -> set[str]:
    return {char.lower(), char.upper()}


def _says_when(rule: Rule) -> bool:
    """Tell whether a rule that sees texts says which of them are nothing to it."""
    if on_any(rule, "example") or not set(PLAIN).isdisjoint(keys_of(rule)):
        return False
    if on_any(rule, "row"):
        return bool(rule.holds)
    if on_any(rule, *_OF_TEXTS):
        return rule.when is not None and bool(rule.starts) and all(map(_is_pair, rule.starts))
    return rule.when is not None or not on_any(rule, "conversation")


def keys_of(rule: Rule) -> list[str]:
    """Return the keys of messages that a rule is called for, save those of texts."""
    events = [event.partition(".") for event in rule.on if event != "message.content"]
    return [key for event, _, key in events if key and event in ("message", "messages")]


def _is_pair(start: str) -> bool:
    return not start or len(start) > 1
