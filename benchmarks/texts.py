"""Texts for the benchmark's files: prose, code, sums, and sentences of many languages.

A pool of sentences is made once; a text is a few of them, with numbers of its own, so that no two
lines are alike and half a gigabyte is written in seconds.
"""

from __future__ import annotations

import re
from functools import cached_property
from random import Random

from benchmarks import words
from benchmarks.lexicon import Lexicon

_SENTENCES = 6_000
_SNIPPETS = 600
_FIELD = re.compile(r"\{(\w+)\}")


class Texts:
    """A source of texts that depend on `random` and nothing else."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._prose = self._pool("prose", _SENTENCES)
        self._questions = self._pool("question", _SNIPPETS)
        self._sums = self._pool("sum", _SNIPPETS)
        self._steps = self._pool("step", _SNIPPETS)
        self._code = self._pool("code", _SNIPPETS)
        self._requests = self._pool("request", _SNIPPETS)

    @cached_property
    def lexicon(self) -> Lexicon:
        """Words as many as in real texts."""
        return Lexicon(self.random)

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to `limit` - 1."""
        return int(self.random.random() * limit)

    def prose(self, sentences: int) -> str:
        """Return a paragraph of about 85 characters a sentence."""
        return self._numbered(" ".join(self.random.choices(self._prose, k=sentences)))

    def question(self) -> str:
        """Return what a customer asks."""
        return self._numbered(self.random.choice(self._questions))

    def request(self) -> str:
        """Return what a programmer asks."""
        return self._numbered(self.random.choice(self._requests))

    def code(self, snippets: int) -> str:
        """Return an explanation and a fenced block of code."""
        block = self._numbered("\n".join(self.random.choices(self._code, k=snippets)))
        return f"{self.prose(2)}\n\n```\n{block}```\n\n{self.prose(1)}"

    def sum(self) -> tuple[str, str]:
        """Return a question of three numbers and its answer, step by step."""
        first, times, more = 2 + self.below(900), 2 + self.below(40), 1 + self.below(500)
        question = self.random.choice(self._sums) % (first, times, more)
        product = first * times
        one, two = self.random.choices(self._steps, k=2)
        return question, (
            f" {one} {first}*{times} = <<{first}*{times}={product}>>{product}.\n"
            f"{two} {product}+{more} = <<{product}+{more}={product + more}>>{product + more}.\n"
            f"#### {product + more}"
        )

    def foreign(self, code: str, length: int) -> str:
        """Return `length` words of a language (ISO 639-1), and a number."""
        gap = "" if code in words.UNSPACED else " "
        chosen = self.random.choices(words.LANGUAGES[code], k=length)
        return gap.join([*chosen, str(self.below(9_999))])

    def _numbered(self, text: str) -> str:
        count = text.count("%d")
        return text % tuple(self.random.choices(range(2, 2000), k=count)) if count else text

    def _pool(self, kind: str, size: int) -> list[str]:
        templates = words.TEMPLATES[kind]
        return [_FIELD.sub(self._word, self.random.choice(templates)) for _ in range(size)]

    def _word(self, match: re.Match[str]) -> str:
        return self.random.choice(words.WORDS[match[1]])
