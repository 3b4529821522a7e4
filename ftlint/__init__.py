"""ftlint: the linter and gate for LLM fine-tuning data.

The public names are `check`, `iter_findings`, `Report`, `Finding`, and for rules of one's own
`rule`, `Rule`, `Event`, `Hit`; they are loaded when first used, so that the command line starts
faster.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ftlint.version import __version__

if TYPE_CHECKING:
    from ftlint.api import check, iter_findings
    from ftlint.core.finding import Finding, Hit
    from ftlint.core.report import Report
    from ftlint.core.rule import Rule
    from ftlint.rules.declare import rule
    from ftlint.rules.events import Event

_HOMES = {
    "check": "api",
    "iter_findings": "api",
    "Event": "rules.events",
    "Finding": "core.finding",
    "Hit": "core.finding",
    "Report": "core.report",
    "Rule": "core.rule",
    "rule": "rules.declare",
}

__all__ = [
    "Event",
    "Finding",
    "Hit",
    "Report",
    "Rule",
    "__version__",
    "check",
    "iter_findings",
    "rule",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
