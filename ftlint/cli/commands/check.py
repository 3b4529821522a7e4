"""`ftlint check`: faults in training data and their locations. `ftlint fix` runs it too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import IO, Any, NamedTuple

import click

from ftlint.cli.execution import run_check
from ftlint.cli.options import CheckOptions, CostOptions, ReportOptions, RuleOptions, style
from ftlint.cli.output import Output, say, show_data
from ftlint.cli.params import Options, option, option_class, takes
from ftlint.config.config import TOKENS, Choices, Config, resolve
from ftlint.core.errors import FAILED, PASSED, UNUSABLE, FtlintError
from ftlint.core.report import Report
from ftlint.inputs import paths
from ftlint.inputs.remote import is_url
from ftlint.reporters import is_pictured, reporter
from ftlint.rules import load_rules


@option_class
class FixOptions(Options):
    """Options of fixing; the command `fix` implies --fix."""

    fix: bool = True
    unsafe_fixes: bool = option("Also apply fixes that may change the meaning.", is_flag=True)
    diff: bool = option("Show the changes as a diff; write nothing.", is_flag=True)
    in_place: bool = option(
        "Overwrite a file instead of replacing it: keeps hard links, but is not atomic.",
        is_flag=True)  # fmt: skip


@option_class
class _FixOptions(FixOptions):
    """What `check` fixes: nothing by default."""

    fix: bool = option("Fix what can be fixed safely, then check.", is_flag=True)


@option_class
class _CountOptions(CostOptions):
    """Options of `check` other than those of the rules."""

    tokens: str | None = option(
        "Count tokens: of no example, of those that may be too long for the model, or of all.  "
        "[default: limit; exact with --max-cost and for html]",
        type=click.Choice(TOKENS))  # fmt: skip
    check_urls: bool = option("Fetch image URLs, over the network.", is_flag=True)
    receipt: str | None = option(
        "If everything passes, write a receipt: upload and launch take no other bytes.",
        metavar="PATH")  # fmt: skip


class Run(NamedTuple):
    """A run of `check` or `fix`; `paths` as given, `receipt` the path to write one to.

    `prices` is the path of a table of prices.
    """

    paths: Sequence[str]
    config: Config
    rules: RuleOptions
    fix: FixOptions
    output: ReportOptions
    receipt: str | None = None
    prices: str | None = None

    @property
    def data(self) -> list[str]:
        """The names of all data: `paths`, and the validation file."""
        return [*self.paths, *([self.config.validation] if self.config.validation else [])]

    def say(self, message: str) -> None:
        """Print a message on standard error, save with -qq."""
        if self.output.verbosity > -2:
            say(message)


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@takes(CheckOptions, _CountOptions, ReportOptions, _FixOptions)
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Report what a service would reject, drop or learn badly from.

    PATH is a file, a directory (its *.jsonl and *.ndjson), a glob, a URL (https://, az://, s3://)
    or - for standard input. Compressed data (.gz, .zst) is checked as what it contains.
    """
    rules, count, output = CheckOptions.of(given), _CountOptions.of(given), ReportOptions.of(given)
    fix = _FixOptions.of(given)
    if fix.unsafe_fixes and not (fix.fix or fix.diff):
        raise click.UsageError("--unsafe-fixes does nothing alone; add --fix or --diff")
    if fix.in_place and not fix.fix:
        raise click.UsageError("--in-place does nothing without --fix")
    if count.receipt == "":
        raise click.UsageError("--receipt names no file; give its path")
    choices = choices_of(rules, output)
    choices["tokens"] = count.tokens or choices["tokens"]
    choices |= {"epochs": count.epochs, "prices": count.prices, "max_cost": count.max_cost}
    choices["check_urls"] = count.check_urls
    config = resolve(load_rules(), **choices)
    return execute(Run(paths, config, rules, fix, output, count.receipt, count.prices))


def choices_of(rules: RuleOptions, output: ReportOptions) -> Choices:
    """Return the choices that follow from rules and outputs."""
    pictured = any(is_pictured(each.format) for each in output.outputs)
    return {
        **rules.choices(),
        "max_findings": output.max_findings,
        "tokens": "exact" if pictured else None,
        "statistics": pictured,
    }


def execute(run: Run) -> int:
    """Fix, check and report as the options say; return the exit code."""
    run.rules.scheduler_address()  # a usage error is raised before a file is touched
    fix = run.fix
    if fix.fix or fix.diff:
        _refuse_streams(run.data)
    _protect_data(run)
    if fix.diff:
        return _diff(run)
    failed = fix.fix and _fix(run)
    progress = not (run.output.quiet or run.output.no_progress)
    report = run_check(run.paths, run.config, run.rules, progress=progress)
    _say_more(run, report)
    _write(report, run.output)
    if run.receipt is not None:
        _update_receipt(run, run.receipt, report)
    if report.errors or failed:
        return UNUSABLE
    return PASSED if report.passed or run.output.exit_zero else FAILED


