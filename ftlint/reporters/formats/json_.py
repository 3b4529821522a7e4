"""JSON reporter; `schemas/report.schema.json` is its contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from ftlint.core.report import Report
from ftlint.core.secret_marks import may_leak
from ftlint.core.text import UNSAFE
from ftlint.reporters import Style


def _escaped(character: str) -> str:
    """Return the JSON escape of a character: above U+FFFF, a surrogate pair."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def render(report: Report, style: Style) -> Iterator[str]:
    """Yield the report as one document."""
    return document(report.to_dict())


def document(data: Mapping[str, Any] | Sequence[Any]) -> Iterator[str]:
    """Yield one indented JSON document without secrets, terminal control characters escaped."""
    text = orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()
    if may_leak(text):
        from ftlint.core.redact import harmless  # noqa: PLC0415 - it compiles patterns

        text = orjson.dumps(harmless(data), option=orjson.OPT_INDENT_2).decode()
    for line in text.split("\n"):
        safe = line.isprintable() and "##" not in line
        yield line if safe else UNSAFE.sub(lambda match: _escaped(match[0]), line)
