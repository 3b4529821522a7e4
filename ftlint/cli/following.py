"""Watching a job to its end, for `jobs watch` and `run`."""

from __future__ import annotations

from typing import Any

from ftlint.cli.params import SERVICE, option_class, seconds
from ftlint.cli.result import Result
from ftlint.cli.service import PollOptions, Remote
from ftlint.reporters.jobs import shown
from ftlint.training import jobs
from ftlint.training.watch import watch


@option_class
class WatchOptions(PollOptions):
    """How a job is watched."""

    timeout: float | None = seconds(
        "Stop watching after this time; the job goes on.  [default: watch until it ends]",
        section=SERVICE)  # fmt: skip


def follow(
    remote: Remote, job: str, options: WatchOptions, result: Result, *, progress: bool, again: str
) -> dict[str, Any]:
    """Watch a job and show its outcome; return it as the service describes it.

    With `progress`, metrics are logged. `again` is the command that resumes watching. Raises
    `Rejected` if the job did not succeed.
    """
    log = remote.log.info
    ended = watch(remote.api, job, poll=options.poll, limit=options.timeout, on_event=log,
                  on_metrics=log if progress else lambda _: None, again=again)  # fmt: skip
    jobs.remember(remote.ledger, remote.api.host, ended)
    ours = jobs.ours(remote.ledger, remote.api.host)
    data = jobs.with_files(remote.api, jobs.describe(ended, ours))
    result.add(job=data)
    jobs.insist(ended)
    result.show(shown(data))
    return ended
