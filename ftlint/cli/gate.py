"""The gate: only files that pass the check, or have a receipt of one, go to a service."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import NamedTuple, Unpack

import click

from ftlint.cli.execution import run_check
from ftlint.cli.options import CheckOptions, style
from ftlint.cli.output import Output, reason, say
from ftlint.cli.params import CHECK, option, option_class
from ftlint.config.config import Choices, Config, resolve
from ftlint.core.errors import FAILED, UNUSABLE, FtlintError, Refused
from ftlint.core.finding import Severity
from ftlint.core.report import Report
from ftlint.core.rule import RULES
from ftlint.inputs import streams
from ftlint.inputs.paths import STDIN
from ftlint.inputs.remote import is_url
from ftlint.reporters import reporter
from ftlint.rules import load_rules
from ftlint.training import receipt as receipts
from ftlint.training.receipt import Receipt, read_receipt, require
from ftlint.training.verified_file import SealedFile
from ftlint.version import __version__


@option_class
class GateOptions(CheckOptions):
    """What decides whether data passes the gate."""

    receipt: str | None = option(
        "Receipt of an earlier check --receipt; the files are compared with it, not checked.",
        section=CHECK, metavar="PATH")  # fmt: skip


def receipt_for(report: Report, config: Config, names: Iterable[str]) -> Receipt:
    """Return the receipt of a report. Raises `FtlintError` for what is not a plain file."""
    files = [entry.path for entry in report.inputs]  # those of directories and globs as well
    for name in (*names, *([config.validation] if config.validation else []), *files):
        _refuse_stream(name)
    kinds = [document.kind for document in config.documents]
    has_validation = config.validation is not None
    return receipts.receipt_of(report, config.job, validation=has_validation, documents=kinds)


def _refuse_stream(name: str) -> None:
    """Raise `FtlintError` for what is not an uncompressed file on this machine."""
    if name == STDIN or is_url(name):
        words = "standard input and URLs are not uploaded; save the data to a file"
        raise FtlintError(f"{name}: {words}")
    if os.path.exists(name) and not (os.path.isfile(name) or os.path.isdir(name)):
        raise FtlintError(f"{name}: pipes and devices are not uploaded; save the data to a file")
    try:
        with open(name, "rb") as stream:
            compression = streams.compression_of(stream)
    except OSError:  # a directory, or gone by now: reported where it is opened
        return
    if compression:
        words = f"{compression} data, which no service takes; decompress the file first"
        raise FtlintError(f"{name}: {words}")


def write_receipt(path: str, receipt: Receipt) -> None:
    """Write a receipt. Raises `click.ClickException` if that fails."""
    try:
        receipts.write_receipt(path, receipt)
    except OSError as error:
        raise Output("receipt", path).refuse(error) from error


def revoke_receipt(path: str) -> bool:
    """Remove a receipt; return whether there was one. Raises `click.ClickException` on failure."""
    try:
        return receipts.revoke_receipt(path)
    except OSError as error:
        words = f"{path}: the receipt of an earlier check cannot be removed: {reason(error)}"
        raise click.ClickException(f"{words}; do not use it") from error


class Passing(NamedTuple):
    """The outcome at the gate.

    `receipt` is None if the check failed; `report` is None if an earlier receipt was given.
    """

    config: Config
    receipt: Receipt | None
    report: Report | None

    @property
    def code(self) -> int:
        """The exit code of a check that failed."""
        return UNUSABLE if self.report is not None and self.report.errors else FAILED


def pass_gate(
    train: str, options: GateOptions, *, progress: bool, verbosity: int, **job: Unpack[Choices]
) -> Passing:
    """Check a training file and its companions, or compare them with an earlier receipt.

    `job` is what else `ftlint.config.config.resolve` takes. The report of a check that passed is
    shown on standard error, unless `verbosity` is negative. Raises `FtlintError`.
    """
    _refuse_stream(train)
    choices: Choices = {**options.choices(), **job}
    config = resolve(load_rules(), **choices)
    if config.validation:
        _refuse_stream(config.validation)
    if options.receipt:
        receipt = _verified_receipt(train, options, options.receipt, config)
        today = config.job.get("today") or receipts.today()
        dated = _dated(config) if receipt.day != today else None
        if dated is None:
            return Passing(config, receipt, None)
        report = run_check([train], dated, options, progress=progress)
        return Passing(config, receipt, None) if report.passed else Passing(config, None, report)
    report = run_check([train], config, options, progress=progress)
    if not report.passed:
        return Passing(config, None, report)
    if verbosity >= 0:
        show_report(report, err=True)
    return Passing(config, receipt_for(report, config, [train]), report)


def _dated(config: Config) -> Config | None:
    """Return the configuration of a check of what may have gone out of date, None for nothing."""
    levels = {
        name: level
        for name, level in config.levels.items()
        if level == Severity.ERROR and "today" in RULES[name.partition(".")[0]].job
    }
    return config._replace(levels=levels) if levels else None


def _verified_receipt(train: str, options: GateOptions, path: str, config: Config) -> Receipt:
    """Return the receipt at `path`. Raises `Refused` unless options and files match it."""
    if options.strict:
        raise click.UsageError("--strict is for the check; leave it out with --receipt")
    receipt = read_receipt(path)
    if receipt.tokens == "off":
        words = "the receipt is of a check with --tokens off, which looks for no example too long"
        raise Refused(f"{words}; check again without it")
    wanted = {
        "ftlint_version": __version__,
        "profile": config.profile,
        "rules_digest": config.rules_digest,
    }
    optional = {"method": config.method, "model": options.model}
    wanted |= {name: value for name, value in optional.items() if value is not None}
    paths = {receipts.TRAIN: train}
    if config.validation:
        paths[receipts.VALIDATION] = config.validation
    paths |= {document.kind: document.file for document in config.documents}
    verified = require(receipt, wanted, paths)
    for document in config.documents:
        passed = verified.of(document.kind)
        if passed is None or passed.sha256 != document.sha256:
            raise Refused(f"{document.path}: not the {document.kind} that passed; check it again")
    for file in verified.files:
        if file.role in (receipts.TRAIN, receipts.VALIDATION):
            with SealedFile(file) as sealed:
                sealed.verify()  # before anything is sent or shown
    return verified


def show_report(report: Report, *, err: bool) -> None:
    """Print a report as `ftlint check` does."""
    render = reporter("full").render
    if err:
        say(*render(report, style("auto", 0, sys.stderr)), painted=True)
    else:
        Output("text", None).write(
            lambda stream: render(report, style("auto", 0, stream)), painted=True
        )
