"""Parser for the formula of a multigrader: its names and functions, or its syntax error.

Azure's guide defines the language: numbers, the names of graders, `+ - * / ^`, and a few functions.
Nothing is ever evaluated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ftlint.core.errors import FtlintError

FUNCTIONS = ("min", "max", "abs", "floor", "ceil", "exp", "sqrt", "log")
"""The functions of the language, as Azure's guide lists them."""

_DEPTH = 50
"""Maximum nesting of brackets and signs; no real formula is deeper."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|(?P<sign>\S))?"
)
_SUMS, _PRODUCTS = ("+", "-"), ("*", "/")


class FormulaError(FtlintError):
    """A syntax error in a formula, from code point `at` to `end` (0-based, exclusive)."""

    def __init__(self, message: str, at: int, end: int) -> None:
        super().__init__(message)
        self.at, self.end = at, end


@dataclass(frozen=True, slots=True)
class Word:
    """A name in a formula, at code point `at` (0-based)."""

    text: str
    at: int

    @property
    def end(self) -> int:
        """Code point after the name (0-based)."""
        return self.at + len(self.text)


@dataclass(slots=True)
class Formula:
    """The names and functions that a formula uses, in order."""

    names: list[Word] = field(default_factory=list)
    functions: list[Word] = field(default_factory=list)


def parse(text: str) -> Formula:
    """Parse a formula. Raises `FormulaError` for a syntax error."""
    return _Parser(text).run()


class _Parser:
    """Recursive descent parser, with one method per level of precedence."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._formula = Formula()
        self._depth = 0
        self._end = 0
        self._advance()

    def run(self) -> Formula:
        self._sum()
        if self._next:
            raise self._error(f"{self._next} where an operator or the end is expected")
        return self._formula

    def _advance(self) -> None:
        """Advance to the next token, empty at the end."""
        match = _TOKEN.match(self._text, self._end)
        kind = match.lastgroup if match else None
        self._kind = kind or ""
        self._next = match[kind] if match and kind else ""
        self._start = match.start(kind) if match and kind else len(self._text)
        self._end = self._start + len(self._next)

    def _error(self, message: str) -> FormulaError:
        return FormulaError(message, self._start, max(self._end, self._start))

    def _sum(self) -> None:
        self._product()
        while self._next in _SUMS:
            self._advance()
            self._product()

    def _product(self) -> None:
        self._signed()
        while self._next in _PRODUCTS:
            power = self._next == "*" and self._text.startswith("**", self._start)
            self._advance()
            if power:
                raise self._error("** is not an operator here, use ^")
            self._signed()

    def _signed(self) -> None:
        self._depth += 1
        if self._depth > _DEPTH:
            raise self._error("nested too deeply to be read")
        if self._next in _SUMS:
            self._advance()
            self._signed()
        else:
            self._atom()
            if self._next == "^":
                self._advance()
                self._signed()
        self._depth -= 1

    def _atom(self) -> None:
        current, word = self._next, Word(self._next, self._start)
        if self._kind == "number":
            self._advance()
        elif self._kind == "name":
            self._advance()
            if self._next == "(":
                self._formula.functions.append(word)
                self._bracket(many=True)
            else:
                self._formula.names.append(word)
        elif current == "(":
            self._bracket(many=False)
        elif not current:
            raise self._error("it ends where a value is expected")
        else:
            raise self._error(f"{current} where a value is expected")

    def _bracket(self, *, many: bool) -> None:
        """Parse a value in brackets, or with `many` the arguments of a function."""
        opened = self._start
        self._advance()
        self._sum()
        while many and self._next == ",":
            self._advance()
            self._sum()
        if not self._next:
            raise FormulaError("the bracket is not closed", opened, opened + 1)
        if self._next != ")":
            raise self._error(f"{self._next} where an operator or ) is expected")
        self._advance()
