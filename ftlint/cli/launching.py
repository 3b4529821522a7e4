"""From options to a job, for `launch` and `run`: check the job, show the request, start it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import click

from ftlint.analysis.tokens.cost import estimate
from ftlint.cli.describe import survey
from ftlint.cli.gate import GateOptions, Passing, pass_gate
from ftlint.cli.launch_options import JobOptions
from ftlint.cli.output import say
from ftlint.cli.result import Result
from ftlint.cli.service import Remote, StageOptions
from ftlint.cli.transfer import FindOptions, UploadOptions, data_files
from ftlint.config.config import Config
from ftlint.core.errors import FAILED, PASSED, Refused
from ftlint.core.finding import Finding, Severity
from ftlint.core.report import TOKENS, Report
from ftlint.engine.checker import check_job
from ftlint.engine.report_builder import TrainingData
from ftlint.reporters.launch import before_lines, job_lines, plan_lines, request_lines, sent_lines
from ftlint.reporters.tokens import estimate as estimate_lines
from ftlint.training.launch.existing_jobs import remembered
from ftlint.training.launch.reconcile import unresolved
from ftlint.training.launch.request import JobSpec, body_of
from ftlint.training.launch.start import Started, start
from ftlint.training.receipt import TRAIN, VALIDATION, Receipt
from ftlint.training.upload.routes import choose
from ftlint.training.upload.uploader import UploadedFile, remote_name

_TOO_MANY = "too-many-training-tokens"


class LaunchOptions(NamedTuple):
    """All options that decide about a job; `files` is how its files get to the service."""

    check: GateOptions
    job: JobOptions
    files: FindOptions
    stage: StageOptions


class Launch(NamedTuple):
    """A job that may be started: its data passed the gate."""

    train: str
    options: LaunchOptions
    config: Config
    report: Report | None
    receipt: Receipt
    remote: Remote
    spec: JobSpec


def plan(train: str, options: LaunchOptions, remote: Remote, result: Result) -> Launch | int:
    """Check data and job; return the job to start, or the exit code if none is to be started."""
    passing = _check(train, options)
    if passing.receipt is None:
        return result.refuse(passing)
    spec = _job_spec(options, passing.config, passing.receipt, remote)
    launch = Launch(train, options, passing.config, passing.report, passing.receipt, remote, spec)
    if _refused(_job_findings(launch), result):
        return FAILED
    if not options.job.yes:
        _rehearse(launch, result)
        return PASSED
    return launch


def _check(train: str, options: LaunchOptions) -> Passing:
    """Check data and job, or the job alone if the data has a receipt."""
    if not options.check.model:
        raise click.UsageError("a job needs a model; name one with --model")
    options.files.check_container()
    stage = options.stage
    return pass_gate(train, options.check, progress=stage.progress, verbosity=stage.verbosity,
                     **options.job.choices())  # fmt: skip


def _job_spec(options: LaunchOptions, config: Config, receipt: Receipt, remote: Remote) -> JobSpec:
    """Return what the job is to be."""
    profile, job = remote.profile, options.job
    digests = {file.role: file.sha256 for file in receipt.files}
    return JobSpec(
        host=remote.target.host,
        model=str(options.check.model),
        method=receipt.method,
        train=digests[TRAIN],
        validation=digests.get(VALIDATION),
        hyperparameters=job.hyperparameters(),
        suffix=job.suffix,
        seed=job.seed,
        tier=profile.tier(job.tier) if job.tier else profile.job.get("default_tier"),
        grader=config.job.get("grader"),
        response_format=config.job.get("response_format"),
    )


def _job_findings(launch: Launch) -> Iterator[Finding]:
    """Yield findings about the job itself, if its data was checked earlier.

    Raises `Refused` for what the receipt does not record.
    """
    train = launch.receipt.of(TRAIN)
    if launch.report is not None or train is None:
        return
    if train.tokens is None and launch.options.job.max_cost is not None:
        words = "the receipt holds no token counts, which --max-cost needs"
        raise Refused(f"{words}; check again with --tokens exact")
    config = launch.config._replace(method=launch.spec.method)
    data = TrainingData(train.bytes, train.examples, train.tokens)
    for finding in check_job(config, launch.train, data):
        if finding.rule == _TOO_MANY and train.tokens is None:
            words = f"the receipt holds no token counts, and {finding.message}"
            raise Refused(f"{words}; check again with --tokens exact")
        yield finding


def _refused(findings: Iterable[Finding], result: Result) -> bool:
    """Show findings about a job; return whether it must not be started."""
    shown = [each for each in findings if each.severity != Severity.INFO]
    refused = any(each.severity == Severity.ERROR for each in shown)
    result.add(findings=[
        {"rule": each.rule, "severity": each.severity, "message": each.message, "help": each.help}
        for each in shown
    ])  # fmt: skip
    lines = [
        f"{each.severity}[{each.rule}]: {each.message}{f'; {each.help}' if each.help else ''}"
        for each in shown
    ]
    if refused:
        result.show(lines)
    else:
        for line in lines:
            say(line)
    return refused


def _rehearse(launch: Launch, result: Result) -> None:
    """Show what would be done; send nothing."""
    remote, tier = launch.remote, launch.spec.tier
    uploads = list(_planned_uploads(launch))
    files = {each["role"]: each["file"] or f"<id of {each['name']}>" for each in uploads}
    body = body_of(launch.spec, remote.profile.job, remote.target.version,
                   train=files[TRAIN], validation=files.get(VALIDATION))  # fmt: skip
    url = remote.target.url("/fine_tuning/jobs")
    tokens = _token_counts(launch)
    before = remembered(remote.ledger, launch.spec)
    result.add(passed=True, sent=False, host=remote.target.host, uploads=uploads, before=before,
               request={"method": "POST", "url": url, "body": body},
               estimate=estimate(tokens, tier)._asdict())  # fmt: skip
    result.show(
        [
            *plan_lines(uploads, sends=isinstance(launch.options.files, UploadOptions)),
            *request_lines(url, body),
            *estimate_lines(tokens, tier),
            *before_lines(before),
            "nothing was sent; to do it, add --yes",
        ]
    )


def _planned_uploads(launch: Launch) -> Iterator[dict[str, Any]]:
    """Yield each file with its route, or with its id if it was uploaded before."""
    remote, options = launch.remote, launch.options.files
    for file in data_files(launch.receipt):
        route = choose(file.bytes, options.route, remote.profile.upload, remote.target.version,
                       options.container)  # fmt: skip
        sent = next(remote.ledger.sent(remote.target.host, file.sha256), None)
        yield {**file._asdict(), "name": remote_name(file), "route": route.name,
               "reason": route.reason, "file": sent and sent.get("file")}  # fmt: skip


def _token_counts(launch: Launch) -> Mapping[str, Any]:
    """Return the token counts; data that was checked earlier is read again for them."""
    check, job = launch.options.check, launch.options.job
    report = launch.report or survey(
        [launch.train], check, progress=launch.options.stage.progress, profile=check.profile,
        method=launch.spec.method, model=check.model, tokens="exact", epochs=job.epochs,
        prices=job.prices)  # fmt: skip
    counts: Mapping[str, Any] = report.statistics[report.inputs[0].path][TOKENS]
    return counts


def start_job(launch: Launch, sent: Sequence[UploadedFile], result: Result) -> Started:
    """Start the job on uploaded files, exactly once; show both."""
    remote, options = launch.remote, launch.options
    result.add(passed=True, sent=True, receipt=launch.receipt.to_dict(),
               files=[file._asdict() for file in sent])  # fmt: skip
    result.show(sent_lines(sent))
    try:
        started = start(
            remote.api, remote.ledger, launch.spec, remote.profile.job,
            files={file.role: file.file for file in sent}, again=options.job.again,
            patience=options.job.reconcile_for, poll=options.files.poll, log=remote.log,
        )  # fmt: skip
    except KeyboardInterrupt:
        if unresolved(remote.ledger, remote.api.host):
            words = "it is unknown whether a job was started: run the same command again"
            say(f"{words}, or ftlint jobs reconcile")
        raise
    how = "found" if started.adopted else "started before" if started.reused else "started"
    result.add(job=started.data, intent=started.intent, how=how)
    result.show(job_lines(started.data, remote.api.host, how))
    return started
