"""The scripts that letters belong to, by their names in Unicode."""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from itertools import repeat

OTHER = "Other"
"""What letters are of that are not known to be of one script, such as some modifiers."""

_LATIN = "Latin"
_LETTERS = string.ascii_letters.encode()
_ASCII = bytes(range(128))

_REMEMBERED = 1 << 16
"""Characters of which the script is known without looking it up."""

_FEW = 64
"""Characters that are counted one by one, which is faster."""

_SAME = {"Cjk": "Han", "Hentaigana": "Hiragana", "Ideographic": "Han", "Roman": _LATIN}
"""Scripts by the first word in the names of letters, where that is not the name of the script."""

_NONE = {"", "Caron", "Halfwidth", "Masu", "Modifier", "Turned", "Vedic", "Vertical"}
"""First words in the names of letters that tell no script."""

_TWO = {"Linear", "New", "Old", "Tai"}
"""First words of names of scripts that go on, as in Old Italic."""


class _Scripts(dict[str, str]):
    """The script of each character that was asked for; "" where it is no letter."""

    def __missing__(self, character: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[character] = script = _script(character) if character.isalpha() else ""
        return script


_SCRIPTS = _Scripts()


def _script(letter: str) -> str:
    """Name the script of a letter, that of its plain form where it is a variant of one."""
    plain = unicodedata.normalize("NFKC", letter)
    letter = next(filter(str.isalpha, plain), letter)
    words = unicodedata.name(letter, "").replace("-", " ").title().split()
    first = next(iter(words), "")
    if first in _NONE:
        return OTHER
    return " ".join(words[:2]) if first in _TWO else _SAME.get(first, first)


def letters(text: str) -> dict[str, int]:
    """Count the letters of a text by script ("Latin", "Han", "Cyrillic" ...)."""
    found: dict[str, int] = {}
    data = text.encode("utf-8", "surrogatepass")
    rest = data.translate(None, _LETTERS)
    if len(rest) < len(data):
        found[_LATIN] = len(data) - len(rest)
    if not text.isascii():
        foreign = rest.translate(None, _ASCII).decode("utf-8", "surrogatepass")
        some = Counter(foreign).items() if len(foreign) > _FEW else zip(foreign, repeat(1))
        for character, times in some:
            if script := _SCRIPTS[character]:
                found[script] = found.get(script, 0) + times
    return found
