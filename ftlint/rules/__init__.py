"""The rules, one folder per family; `load_rules` declares them, and importing this does not."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from ftlint.core.rule import RULES, Rule

_FOLDER = os.path.dirname(__file__)
_FAMILIES = ("chat", "file", "job", "preference", "reinforcement", "tools", "vision")


@cache
def load_rules() -> dict[str, Rule]:
    """Import every module of every family, which declares its rules; return all rules by id."""
    for family in _FAMILIES:  # pkgutil takes a millisecond to import
        for file in sorted(os.listdir(os.path.join(_FOLDER, family))):
            name, ending = os.path.splitext(file)
            if ending == ".py" and name != "__init__":
                import_module(f"{__name__}.{family}.{name}")
    return RULES
