"""The formula of a multigrader, read: what names and functions it uses, or where it is wrong.

Azure's guide names the language: numbers, the names of graders, `+ - * / ^`, and a few functions.
Nothing is ever evaluated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ftlint.core.errors import FtlintError

FUNCTIONS = ("min", "max", "abs", "floor", "ceil", "exp", "sqrt", "log")
"""The functions of the language, as Azure's guide lists them."""

_DEPTH = 50
"""Brackets and signs inside each other; no formula is meant to be deeper."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|(?P<sign>\S))?"
)
_SUMS, _PRODUCTS = ("+", "-"), ("*", "/")


class FormulaError(FtlintError):
    """A formula that cannot be read; `at` is the 0-based code point, `end` the one after it."""

    def __init__(self, message: str, at: int, end: int) -> None:
        super().__init__(message)
        self.at, self.end = at, end


@dataclass(frozen=True, slots=True)
class Word:
    """A name in a formula, and its 0-based code points."""

    text: str
    at: int

    @property
    def end(self) -> int:
        """The code point after the name."""
        return self.at + len(self.text)


@dataclass(slots=True)
class Formula:
    """What a formula uses, in the order in which it stands there."""

    names: list[Word] = field(default_factory=list)
    functions: list[Word] = field(default_factory=list)


def parse(text: str) -> Formula:
    """Read a formula. Raises `FormulaError` where it is none."""
    return _Parser(text).run()


class _Parser:
    """Recursive descent: a sum of products of powers, one method a level."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found = Formula()
        self._depth = 0
        self._end = 0
        self._step()

    def run(self) -> Formula:
        self._sum()
        if self._next:
            raise self._wrong(f"{self._next} where an operator or the end is expected")
        return self._found

    def _step(self) -> None:
        """Go on to the next token; at the end it is empty."""
        match = _TOKEN.match(self._text, self._end)
        kind = match.lastgroup if match else None
        self._kind = kind or ""
        self._next = match[kind] if match and kind else ""
        self._at = match.start(kind) if match and kind else len(self._text)
        self._end = self._at + len(self._next)

    def _wrong(self, message: str) -> FormulaError:
        return FormulaError(message, self._at, max(self._end, self._at))

    def _sum(self) -> None:
        self._product()
        while self._next in _SUMS:
            self._step()
            self._product()

    def _product(self) -> None:
        self._signed()
        while self._next in _PRODUCTS:
            power = self._next == "*" and self._text.startswith("**", self._at)
            self._step()
            if power:
                raise self._wrong("** is not an operator here, use ^")
            self._signed()

    def _signed(self) -> None:
        self._depth += 1
        if self._depth > _DEPTH:
            raise self._wrong("nested too deeply to be read")
        if self._next in _SUMS:
            self._step()
            self._signed()
        else:
            self._atom()
            if self._next == "^":
                self._step()
                self._signed()
        self._depth -= 1

    def _atom(self) -> None:
        here, word = self._next, Word(self._next, self._at)
        if self._kind == "number":
            self._step()
        elif self._kind == "name":
            self._step()
            if self._next == "(":
                self._found.functions.append(word)
                self._bracket(many=True)
            else:
                self._found.names.append(word)
        elif here == "(":
            self._bracket(many=False)
        elif not here:
            raise self._wrong("it ends where a value is expected")
        else:
            raise self._wrong(f"{here} where a value is expected")

    def _bracket(self, *, many: bool) -> None:
        """Read what stands in brackets: one value, or for a function several."""
        opened = self._at
        self._step()
        self._sum()
        while many and self._next == ",":
            self._step()
            self._sum()
        if not self._next:
            raise FormulaError("the bracket is not closed", opened, opened + 1)
        if self._next != ")":
            raise self._wrong(f"{self._next} where an operator or ) is expected")
        self._step()
