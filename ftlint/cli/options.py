"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import IO, Any, Literal

import click

from ftlint.cli.output import Output, outputs_option
from ftlint.cli.params import CHECK, JOB, SERVICE, Options, option, option_class
from ftlint.config.config import DEFAULT_PROFILE, MAX_FINDINGS, Choices
from ftlint.config.profile import PROFILES
from ftlint.formats.data_format import METHODS
from ftlint.inputs import discovery
from ftlint.reporters import REPORTERS, Style, drawable


def _names(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> tuple[str, ...]:
    """Split names at commas; blanks around a name do not count."""
    names = (name.strip() for group in value for name in group.split(","))
    found = tuple(name for name in names if name)
    if value and not found:
        raise click.BadParameter("names no rule; leave the option out for all", ctx, param)
    return found


_DIGITS = 6
"""Digits of the largest number of processes: more than any machine has."""


def _jobs(ctx: click.Context, param: click.Parameter, value: str) -> int | str:
    """Parse a number of processes, or auto. Raises `click.BadParameter` for anything else."""
    if value == "auto":
        return value
    if not value.isdecimal() or len(value) > _DIGITS or int(value) < 1:
        raise click.BadParameter(f"{value!r} is neither auto nor a number from 1 up", ctx, param)
    return int(value)


_check_option = partial(option, section=CHECK)
_job_option = partial(option, section=JOB)
_rules_option = partial(_check_option, metavar="NAMES", multiple=True, callback=_names)


# Options that several classes have; each of them may take the same field.
PROFILE: Any = option(
    f"The service: {', '.join(PROFILES)}, or the path of a profile of your own (.toml).",
    section=SERVICE, default=DEFAULT_PROFILE, metavar="NAME")  # fmt: skip
METHOD: Any = _check_option(f"Training method: {', '.join(METHODS)}.  [default: by the data]",
                            metavar="METHOD")  # fmt: skip
MODEL: Any = _job_option("Base model; required to start a job. Without it, rules about models "
                         "do not apply.", metavar="NAME")  # fmt: skip
NO_PROGRESS: Any = option("Show no progress.", is_flag=True)
OUTPUT_FORMAT: Any = option("Output format.", type=click.Choice(["text", "json"]), default="text")


@option_class
class OutputOptions(Options):
    """How a result that is no report is printed."""

    output_format: Literal["text", "json"] = OUTPUT_FORMAT


@option_class
class WorkOptions(Options):
    """Where files are checked; the report does not depend on it."""

    jobs: int | Literal["auto"] = _check_option(
        "Worker processes; auto: one per processor, where that saves time.", "-j", "--jobs",
        metavar="N|auto", default="auto", callback=_jobs)  # fmt: skip
    range_size: int = _check_option(
        "Approximate size of the ranges that files are split into, to be checked in parallel.",
        type=click.IntRange(min=1), metavar="BYTES", default=discovery.RANGE_SIZE)  # fmt: skip
    engine: str = _check_option("Check on this machine, or on a Dask cluster.",
                                type=click.Choice(["local", "dask"]), default="local")  # fmt: skip
    scheduler: str | None = _check_option(
        "Address of the Dask scheduler, as in tcp://10.0.0.5:8786.  "
        "[default: DASK_SCHEDULER_ADDRESS]", metavar="ADDRESS")  # fmt: skip

    def scheduler_address(self) -> str | None:
        """Return the address of a Dask scheduler, None for this machine.

        Raises `click.UsageError` for options that exclude each other.
        """
        if self.engine == "local":
            if self.scheduler is not None:
                raise click.UsageError("--scheduler does nothing alone; add --engine dask")
            return None
        if self.jobs != "auto":
            raise click.UsageError("--jobs is about this machine; leave it out with --engine dask")
        address = self.scheduler or os.environ.get("DASK_SCHEDULER_ADDRESS")
        if not address:
            words = "--engine dask needs --scheduler ADDRESS, or DASK_SCHEDULER_ADDRESS"
            raise click.UsageError(f"{words}; start a scheduler with: dask scheduler")
        return address


@option_class
class RuleOptions(WorkOptions):
    """Which rules are applied, and to what: the options of every command that checks."""

    profile: str = PROFILE
    method: str | None = METHOD
    model: str | None = MODEL
    validation: str | None = _check_option("Validation file; also checked.", metavar="PATH")
    select: tuple[str, ...] = _rules_option(
        "Apply only these rules: ids, rule.case, tags or ALL, separated by commas.")  # fmt: skip
    ignore: tuple[str, ...] = _rules_option("Do not apply these rules.")
    extend_select: tuple[str, ...] = _rules_option("Apply these rules as well.")
    strict: bool = _check_option("Fail on warnings too.", is_flag=True)
    today: str | None = option("The date to compare dates with.", metavar="DATE", hidden=True)
    grader: str | None = None
    response_format: str | None = None

    def choices(self) -> Choices:
        """Return these options as `ftlint.config.config.resolve` takes them."""
        return {
            "profile": self.profile, "method": self.method, "model": self.model,
            "validation": self.validation, "grader": self.grader,
            "response_format": self.response_format, "select": self.select, "ignore": self.ignore,
            "extend_select": self.extend_select, "strict": self.strict, "today": self.today,
        }  # fmt: skip


@option_class
class CheckOptions(RuleOptions):
    """Rules, and the documents of a job that are files of their own."""

    grader: str | None = _job_option("Grader of a reinforcement job; also checked.", metavar="FILE")
    response_format: str | None = _job_option("Response format; also checked.", metavar="FILE")


@option_class
class TokenOptions(Options):
    """What the number of trained tokens depends on, and their price."""

    epochs: int | None = _job_option("Passes over the data.  [default: the service chooses]",
                                     type=click.IntRange(min=1), metavar="N")  # fmt: skip
    prices: str | None = _job_option(
        "Table of prices (.toml) to use instead of ftlint's own.", metavar="FILE")  # fmt: skip


@option_class
class CostOptions(TokenOptions):
    """Tokens, and what training on them may cost."""

    max_cost: float | None = _job_option(
        "Warn when training costs more, by the known prices.", type=float, metavar="USD"
    )


@option_class
class ReportOptions(Options):
    """How a report is shown."""

    outputs: tuple[Output, ...] = outputs_option(tuple(REPORTERS))
    max_findings: int = option(
        "Show at most this many findings per rule and input; 0: all. Counts stay exact.",
        type=click.IntRange(min=0), default=MAX_FINDINGS, metavar="N")  # fmt: skip
    exit_zero: bool = option("Exit 0 even if inputs fail.", is_flag=True)
    quiet: int = option("Show verdicts only; -qq: nothing.", "-q", "--quiet", count=True)
    verbose: int = option("Show infos too, and on stderr what is checked.", "-v", "--verbose",
                          count=True)  # fmt: skip
    color: str = option("Use colours; auto follows the terminal, NO_COLOR and FORCE_COLOR.",
                        type=click.Choice(["auto", "always", "never"]), default="auto")  # fmt: skip
    no_progress: bool = NO_PROGRESS

    @property
    def verbosity(self) -> int:
        """The number of -v minus that of -q."""
        return self.verbose - self.quiet


def _columns() -> int:
    from shutil import get_terminal_size  # noqa: PLC0415 - slow to import; for people only

    return get_terminal_size((100, 24)).columns


def style(color: str, verbosity: int, stream: IO[str]) -> Style:
    """Return width, colours and block characters for `stream`."""
    terminal = stream.isatty()
    width = _columns() if terminal else 100
    if color == "auto":
        forced = bool(os.environ.get("FORCE_COLOR"))
        colored = not os.environ.get("NO_COLOR") and (terminal or forced)
    else:
        colored = color == "always"
    return Style(max(width, 40), colored, verbosity, drawable(stream))
