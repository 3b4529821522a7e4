"""`ftlint run`: check, upload, launch and watch, resuming where an earlier run ended."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from ftlint.cli.following import WatchOptions, follow
from ftlint.cli.gate import GateOptions
from ftlint.cli.launch_options import JobOptions
from ftlint.cli.launching import LaunchOptions, plan, start_job
from ftlint.cli.options import style
from ftlint.cli.params import SectionedCommand, takes
from ftlint.cli.result import Result, stage
from ftlint.cli.service import Remote, StageOptions
from ftlint.cli.transfer import UploadOptions, upload_files
from ftlint.core.errors import PASSED, FtlintError
from ftlint.reporters.results import render, to_dict
from ftlint.training import jobs
from ftlint.training.results import read


@click.command("run", cls=SectionedCommand)
@click.argument("train", metavar="TRAIN")
@takes(JobOptions, GateOptions, UploadOptions, WatchOptions, StageOptions)
def command(train: str, **given: Any) -> int:
    """Check TRAIN, upload it, start a job on it, and watch the job to its end.

    Without --yes it checks, shows what would be uploaded and started, and sends nothing. Run
    again, it resumes: uploaded files are reused, and the job that was started is watched.
    """
    upload, output = UploadOptions.of(given), StageOptions.of(given)
    options = LaunchOptions(GateOptions.of(given), JobOptions.of(given), upload, output)
    with stage("run", output, sends=options.job.yes) as (result, remote):
        launch = plan(train, options, remote, result)
        if isinstance(launch, int):
            return launch
        sent = upload_files(remote, launch.receipt, upload, progress=output.progress)
        started = start_job(launch, sent, result)
        job = follow(remote, started.data["id"], WatchOptions.of(given), result,
                     progress=not output.no_progress,
                     again="the same command, run again")  # fmt: skip
        _show_results(remote, job, result)
    return PASSED


def _show_results(remote: Remote, job: Mapping[str, Any], result: Result) -> None:
    """Show the metrics of a job; without them it has succeeded all the same."""
    try:
        files = list(jobs.result_files(remote.api, job))
        metrics = read(files[0].data)
    except FtlintError as error:
        remote.log.info(f"the job succeeded; its results cannot be shown: {error}")
        return
    result.add(results=to_dict(metrics))
    result.show(render(metrics, style("auto", 0, sys.stdout)), painted=True)
