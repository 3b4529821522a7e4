"""`ftlint launch`: a job starts on files that passed, and on no others."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli import PASSED
from ftlint.cli.grouped import Grouped
from ftlint.cli.job_settings import launch_options
from ftlint.cli.launching import plan
from ftlint.cli.remote import Remote, Voice, poll_option, remote_options
from ftlint.cli.sending import find, find_options, gate_options
from ftlint.cli.stage import Result


@click.command("launch", cls=Grouped)
@click.argument("train", metavar="TRAIN")
@gate_options
@launch_options
@find_options
@poll_option
@remote_options
def command(train: str, **options: Any) -> int:
    """Start a job on TRAIN, and the --validation file, which passed and were uploaded.

    Without --yes it tells what would be sent, and sends nothing. One command starts one job: what
    is meant is noted before it is sent, and a request that gets no answer is not sent again, but
    looked for among the jobs.
    """
    voice = Voice.of(options)
    with (
        Result("launch", options) as result,
        Remote(options, voice, sends=options["yes"]) as remote,
    ):
        launch = plan(train, options, remote, result)
        if isinstance(launch, int):
            return launch
        launch.start(find(remote, launch.receipt, options), options, result)
    return PASSED
