"""One run of `check` or `fix`, from options to an exit code."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import IO, Any, NamedTuple

import click

from ftlint import paths
from ftlint.cli import FAILED, PASSED, UNUSABLE
from ftlint.cli.options import choices_of, style
from ftlint.cli.output import Output
from ftlint.cli.work import Work, tell_errors
from ftlint.config import Choices, Config, resolve
from ftlint.locate import sanitize
from ftlint.model import FtlintError
from ftlint.registry import RULES
from ftlint.remote import is_url
from ftlint.report import Report
from ftlint.reporters import PICTURED, reporter


class Session(NamedTuple):
    """What the options of a run come to."""

    config: Config
    outputs: tuple[Output, ...]
    color: str
    verbosity: int
    exit_zero: bool
    fix: bool
    unsafe: bool
    diff: bool
    work: Work
    receipt: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Session:
        """Read the options of the command line."""
        if options["unsafe_fixes"] and not (options["fix"] or options["diff"]):
            raise click.UsageError("--unsafe-fixes does nothing alone; add --fix or --diff")
        if options.get("receipt") == "":
            raise click.UsageError("--receipt names no file; give its path")
        pictured = any(output.format in PICTURED for output in options["outputs"])
        chosen: Choices = {
            **choices_of(options),
            "max_findings": options["max_findings"],
            "check_urls": options.get("check_urls", False),
            "tokens": options.get("tokens") or ("exact" if pictured else None),
            "epochs": options.get("epochs"),
            "max_cost": options.get("max_cost"),
            "prices": options.get("prices"),
            "statistics": pictured,
        }
        return cls(
            config=resolve(RULES, **chosen),
            outputs=options["outputs"],
            color=options["color"],
            verbosity=options["verbose"] - options["quiet"],
            exit_zero=options["exit_zero"],
            fix=options["fix"],
            unsafe=options["unsafe_fixes"],
            diff=options["diff"],
            work=Work.of(options),
            receipt=options.get("receipt"),
        )

    def run(self, paths: Iterable[str]) -> int:
        """Do what was asked for; return the exit code."""
        names = list(paths)
        mended = [*names, self.config.validation] if self.config.validation else names
        if self.fix or self.diff:
            self._refuse_streams(mended)
        self._protect(mended)
        if self.diff:
            return self._diff(mended)
        failed = self.fix and self._fix(mended)
        report = self.work.check(names, self.config)
        self._tell(report)
        self._write(report)
        if self.receipt is not None:
            self._receipt(self.receipt, names, report)
        if report.errors or failed:
            return UNUSABLE
        return PASSED if report.passed or self.exit_zero else FAILED

    def _receipt(self, path: str, names: Iterable[str], report: Report) -> None:
        """Write the receipt of a check that passed; take an earlier one back if it did not."""
        from ftlint.cli.receipts import (  # noqa: PLC0415 - a check alone starts faster without
            receipt_for,
            revoke_receipt,
            write_receipt,
        )

        if not report.passed:
            if revoke_receipt(path):
                self._say(f"{path}: removed, for the check did not pass")
            return
        write_receipt(path, receipt_for(report, self.config, names))
        self._say(f"{path}: receipt written")

    def _refuse_streams(self, names: Iterable[str]) -> None:
        """Refuse to fix what is no file, before a byte of it is read."""
        for name in names:
            if name == paths.STDIN:
                raise click.UsageError("standard input cannot be fixed; save the data to a file")
            special = os.path.exists(name) and not (os.path.isfile(name) or os.path.isdir(name))
            if special or is_url(name):
                words = f"{paths.shown(name)}: only a file can be fixed; save the data to one"
                raise click.UsageError(words)

    def _protect(self, names: Iterable[str]) -> None:
        """Refuse to write a report over the data. Raises `click.UsageError`."""
        written = {os.path.realpath(output.path) for output in self.outputs if output.path}
        if self.receipt:
            if os.path.realpath(self.receipt) in written:
                raise click.UsageError(f"{self.receipt} is a report; write the receipt elsewhere")
            written.add(os.path.realpath(self.receipt))
        for document in self.config.documents:
            if os.path.realpath(document.file) in written:
                words = f"{document.file} is the {document.kind}; write the report elsewhere"
                raise click.UsageError(words)
        for name in [name for name in names if not is_url(name)] if written else ():
            with suppress(paths.InputError):
                for file in self._files([name]):
                    if os.path.realpath(file) in written:
                        raise click.UsageError(f"{file} is data; write the report elsewhere")

    def _files(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the files that names stand for. Raises `InputError` for one that leads nowhere."""
        for name in names:
            yield from paths.files(name)

    def _each(self, names: Iterable[str], do: Callable[[str], None]) -> bool:
        """Do something with each file, and say where that fails; return whether it did."""
        failed = False
        for name in names:
            try:
                for file in self._files([name]):
                    try:
                        do(file)
                    except FtlintError as error:
                        click.echo(f"error: {sanitize(str(error))}", err=True)
                        failed = True
            except paths.InputError as error:
                if self.diff:  # else the check that follows tells it
                    click.echo(f"error: {sanitize(str(error))}", err=True)
                failed = True
        return failed

    def _fix(self, names: Iterable[str]) -> bool:
        """Fix files; return whether one could not be."""
        from ftlint.fix import fix_file  # noqa: PLC0415 - a check alone starts faster without

        def fix(file: str) -> None:
            fixed = fix_file(file, self.config, unsafe=self.unsafe)
            if fixed.rules:
                self._say(f"{file}: fixed {_counted(fixed.rules)}")

        return self._each(names, fix)

    def _diff(self, names: Iterable[str]) -> int:
        from ftlint.fix import diff_file  # noqa: PLC0415 - as above

        changed: set[str] = set()

        def show(file: str) -> None:
            for line in diff_file(file, self.config, unsafe=self.unsafe):
                changed.add(file)
                _write_line(line)

        if self._each(names, show):
            return UNUSABLE
        return FAILED if changed and not self.exit_zero else PASSED

    def _tell(self, report: Report) -> None:
        """Say on standard error what could not be checked, what was tried, and with -v more."""
        tell_errors(report)
        for path, told in report.statistics.items():
            if tried := told.get("url-not-publicly-reachable"):
                self._say(f"{path}: {_tried(tried)}")
        if self.verbosity > 0:
            for entry in report.inputs:
                known = f"{entry.format or 'unknown'} format, method {entry.method or 'unknown'}"
                self._say(f"{entry.path}: {known}, {entry.lines:,} lines, sha256 {entry.sha256}")

    def _write(self, report: Report) -> None:
        for output in self.outputs:
            if output.path is None and self.verbosity < -1:
                continue
            output.write(partial(self._render, report, output))

    def _render(self, report: Report, output: Output, stream: IO[str]) -> Iterator[str]:
        color = "never" if output.path else self.color
        return reporter(output.format).render(report, style(color, self.verbosity, stream))

    def _say(self, message: str) -> None:
        if self.verbosity > -2:
            click.echo(sanitize(message), err=True)


def _counted(rules: Counter[str]) -> str:
    return ", ".join(f"{count:,} {rule}" for rule, count in sorted(rules.items()))


def _tried(numbers: Mapping[str, int]) -> str:
    """Word what --check-urls has done."""
    failed = f"{numbers['failed']:,} cannot be fetched" if numbers["failed"] else "all answer"
    left = "" if numbers["tried"] == numbers["urls"] else "; the rest was not tried"
    return f"{numbers['tried']:,} of {numbers['urls']:,} image URLs tried, {failed}{left}"


def _write_line(line: bytes) -> None:
    """Write a line of a diff: as it is for a program, without control characters for a person."""
    if sys.stdout.isatty():
        text, end = line.rstrip(b"\n"), line[len(line.rstrip(b"\n")) :]
        sys.stdout.write(sanitize(text.decode("utf-8", "replace")) + end.decode())
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(line)
