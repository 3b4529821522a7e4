"""Words as real texts have them: some all the time, and new ones for ever.

The words of `words.toml` are few, and after a megabyte none of them is new; whoever remembers words
is then never wrong. Here ranks follow the law of Zipf and Mandelbrot. Its numbers were chosen so
that words, with their commas and full stops, come again as in Microsoft's sample of news articles
(`sft-text-cnn-validation.jsonl`): a quarter of a megabyte has 9,000 different ones, a megabyte
26,000. The counts are those of words between spaces, digits being alike.
"""

from __future__ import annotations

import re
from itertools import accumulate
from random import Random

from ftlint.analysis.tokens.vocabulary import tokens_of

_EXPONENT, _SHIFT = 1.3, 10
_WORDS = 300_000
_WORD = re.compile(rb" [A-Za-z]{2,14}")


class Lexicon:
    """A source of sentences that depend on `random` and nothing else.

    The most frequent words are tokens of the vocabulary, in its order, which is about that of
    their frequency; the others are made of two.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        tokens = tokens_of("o200k_base")
        known = [token[1:].decode() for token in tokens if _WORD.fullmatch(token)]
        rare = _WORDS - len(known)
        pairs = zip(random.choices(known, k=rare), random.choices(known, k=rare), strict=True)
        self._words = [*known, *(first + second.lower() for first, second in pairs)]
        self._weights = list(accumulate((rank + _SHIFT) ** -_EXPONENT for rank in range(_WORDS)))

    def sentence(self) -> str:
        """Return a sentence of 8 to 23 words; one in five has a number."""
        random = self._random.random
        count = 8 + int(random() * 16)
        words = self._random.choices(self._words, cum_weights=self._weights, k=count)
        words[0] = words[0].capitalize()
        if random() < 0.2:
            words[3] = str(int(random() * 3_000))
        if random() < 0.6:
            words[5] += ","
        return f"{' '.join(words)}."

    def paragraphs(self, count: int) -> str:
        """Return paragraphs of four sentences each."""
        return "\n\n".join(" ".join(self.sentence() for _ in range(4)) for _ in range(count))