def _write(report: Report, options: ReportOptions) -> None:
    """Write a report in each output format."""

    def render(output: Output, stream: IO[str]) -> Iterator[str]:
        color = "never" if output.path else options.color
        return reporter(output.format).render(report, style(color, options.verbosity, stream))

    for output in options.outputs:
        if output.path or options.verbosity >= -1:
            output.write(partial(render, output), painted=True)


def _update_receipt(run: Run, path: str, report: Report) -> None:
    """Write the receipt of a check that passed; remove an earlier one if it did not."""
    from ftlint.cli.gate import (  # noqa: PLC0415 - a check alone starts faster without
        receipt_for,
        revoke_receipt,
        write_receipt,
    )

    if report.passed:
        write_receipt(path, receipt_for(report, run.config, run.paths))
        run.say(f"{path}: receipt written")
    elif revoke_receipt(path):
        run.say(f"{path}: removed, for the check did not pass")


def _refuse_streams(names: Iterable[str]) -> None:
    """Raise `click.UsageError` for inputs that are not local files and cannot be fixed."""
    for name in names:
        if name == paths.STDIN:
            raise click.UsageError("standard input cannot be fixed; save the data to a file")
        special = os.path.exists(name) and not (os.path.isfile(name) or os.path.isdir(name))
        if special or is_url(name):
            words = f"{paths.shown(name)}: only a file can be fixed; save the data to one"
            raise click.UsageError(words)


def _protect_data(run: Run) -> None:
    """Raise `click.UsageError` if a report or receipt would be written over what is read."""
    written = {paths.identity(output.path) for output in run.output.outputs if output.path}
    if run.receipt:
        if paths.identity(run.receipt) in written:
            raise click.UsageError(f"{run.receipt} is a report; write the receipt elsewhere")
        written.add(paths.identity(run.receipt))
    for kind, file in _files_read(run) if written else ():
        if paths.identity(file) in written:
            raise click.UsageError(f"{file} is {kind}; write the report elsewhere")


def _files_read(run: Run) -> Iterator[tuple[str, str]]:
    """Yield (what it is, path) of each local file that the check reads."""
    yield from ((f"the {document.kind}", document.file) for document in run.config.documents)
    for name, value in (("the profile", run.rules.profile), ("the table of prices", run.prices)):
        if value and os.path.isfile(value):
            yield name, value
    for name in run.data:
        if not is_url(name):
            with suppress(paths.InputError):
                yield from (("data", file) for file in paths.files(name))


def _fix(run: Run) -> bool:
    """Fix files; return whether one could not be fixed."""
    from ftlint.engine.fixer import fix_file  # noqa: PLC0415 - a check alone starts faster without

    def fix(file: str) -> None:
        options = run.fix
        fixed = fix_file(file, run.config, unsafe=options.unsafe_fixes, in_place=options.in_place)
        if fixed.rules:
            counts = ", ".join(f"{count:,} {rule}" for rule, count in sorted(fixed.rules.items()))
            run.say(f"{file}: fixed {counts}")

    return _for_each_file(run, fix)


def _diff(run: Run) -> int:
    """Print what fixing would change; return the exit code."""
    from ftlint.engine.fixer import diff_file  # noqa: PLC0415 - as above

    changed = False

    def show(file: str) -> None:
        nonlocal changed
        lines = diff_file(file, run.config, unsafe=run.fix.unsafe_fixes)
        for first in lines:
            changed = True
            show_data(chain([first], lines))

    if _for_each_file(run, show):
        return UNUSABLE
    return FAILED if changed and not run.output.exit_zero else PASSED


def _for_each_file(run: Run, do: Callable[[str], None]) -> bool:
    """Call `do` with each file of the data; report failures, return whether there were any."""
    failed = False
    for name in run.data:
        try:
            for file in paths.files(name):
                try:
                    do(file)
                except FtlintError as error:
                    say(f"error: {error}")
                    failed = True
        except paths.InputError as error:
            if run.fix.diff:  # else the check that follows reports it
                say(f"error: {error}")
            failed = True
    return failed


def _say_more(run: Run, report: Report) -> None:
    """Say on standard error what --check-urls fetched, and with -v more of each input."""
    for path, statistics in report.statistics.items():
        if counts := statistics.get("url-not-publicly-reachable"):
            run.say(f"{path}: {_url_counts(counts)}")
    if run.output.verbosity > 0:
        for entry in report.inputs:
            kind = f"{entry.format or 'unknown'} format, method {entry.method or 'unknown'}"
            run.say(f"{entry.path}: {kind}, {entry.lines:,} lines, sha256 {entry.sha256}")


def _url_counts(counts: Mapping[str, int]) -> str:
    failed = f"{counts['failed']:,} cannot be fetched" if counts["failed"] else "all answer"
    rest = "" if counts["tried"] == counts["urls"] else "; the rest was not tried"
    return f"{counts['tried']:,} of {counts['urls']:,} image URLs tried, {failed}{rest}"
