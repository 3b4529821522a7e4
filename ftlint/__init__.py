"""ftlint: the linter and gate for LLM fine-tuning data.

The public names are `check`, `iter_findings`, `Report`, `Finding`, `Rule`, `rule` and
`__version__`; they are loaded when first used, for the command line starts faster so.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ftlint.version import __version__

if TYPE_CHECKING:
    from ftlint.api import check, iter_findings
    from ftlint.model import Finding
    from ftlint.registry import Rule, rule
    from ftlint.report import Report

_HOMES = {
    "check": "api",
    "iter_findings": "api",
    "Finding": "model",
    "Report": "report",
    "Rule": "registry",
    "rule": "registry",
}

__all__ = ["Finding", "Report", "Rule", "__version__", "check", "iter_findings", "rule"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
