"""`ftlint jobs reconcile`: what became of jobs whose request got no answer."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.job_options import job_options
from ftlint.cli.remote import Remote, Voice, poll_option
from ftlint.cli.seconds import SECONDS
from ftlint.cli.stage import Result
from ftlint.failures import UnknownOutcome
from ftlint.launch import Started, forget, reconcile, unresolved
from ftlint.model import FtlintError
from ftlint.reporters.stages import job_lines


@click.command("reconcile")
@click.option(
    "--wait",
    type=SECONDS,
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="Look for this long.",
)
@click.option(
    "--forget",
    "forgotten",
    metavar="INTENT",
    help="Take it that this intent became no job: you have looked. It may be sent anew then.",
)
@poll_option
@job_options
def reconcile_command(wait: float, forgotten: str | None, **options: Any) -> None:
    """Look for the jobs that were sent from here and got no answer.

    One that is found is taken for what launch and run start. Exit code 6 where one is not found:
    it is not sent again before --forget says that there is none.
    """
    voice = Voice.of(options)
    with Result("jobs reconcile", options) as result, Remote(options, voice) as remote:
        waiting = {entry["intent"]: entry for entry in unresolved(remote.ledger, remote.api.host)}
        if forgotten is not None:
            if forgotten not in waiting:
                known = ", ".join(waiting) or "there is none"
                raise FtlintError(
                    f"intent {forgotten!r} waits for no answer; those that do: {known}"
                )
            forget(remote.ledger, forgotten)
            result.add(forgotten=forgotten)
            result.show([f"intent {forgotten}: forgotten; launch sends it anew"])
            return
        found: list[Started] = []
        missing: list[UnknownOutcome] = []
        for name, entry in waiting.items():
            try:
                job = reconcile(
                    remote.api, remote.ledger, entry, patience=wait, poll=options["poll"]
                )
            except UnknownOutcome as unknown:
                missing.append(unknown)
            else:
                found.append(Started(name, job, adopted=True))
        result.add(found=[started._asdict() for started in found])
        for started in found:
            result.show(job_lines(started.data, remote.api.host, "found"))
        if missing:
            raise missing[0]
        if not found:
            result.show(["no request waits for an answer"])
