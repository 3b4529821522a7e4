"""JSON reporter; `schemas/report.schema.json` is its contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ftlint.core.report import Report
from ftlint.core.text import UNSAFE
from ftlint.reporters import Style


def _escaped(character: str) -> str:
    """Return the JSON escape of a character: above U+FFFF, a surrogate pair."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def render(report: Report, style: Style) -> Iterator[str]:
    """Yield the report as one document."""
    return document(report.to_dict())


def document(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield one indented JSON document, with terminal control characters escaped."""
    for line in orjson.dumps(data, option=orjson.OPT_INDENT_2).decode().split("\n"):
        yield UNSAFE.sub(lambda match: _escaped(match[0]), line)
