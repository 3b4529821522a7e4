"""The result of a stage: one text or one JSON object on standard output, whatever happens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

import click

from ftlint.cli import INTERRUPTED, UNUSABLE
from ftlint.cli.output import Output
from ftlint.cli.receipts import Passing, show_report
from ftlint.failures import exit_code
from ftlint.model import FtlintError
from ftlint.redact import harmless, redact
from ftlint.reporters.json_ import document


class Result:
    """Gathers what a command found out; with JSON, it is printed at the end, failures too."""

    def __init__(self, command: str, options: Mapping[str, Any]) -> None:
        self._json = options["output_format"] == "json"
        self._data: dict[str, Any] = {"command": command}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        told = _told(error)
        if told is not None:
            self._data["error"] = told
        if self._json and (error is None or told is not None):
            Output("json", None).write(lambda _: document(harmless(self._data)))

    def add(self, **found: Any) -> None:
        """Add to the JSON object."""
        self._data.update(found)

    def show(self, lines: Iterable[str]) -> None:
        """Print lines, where text is wanted."""
        if not self._json:
            Output("text", None).write(lambda _: map(redact, lines))

    def refuse(self, passing: Passing) -> int:
        """Show a check that failed; return the exit code."""
        report = passing.report
        self.add(passed=False, report=report and report.to_dict())
        if report is not None and not self._json:
            show_report(report, err=False)
        return passing.code


def _told(error: BaseException | None) -> dict[str, Any] | None:
    """Return exit code and message of an error that is told, None for any other."""
    if isinstance(error, KeyboardInterrupt):
        return {"exit_code": INTERRUPTED, "message": "interrupted"}
    if isinstance(error, click.ClickException):
        return {"exit_code": UNUSABLE, "message": redact(error.format_message())}
    if isinstance(error, FtlintError):
        return {"exit_code": exit_code(error), "message": redact(str(error))}
    return None
