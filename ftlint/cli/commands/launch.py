"""`ftlint launch`: starts a job on files that passed, and on no others."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.gate import GateOptions
from ftlint.cli.launch_options import JobOptions
from ftlint.cli.launching import LaunchOptions, plan, start_job
from ftlint.cli.params import SectionedCommand, takes
from ftlint.cli.result import stage
from ftlint.cli.service import StageOptions
from ftlint.cli.transfer import FindOptions, find_files
from ftlint.core.errors import PASSED


@click.command("launch", cls=SectionedCommand)
@click.argument("train", metavar="TRAIN")
@takes(JobOptions, GateOptions, FindOptions, StageOptions)
def command(train: str, **given: Any) -> int:
    """Start a job on TRAIN, and the --validation file, which passed and were uploaded.

    Without --yes it shows what would be sent, and sends nothing. One command starts one job: the
    intent is recorded before the request is sent, and a request that gets no answer is not sent
    again; the job is looked for in the list of jobs instead.
    """
    files = FindOptions.of(given)
    options = LaunchOptions(
        GateOptions.of(given), JobOptions.of(given), files, StageOptions.of(given)
    )
    with stage("launch", options.stage, sends=options.job.yes) as (result, remote):
        launch = plan(train, options, remote, result)
        if isinstance(launch, int):
            return launch
        start_job(launch, find_files(remote, launch.receipt, files), result)
    return PASSED
