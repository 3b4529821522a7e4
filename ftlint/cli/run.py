"""`ftlint run`: check, upload, launch and watch, each of which goes on where it ended."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from ftlint import jobs
from ftlint.cli import PASSED
from ftlint.cli.following import follow
from ftlint.cli.grouped import Grouped
from ftlint.cli.job_settings import launch_options
from ftlint.cli.launching import plan
from ftlint.cli.options import style
from ftlint.cli.remote import Remote, Voice, poll_option, remote_options
from ftlint.cli.seconds import SECONDS
from ftlint.cli.sending import gate_options, kept, send, send_options
from ftlint.cli.stage import Result
from ftlint.model import FtlintError
from ftlint.reporters.training import render, to_dict
from ftlint.results import read


@click.command("run", cls=Grouped)
@click.argument("train", metavar="TRAIN")
@gate_options
@launch_options
@send_options
@poll_option
@remote_options
@click.option(
    "--timeout",
    type=SECONDS,
    metavar="SECONDS",
    help="Watch the job this long.  [default: until it ends]",
)
def command(train: str, **options: Any) -> int:
    """Check TRAIN, upload it, start a job on it, and watch that to its end.

    Without --yes it checks, tells what would be uploaded and started, and sends nothing. Run
    again, it goes on where it ended: files that the service has are used, and the job that was
    started is watched.
    """
    voice = Voice.of(options)
    with Result("run", options) as result, Remote(options, voice, sends=options["yes"]) as remote:
        launch = plan(train, options, remote, result)
        if isinstance(launch, int):
            return launch
        with kept(voice, options):
            sent = send(remote, launch.receipt, options)
        started = launch.start(sent, options, result)
        again = "the same command, run again"
        job = follow(remote, started.data["id"], options, result, again=again)
        _results(remote, job, result)
    return PASSED


def _results(remote: Remote, job: Mapping[str, Any], result: Result) -> None:
    """Show what a job measured; that it succeeded does not depend on it."""
    try:
        files = list(jobs.result_files(remote.api, job))
        measured = read(files[0].data)
    except FtlintError as error:
        remote.voice.info(f"the job succeeded; its results cannot be shown: {error}")
        return
    result.add(results=to_dict(measured))
    result.show(render(measured, style("auto", 0, sys.stdout)))
