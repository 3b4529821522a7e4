"""`ftlint jobs reconcile`: finds the jobs whose request got no answer."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.params import option, option_class, seconds, takes
from ftlint.cli.result import Result, stage
from ftlint.cli.service import PollOptions, Remote, StageOptions
from ftlint.core.errors import FtlintError, UnknownOutcome
from ftlint.reporters.launch import job_lines
from ftlint.training.launch.reconcile import reconcile, unresolved
from ftlint.training.launch.start import Started, forget


@option_class
class _Options(PollOptions):
    """How long to look, or which intent to give up."""

    wait: float = seconds("Keep looking for this long.", default=0.0)
    forgotten: str | None = option(
        "Assume that this intent became no job, after looking yourself; it may then be sent again.",
        "--forget", metavar="INTENT")  # fmt: skip


@click.command("reconcile")
@takes(_Options, StageOptions)
def reconcile_command(**given: Any) -> None:
    """Look for the jobs that were requested from here and got no answer.

    A job that is found is used by launch and run. Exit code 6 if one is not found: it is not
    requested again before --forget says that there is none.
    """
    options = _Options.of(given)
    with stage("jobs reconcile", StageOptions.of(given)) as (result, remote):
        if options.forgotten is not None:
            _forget(options.forgotten, remote, result)
        else:
            _reconcile(options, remote, result)


def _forget(intent: str, remote: Remote, result: Result) -> None:
    """Mark an intent as one that became no job. Raises `FtlintError` if it is not unresolved."""
    waiting = [entry["intent"] for entry in unresolved(remote.ledger, remote.api.host)]
    if intent not in waiting:
        others = ", ".join(waiting) or "there is none"
        raise FtlintError(f"intent {intent!r} waits for no answer; those that do: {others}")
    forget(remote.ledger, intent)
    result.add(forgotten=intent)
    result.show([f"intent {intent}: forgotten; launch sends it again"])


def _reconcile(options: _Options, remote: Remote, result: Result) -> None:
    """Show the jobs that are found. Raises `UnknownOutcome` for the first that is not."""
    found: list[Started] = []
    missing: list[UnknownOutcome] = []
    for entry in unresolved(remote.ledger, remote.api.host):
        try:
            job = reconcile(
                remote.api, remote.ledger, entry, patience=options.wait, poll=options.poll
            )
        except UnknownOutcome as unknown:
            missing.append(unknown)
        else:
            found.append(Started(entry["intent"], job, adopted=True))
    result.add(found=[started._asdict() for started in found])
    for started in found:
        result.show(job_lines(started.data, remote.api.host, "found"))
    if missing:
        raise missing[0]
    if not found:
        result.show(["no request waits for an answer"])
