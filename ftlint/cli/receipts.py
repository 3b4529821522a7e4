"""From a check to a receipt: what `check`, `upload`, `launch` and `run` have in common."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import click

from ftlint import gate, streams
from ftlint.cli import FAILED, UNUSABLE
from ftlint.cli.options import choices_of, style
from ftlint.cli.output import Output
from ftlint.cli.work import Work, tell_errors
from ftlint.config import Config, resolve
from ftlint.failures import Refused
from ftlint.gate import Receipt, read_receipt, require
from ftlint.model import FtlintError
from ftlint.paths import STDIN
from ftlint.registry import RULES
from ftlint.remote import is_url
from ftlint.report import Report
from ftlint.reporters import reporter
from ftlint.sealed import SealedFile
from ftlint.version import __version__

__all__ = ["Passing", "pass_gate", "receipt_for", "revoke_receipt", "show_report", "write_receipt"]


def receipt_for(report: Report, config: Config, names: Iterable[str]) -> Receipt:
    """Make the receipt of a report on files.

    Raises `FtlintError` for what is no file as it would be uploaded.
    """
    found = [entry.path for entry in report.inputs]  # of folders and patterns as well
    for name in (*names, *([config.validation] if config.validation else []), *found):
        _refuse_stream(name)
    kinds = [document.kind for document in config.documents]
    return gate.receipt_of(report, validation=config.validation is not None, documents=kinds)


def _refuse_stream(name: str) -> None:
    """Refuse what has no bytes of its own on this machine."""
    if name == STDIN or is_url(name):
        words = "standard input and URLs are not uploaded; save the data to a file"
        raise FtlintError(f"{name}: {words}")
    if os.path.exists(name) and not (os.path.isfile(name) or os.path.isdir(name)):
        raise FtlintError(f"{name}: pipes and devices are not uploaded; save the data to a file")
    try:
        with open(name, "rb") as stream:
            compression = streams.compression_of(stream)
    except OSError:  # a directory, or gone meanwhile: told where it is opened
        return
    if compression:
        words = f"{compression} data, which no service takes; decompress the file first"
        raise FtlintError(f"{name}: {words}")


def write_receipt(path: str, receipt: Receipt) -> None:
    """Write a receipt. Raises `click.ClickException` where that fails."""
    try:
        gate.write_receipt(path, receipt)
    except OSError as error:
        raise Output("receipt", path).refuse(error) from error


def revoke_receipt(path: str) -> bool:
    """Take a receipt back; return if there was one. Raises `click.ClickException` if that fails."""
    try:
        return gate.revoke_receipt(path)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        words = f"{path}: the receipt of an earlier check cannot be removed: {why}"
        raise click.ClickException(f"{words}; do not use it") from error


class Passing(NamedTuple):
    """What came to the gate: how it was judged, and what passed.

    `receipt` is None where the check failed; `report` is None where an earlier receipt was given.
    """

    config: Config
    receipt: Receipt | None
    report: Report | None

    @property
    def code(self) -> int:
        """The exit code of a check that failed."""
        return UNUSABLE if self.report is not None and self.report.errors else FAILED


def pass_gate(train: str, options: Mapping[str, Any], **job: Any) -> Passing:
    """Check a training file and what belongs to it, or hold an earlier receipt against them.

    `options` are those of the command line, `job` what else `ftlint.config.Choices` takes. What the
    check says is told on standard error where it passes. Raises `FtlintError`.
    """
    _refuse_stream(train)
    config = resolve(RULES, **choices_of(options), **job)
    if config.validation:
        _refuse_stream(config.validation)
    if options["receipt"]:
        return Passing(config, _held(train, options, config), None)
    report = Work.of(options).check([train], config)
    tell_errors(report)
    if not report.passed:
        return Passing(config, None, report)
    if options["verbose"] >= options["quiet"]:
        show_report(report, err=True)
    return Passing(config, receipt_for(report, config, [train]), report)


def _held(train: str, options: Mapping[str, Any], config: Config) -> Receipt:
    """Hold a receipt against what is asked for. Raises `Refused`."""
    if options["strict"]:
        raise click.UsageError("--strict is for the check; leave it out with --receipt")
    receipt = read_receipt(options["receipt"])
    wanted = {
        "ftlint_version": __version__,
        "profile": config.profile,
        "rules_digest": config.rules_digest,
    }
    asked = {"method": config.method, "model": options["model"]}
    wanted |= {name: value for name, value in asked.items() if value is not None}
    paths = {gate.TRAIN: train}
    if config.validation:
        paths[gate.VALIDATION] = config.validation
    paths |= {document.kind: document.file for document in config.documents}
    held = require(receipt, wanted, paths)
    for document in config.documents:
        passed = held.of(document.kind)
        if passed is None or passed.sha256 != document.sha256:
            raise Refused(f"{document.path}: not the {document.kind} that passed; check it again")
    for file in held.files:
        if file.role in (gate.TRAIN, gate.VALIDATION):
            with SealedFile(file) as sealed:
                sealed.verify()  # before anything is sent, or told of it
    return held


def show_report(report: Report, *, err: bool) -> None:
    """Show a report as check does."""
    stream = sys.stderr if err else sys.stdout
    for line in reporter("full").render(report, style("auto", 0, stream)):
        click.echo(line, err=err)
