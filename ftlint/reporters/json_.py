"""The report as JSON: `schemas/report.schema.json` is its contract."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from ftlint.locate import UNSAFE
from ftlint.report import Report
from ftlint.reporters import Style


def render(report: Report, style: Style) -> Iterator[str]:
    """Yield one indented JSON document; what a terminal would obey is escaped as JSON allows."""
    text = orjson.dumps(report.to_dict(), option=orjson.OPT_INDENT_2).decode()
    for line in text.split("\n"):
        yield UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)
