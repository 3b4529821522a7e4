"""The command line: one module a command, imported when the command is called."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from ftlint.cli.output import discard, guarded, learn_secrets, say
from ftlint.core.errors import INTERRUPTED, PASSED, UNUSABLE, FtlintError, nearest
from ftlint.version import __version__

_COMMANDS = {
    "check": "Report what a service would reject, drop or learn badly from.",
    "fix": "Fix what can be fixed safely, then check.",
    "tokens": "Count tokens, and what training on them costs.",
    "stats": "Describe data: roles, sizes, prompts, answers, tools, images, scripts.",
    "rule": "Explain a rule, or list all rules.",
    "profile": "Show the limits and rule levels of a service, with sources.",
    "upload": "Upload files that pass the check, and no others.",
    "launch": "Start a job on files that passed and were uploaded.",
    "run": "Check, upload, launch and watch, in one.",
    "jobs": "List, watch, cancel jobs; fetch and plot their results.",
    "emulator": "Rehearse without a cloud: a local server that answers as the services do.",
}


_ALIASES = {"lint": "check"}


_MODULES = {"jobs": "jobs.group"}
"""Modules that are not named like their command."""


class Commands(click.Group):
    """The commands by name; only the module of the one that is called is imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names for `--help`, without aliases."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command. Raises `click.UsageError` for one that does not exist."""
        name = _ALIASES.get(cmd_name, cmd_name)
        if name not in _COMMANDS:
            near = nearest(name, _COMMANDS)
            hint = f"did you mean {near!r}?" if near else f"known: {', '.join(_COMMANDS)}"
            raise click.UsageError(f"no command {cmd_name!r}; {hint}", ctx)
        module = import_module(f"ftlint.cli.commands.{_MODULES.get(name, name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=Commands,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="ftlint %(version)s")
def group() -> None:
    """Lint fine-tuning data for LLMs: every fault, with line, column, reason and remedy.

    Exit codes: 0 passed, 1 failed, 2 usage, configuration or unreadable input, 3 refused by the
    gate, 4 credentials, 5 network or quota (run it again), 6 outcome unknown, 7 rejected by the
    service, 130 interrupted.
    """


def run(arguments: Sequence[str]) -> int:
    """Run a command line; return the exit code. No input ends in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    learn_secrets(os.environ)
    with guarded():
        return _run(arguments)


def _run(arguments: Sequence[str]) -> int:
    try:
        with group.make_context("ftlint", list(arguments)) as ctx:  # main would hide a broken pipe
            code = group.invoke(ctx)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, click.Abort):
        say("interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - a bug is reported in one line too
        return report_error(error)
    return code if isinstance(code, int) else PASSED


def report_error(error: Exception) -> int:
    """Print an error in one line; return the exit code."""
    from ftlint.core.errors import exit_code  # noqa: PLC0415 - a check without errors starts faster

    if isinstance(error, OSError) and not error.filename:
        discard(sys.stdout)
    if os.environ.get("FTLINT_DEBUG"):
        import traceback  # noqa: PLC0415 - for debugging only

        say(*"".join(traceback.format_exception(error)).split("\n"))
    say(f"error: {' '.join(_words(error).split())}")
    return exit_code(error) if isinstance(error, FtlintError) else UNUSABLE


def _words(error: Exception) -> str:
    """Return what went wrong, and what to do."""
    if isinstance(error, click.UsageError):
        where = f"; see {error.ctx.command_path} --help" if error.ctx else ""
        return f"{error.format_message().rstrip('.')}{where}"
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, FtlintError):
        return str(error)
    if isinstance(error, BrokenPipeError):
        return "the reader of the output went away; write to a file instead"
    if isinstance(error, OSError):
        return f"{_place(error)}: {(error.strerror or str(error)).lower()}"
    what = f"{type(error).__name__}: {error}"
    return f"a bug in ftlint {__version__}: {what}; report it with FTLINT_DEBUG=1 set"


def _place(error: OSError) -> str:
    """Return what an error of the operating system is about: a file, or else standard output."""
    if error.filename:
        return os.fsdecode(error.filename)
    try:
        os.getcwd()
    except FileNotFoundError:
        return "the working directory is gone; change to another"
    return "standard output: cannot write"
