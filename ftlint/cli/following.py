"""Watching a job to its end, for `jobs watch` and `run`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ftlint import jobs
from ftlint.cli.remote import Remote
from ftlint.cli.stage import Result
from ftlint.reporters.jobs import shown
from ftlint.watch import watch


def follow(
    remote: Remote, job: str, options: Mapping[str, Any], result: Result, *, again: str
) -> dict[str, Any]:
    """Watch a job, and show what became of it; return it as the service describes it.

    `again` says how to go on watching. Raises `Rejected` where it did not succeed.
    """
    ended = watch(
        remote.api,
        job,
        poll=options["poll"],
        limit=options["timeout"],
        on_event=remote.voice.info,
        on_metrics=remote.voice.progress(options),
        again=again,
    )
    jobs.remember(remote.ledger, remote.api.host, ended)
    known = jobs.ours(remote.ledger, remote.api.host)
    told = jobs.with_files(remote.api, jobs.describe(ended, known))
    result.add(job=told)
    jobs.insist(ended)
    result.show(shown(told))
    return ended
