"""`ftlint jobs`: list, show, watch and act on fine-tuning jobs."""

from __future__ import annotations

from typing import Any

import click

from ftlint.cli.commands.jobs.reconcile import reconcile_command
from ftlint.cli.commands.jobs.requests import delete_command, deploy_command
from ftlint.cli.commands.jobs.results import results_command
from ftlint.cli.following import WatchOptions, follow
from ftlint.cli.params import Options, option, option_class, takes
from ftlint.cli.result import Result, stage
from ftlint.cli.service import Remote, StageOptions
from ftlint.reporters.jobs import checkpointed, listed, requested, shown
from ftlint.training import jobs
from ftlint.training.watch import SUCCEEDED, status_of


@click.group("jobs")
def command() -> None:
    """List, watch and cancel jobs; fetch and plot their results.

    Keys come from the environment: AZURE_OPENAI_API_KEY, OPENAI_API_KEY, or Entra ID.
    """


command.add_command(results_command)
command.add_command(deploy_command)
command.add_command(delete_command)
command.add_command(reconcile_command)


@option_class
class _ListOptions(Options):
    """How many jobs are listed."""

    limit: int = option("Show at most this many, the latest first.",
                        type=click.IntRange(min=1), default=20, metavar="N")  # fmt: skip


@option_class
class _ActOptions(Options):
    """Whether a request is sent."""

    yes: bool = option("Send the request.", is_flag=True)


@command.command("list")
@takes(_ListOptions, StageOptions)
def list_command(**given: Any) -> None:
    """List jobs, the latest first. Those started from this directory are marked."""
    options = StageOptions.of(given)
    with stage("jobs list", options) as (result, remote):
        latest, more = jobs.latest(remote.api, _ListOptions.of(given).limit)
        ours = jobs.ours(remote.ledger, remote.api.host)
        described = [jobs.describe(job, ours) for job in latest]
        result.add(**_api(remote), jobs=described, more=more)
        result.show(listed(described, more=more))


@command.command("show")
@click.argument("job", metavar="JOB")
@takes(StageOptions)
def show_command(job: str, **given: Any) -> None:
    """Show everything about JOB. Times are in UTC."""
    options = StageOptions.of(given)
    jobs.check_id(job)
    with stage("jobs show", options) as (result, remote):
        found = jobs.find(remote.api, job)
        ours = jobs.ours(remote.ledger, remote.api.host)
        jobs.remember(remote.ledger, remote.api.host, found)
        described = jobs.with_files(remote.api, jobs.describe(found, ours))
        result.add(**_api(remote), job=described)
        result.show(shown(described))


@command.command("watch")
@click.argument("job", metavar="JOB")
@takes(WatchOptions, StageOptions)
def watch_command(job: str, **given: Any) -> None:
    """Watch JOB until it ends.

    Events go to standard error, the outcome to standard output.
    Exit codes: 0 the job succeeded, 7 it failed or was cancelled, 5 timeout or the service
    cannot be reached, 130 interrupted; after the last two the job goes on.
    """
    options = StageOptions.of(given)
    jobs.check_id(job)
    with stage("jobs watch", options) as (result, remote):
        result.add(**_api(remote))
        follow(remote, job, WatchOptions.of(given), result, progress=not options.no_progress,
               again=options.jobs_command("watch", job))  # fmt: skip
        remote.log.info(f"its results: {options.jobs_command('results', job)}")


@command.command("checkpoints")
@click.argument("job", metavar="JOB")
@takes(StageOptions)
def checkpoints_command(job: str, **given: Any) -> None:
    """List the checkpoints of JOB: step, name, metrics, and which of them can be deployed."""
    options = StageOptions.of(given)
    jobs.check_id(job)
    with stage("jobs checkpoints", options) as (result, remote):
        status = status_of(jobs.find(remote.api, job))
        deployable = remote.profile.job.get("deployable_checkpoints")
        checkpoints = jobs.checkpoints(remote.api, job, deployable)
        result.add(**_api(remote), job=job, status=status, checkpoints=checkpoints)
        result.show(checkpointed(checkpoints, status=status, deployable=deployable))


def _add_action(action: str, text: str) -> None:
    """Add the command of an action on a job."""

    @command.command(action, help=f"{text}  Without --yes the request is printed, not sent.")
    @click.argument("job", metavar="JOB")
    @takes(_ActOptions, StageOptions)
    def act(job: str, **given: Any) -> None:
        yes = _ActOptions.of(given).yes
        _act(action, jobs.check_id(job), StageOptions.of(given), yes=yes)


for _action, _text in (
    ("cancel", "Cancel JOB. What it has learnt so far is lost, save its checkpoints."),
    ("pause", "Pause JOB, if the service supports it."),
    ("resume", "Resume a paused JOB."),
):
    _add_action(_action, _text)


def _act(action: str, job: str, options: StageOptions, *, yes: bool) -> None:
    """Send a request about a job, or print it."""
    profile, target = options.service()
    jobs.permit(profile.job, target.version, action)
    url = target.url(f"/fine_tuning/jobs/{job}/{action}")
    request = {"method": "POST", "url": url, "body": None, "note": ""}
    with Result(f"jobs {action}", options.output_format) as result:
        result.add(sent=yes, request=request)
        if not yes:
            result.show(["not sent; --yes sends:", *requested(request), f"host: {target.host}"])
            return
        with Remote(options, options.verbosity) as remote:
            answer = remote.api.act(job, action)
            described = jobs.describe(answer, jobs.ours(remote.ledger, target.host))
            result.add(**_api(remote), job=described)
            result.show([f"job {job}: {described['status']}"])
            if described["status"] != SUCCEEDED and not described["ended"]:
                remote.log.info(f"to watch it: {options.jobs_command('watch', job)}")


def _api(remote: Remote) -> dict[str, str]:
    return {"host": remote.api.host, "api_version": remote.api.version}
