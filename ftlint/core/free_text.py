"""The placeholder of a free text, which keeps shape rules from reading texts.

Their hits are cached by the view of an example, so they must not depend on anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class FreeTextError(TypeError):
    """An attempt of a shape rule to read a text."""


class FreeText(str):
    """The placeholder of a text that is not blank; equal ids of an example have equal ones.

    Methods that would read the text raise `FreeTextError`, so that a rule which depends on it
    cannot pass for a shape rule.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return "…"

    def __format__(self, spec: str) -> str:
        return "…"

    def isspace(self) -> bool:
        """Return False, since the text is not blank."""
        return False

    def strip(self, chars: str | None = None, /) -> FreeText:
        """Return the placeholder, since a text that is not blank stays so."""
        return self


def _refuse(name: str) -> Callable[..., Any]:
    def look(self: FreeText, *args: object, **options: object) -> Any:
        words = f"{name} of a free text: a rule on a shape event sees none"
        raise FreeTextError(f"{words}; declare it on Event.TEXT, EXAMPLE or CONVERSATION")

    return look


_ALLOWED = {"__new__", "__init__", "__hash__", "__eq__", "__ne__", "__repr__", "__getattribute__"}
_ALLOWED |= {"__sizeof__", "__getnewargs__", "__doc__", *vars(FreeText)}
for _name in vars(str).keys() - _ALLOWED:
    setattr(FreeText, _name, _refuse(_name))
