"""`ftlint jobs`: what became of jobs, and what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from ftlint import jobs
from ftlint.cli.following import follow
from ftlint.cli.job_options import command_for, job_options
from ftlint.cli.job_requests import delete_command, deploy_command
from ftlint.cli.job_results import results_command
from ftlint.cli.reconcile import reconcile_command
from ftlint.cli.remote import Remote, Voice, poll_option, service_of
from ftlint.cli.seconds import SECONDS
from ftlint.cli.stage import Result
from ftlint.reporters.jobs import checkpointed, listed, requested, shown
from ftlint.watch import SUCCEEDED, status_of


@click.group("jobs")
def command() -> None:
    """List, watch and cancel jobs; fetch and plot their results.

    Keys come from the environment: AZURE_OPENAI_API_KEY, OPENAI_API_KEY, or Entra ID.
    """


command.add_command(results_command)
command.add_command(deploy_command)
command.add_command(delete_command)
command.add_command(reconcile_command)


@command.command("list")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Show this many, the latest first.",
)
@job_options
def list_command(limit: int, **options: Any) -> None:
    """List jobs, the latest first. Those that were started from this directory are marked."""
    with Result("jobs list", options) as result, _remote(options) as remote:
        found, more = jobs.latest(remote.api, limit)
        known = jobs.ours(remote.ledger, remote.api.host)
        told = [jobs.describe(job, known) for job in found]
        result.add(**_where(remote), jobs=told, more=more)
        result.show(listed(told, more=more))


@command.command("show")
@click.argument("job", metavar="JOB")
@job_options
def show_command(job: str, **options: Any) -> None:
    """Show all that is known of JOB. Times are in UTC."""
    jobs.check_id(job)
    with Result("jobs show", options) as result, _remote(options) as remote:
        found = jobs.find(remote.api, job)
        known = jobs.ours(remote.ledger, remote.api.host)
        jobs.remember(remote.ledger, remote.api.host, found)
        told = jobs.with_files(remote.api, jobs.describe(found, known))
        result.add(**_where(remote), job=told)
        result.show(shown(told))


@command.command("watch")
@click.argument("job", metavar="JOB")
@poll_option
@click.option(
    "--timeout",
    type=SECONDS,
    metavar="SECONDS",
    help="Stop watching after this time; the job goes on.  [default: watch to its end]",
)
@job_options
def watch_command(job: str, **options: Any) -> None:
    """Tell what happens to JOB until it ends.

    That goes to standard error; what became of it to standard output.
    Exit codes: 0 it succeeded, 7 it failed or was cancelled, 5 the time is over or the service
    cannot be reached, 130 interrupted; after the last two the job goes on.
    """
    voice = Voice.of(options)
    jobs.check_id(job)
    with Result("jobs watch", options) as result, _remote(options) as remote:
        result.add(**_where(remote))
        follow(remote, job, options, result, again=command_for("watch", job, options))
        voice.info(f"its results: {command_for('results', job, options)}")


@command.command("checkpoints")
@click.argument("job", metavar="JOB")
@job_options
def checkpoints_command(job: str, **options: Any) -> None:
    """List the checkpoints of JOB. Step, name, metrics, and which of them can be deployed."""
    jobs.check_id(job)
    with Result("jobs checkpoints", options) as result, _remote(options) as remote:
        found = jobs.find(remote.api, job)
        deployable = remote.profile.job.get("deployable_checkpoints")
        told = jobs.checkpoints(remote.api, job, deployable)
        result.add(**_where(remote), job=job, status=status_of(found), checkpoints=told)
        result.show(checkpointed(told, status=status_of(found), deployable=deployable))


def _add_action(action: str, does: str) -> None:
    """Add the command of an action on a job."""

    @command.command(action, help=f"{does}  Without --yes the request is printed, not sent.")
    @click.argument("job", metavar="JOB")
    @click.option("--yes", is_flag=True, help="Send the request.")
    @job_options
    def act(job: str, **options: Any) -> None:
        _act(action, jobs.check_id(job), options)


for _action, _does in (
    ("cancel", "Cancel JOB. What it has learnt so far is lost, but for its checkpoints."),
    ("pause", "Pause JOB, where the service can."),
    ("resume", "Let a paused JOB go on."),
):
    _add_action(_action, _does)


def _act(action: str, job: str, options: Mapping[str, Any]) -> None:
    """Send a request about a job, or print it."""
    profile, target = service_of(options)
    jobs.permit(profile.job, target.version, action)
    url = target.url(f"/fine_tuning/jobs/{job}/{action}")
    request = {"method": "POST", "url": url, "body": None, "note": ""}
    with Result(f"jobs {action}", options) as result:
        result.add(sent=bool(options["yes"]), request=request)
        if not options["yes"]:
            result.show(["not sent; --yes sends:", *requested(request), f"host: {target.host}"])
            return
        with _remote(options) as remote:
            told = jobs.describe(remote.api.act(job, action), jobs.ours(remote.ledger, target.host))
            result.add(**_where(remote), job=told)
            result.show([f"job {job}: {told['status']}"])
            if told["status"] != SUCCEEDED and not told["ended"]:
                remote.voice.info(f"how it goes on: {command_for('watch', job, options)}")


def _remote(options: Mapping[str, Any]) -> Remote:
    return Remote(options, Voice.of(options))


def _where(remote: Remote) -> dict[str, str]:
    return {"host": remote.api.host, "api_version": remote.api.version}
