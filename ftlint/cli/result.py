"""The result of a command: text, or one JSON object on standard output, even on failure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import click

from ftlint.cli.gate import Passing, show_report
from ftlint.cli.output import Output
from ftlint.cli.service import Remote, StageOptions
from ftlint.core.errors import INTERRUPTED, UNUSABLE, FtlintError, exit_code
from ftlint.core.redact import harmless, redact
from ftlint.reporters.formats.json_ import document


class Result:
    """Collects the result of a command; as JSON it is printed at the end, with the error if any."""

    def __init__(self, command: str, output_format: str) -> None:
        self._json = output_format == "json"
        self._data: dict[str, Any] = {"command": command}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        described = _describe(error)
        if described is not None:
            self._data["error"] = described
        if self._json and (error is None or described is not None):
            Output("json", None).write(lambda _: document(harmless(self._data)))

    def add(self, **entries: Any) -> None:
        """Add entries to the JSON object."""
        self._data.update(entries)

    def show(self, lines: Iterable[str], *, painted: bool = False) -> None:
        """Print lines, unless the result is JSON; `painted` keeps their colours."""
        if not self._json:
            Output("text", None).write(lambda _: lines, painted=painted)

    def refuse(self, passing: Passing) -> int:
        """Show a check that failed; return the exit code."""
        report = passing.report
        self.add(passed=False, report=report and report.to_dict())
        if report is not None and not self._json:
            show_report(report, err=False)
        return passing.code


@contextmanager
def stage(
    command: str, options: StageOptions, *, sends: bool = True
) -> Iterator[tuple[Result, Remote]]:
    """Open the result of a command, and the service that it talks to."""
    with (
        Result(command, options.output_format) as result,
        Remote(options, options.verbosity, sends=sends) as remote,
    ):
        yield result, remote


def _describe(error: BaseException | None) -> dict[str, Any] | None:
    """Return exit code and message of an error that is reported, None for any other."""
    if isinstance(error, KeyboardInterrupt):
        return {"exit_code": INTERRUPTED, "message": "interrupted"}
    if isinstance(error, click.ClickException):
        return {"exit_code": UNUSABLE, "message": redact(error.format_message())}
    if isinstance(error, FtlintError):
        return {"exit_code": exit_code(error), "message": redact(str(error))}
    return None
