"""Options that more than one command has, and what they mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

import click

from ftlint import source
from ftlint.cli.output import outputs_option
from ftlint.config import DEFAULT_PROFILE, MAX_FINDINGS, Choices
from ftlint.formats import METHODS
from ftlint.profile import PROFILES
from ftlint.reporters import REPORTERS, Style, drawable

Command = Callable[..., Any]


def _names(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> tuple[str, ...]:
    """Split names at commas; blanks around a name do not count."""
    names = (name.strip() for group in value for name in group.split(","))
    found = tuple(name for name in names if name)
    if value and not found:
        raise click.BadParameter("names no rule; leave the option out for all", ctx, param)
    return found


def _jobs(ctx: click.Context, param: click.Parameter, value: str) -> int | str:
    """Read a number of processes, or auto. Raises `click.BadParameter` for anything else."""
    if value == "auto":
        return value
    if not value.isdecimal() or int(value) < 1:
        raise click.BadParameter(f"{value!r} is neither auto nor a number from 1 up", ctx, param)
    return int(value)


def options_of(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Make one decorator of some options, in their order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


profile_option = click.option(
    "--profile",
    default=DEFAULT_PROFILE,
    show_default=True,
    metavar="NAME",
    help=f"The service: {', '.join(PROFILES)}, or the path of a profile of your own (.toml).",
)

service_options = options_of(
    profile_option,
    click.option(
        "--method",
        metavar="METHOD",
        help=f"The training method: {', '.join(METHODS)}. Default: what the data is for.",
    ),
)
"""Which service the data is for, and what it is to train."""

model_option = click.option(
    "--model",
    metavar="NAME",
    help="The base model; a job needs one. Without, rules about models are silent.",
)

progress_option = click.option("--no-progress", is_flag=True, help="No progress bar.")

text_option = click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print it.",
)

rule_options = options_of(
    service_options,
    model_option,
    click.option(
        "--validation", metavar="PATH", help="The file to validate with; it is checked too."
    ),
    click.option(
        "--select",
        metavar="NAMES",
        multiple=True,
        callback=_names,
        help="Apply only these rules: ids, rule.case, tags or ALL, separated by commas.",
    ),
    click.option(
        "--ignore", metavar="NAMES", multiple=True, callback=_names, help="Leave these rules out."
    ),
    click.option(
        "--extend-select",
        metavar="NAMES",
        multiple=True,
        callback=_names,
        help="Apply these rules as well.",
    ),
    click.option("--strict", is_flag=True, help="Warnings fail an input too."),
    click.option("--today", metavar="DATE", hidden=True, help="The day to compare dates with."),
)
"""What decides which rules are applied, and how."""

document_options = options_of(
    click.option(
        "--grader", metavar="FILE", help="The grader of a reinforcement job; checked too."
    ),
    click.option(
        "--response-format", metavar="FILE", help="The response format of the job; checked too."
    ),
)
"""The documents of a job that stand in files of their own."""


def choices_of(options: Mapping[str, Any]) -> Choices:
    """Return what `rule_options` and `document_options` say, as a check takes it."""
    return {
        "profile": options["profile"],
        "method": options["method"],
        "model": options["model"],
        "validation": options["validation"],
        "grader": options.get("grader"),
        "response_format": options.get("response_format"),
        "select": options["select"],
        "ignore": options["ignore"],
        "extend_select": options["extend_select"],
        "strict": options["strict"],
        "today": options["today"],
    }


cost_option = click.option(
    "--max-cost",
    type=float,
    metavar="USD",
    help="Warn when training on the data costs more, by the prices that are known.",
)

token_options = options_of(
    click.option(
        "--epochs",
        type=click.IntRange(min=1),
        metavar="N",
        help="How often the job goes over the data.  [default: as the service chooses]",
    ),
    click.option(
        "--prices", metavar="FILE", help="A table of prices (.toml), in the place of ftlint's own."
    ),
)
"""What a job over tokens comes to."""

run_options = options_of(
    click.option(
        "-j",
        "--jobs",
        metavar="N|auto",
        default="auto",
        show_default=True,
        callback=_jobs,
        help="Worker processes; auto is one for each processor, where that saves time.",
    ),
    click.option(
        "--range-size",
        type=click.IntRange(min=1),
        default=source.RANGE_SIZE,
        show_default=True,
        metavar="BYTES",
        help="Files are cut into ranges of about this size, to be checked one beside the other.",
    ),
    click.option(
        "--engine",
        type=click.Choice(["local", "dask"]),
        default="local",
        show_default=True,
        help="Where ranges are checked: on this machine, or on a Dask cluster.",
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="The scheduler of the Dask cluster, as in tcp://10.0.0.5:8786.  "
        "[default: DASK_SCHEDULER_ADDRESS]",
    ),
)
"""Where the work is done; the report does not depend on it."""

output_options = options_of(
    outputs_option(tuple(REPORTERS)),
    click.option(
        "--max-findings",
        type=click.IntRange(min=0),
        default=MAX_FINDINGS,
        show_default=True,
        metavar="N",
        help="Show this many findings of each rule and input; 0 for all. Counts stay exact.",
    ),
    click.option("--exit-zero", is_flag=True, help="Exit 0 also where inputs fail."),
    click.option("-q", "--quiet", count=True, help="Only the verdicts; -qq for nothing."),
    click.option(
        "-v", "--verbose", count=True, help="In full: infos too. And what is checked, on stderr."
    ),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colours; auto looks at the terminal, NO_COLOR and FORCE_COLOR.",
    ),
    progress_option,
)
"""How results are shown."""

survey_options = options_of(service_options, run_options, progress_option, text_option)
"""What the commands have that describe data."""


def _columns() -> int:
    from shutil import get_terminal_size  # noqa: PLC0415 - slow to import; for people only

    return get_terminal_size((100, 24)).columns


def style(color: str, verbosity: int, stream: IO[str]) -> Style:
    """Decide how to write to `stream`."""
    terminal = stream.isatty()
    width = _columns() if terminal else 100
    if color == "auto":
        forced = bool(os.environ.get("FORCE_COLOR"))
        colored = not os.environ.get("NO_COLOR") and (terminal or forced)
    else:
        colored = color == "always"
    return Style(max(width, 40), colored, verbosity, drawable(stream))
