"""From options to a job: judged, told, started; for `launch` and `run`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import click

from ftlint.checker import check_job
from ftlint.cli import FAILED, PASSED
from ftlint.cli.job_settings import hyperparameters
from ftlint.cli.receipts import Passing, pass_gate
from ftlint.cli.remote import Remote
from ftlint.cli.sending import data_of, ensure_place
from ftlint.cli.stage import Result
from ftlint.cli.survey import survey
from ftlint.gate import TRAIN, VALIDATION, Receipt
from ftlint.launch import JobSpec, Started, body_of, remembered, start, unresolved
from ftlint.model import Finding, Severity
from ftlint.redact import redact
from ftlint.reporters.stages import before_lines, job_lines, plan_lines, request_lines, sent_lines
from ftlint.reporters.tokens import estimate as estimate_lines
from ftlint.tally import TOKENS
from ftlint.tokens.bill import estimate
from ftlint.upload import UploadedFile, remote_name
from ftlint.upload.route import choose


def _judge(train: str, options: Mapping[str, Any]) -> Passing:
    """Check data and job, or the job alone where the data has a receipt."""
    if not options["model"]:
        raise click.UsageError("a job needs a model; name one with --model")
    if options["receipt"] and options["max_cost"] is not None:
        raise click.UsageError("--max-cost is for the check; leave it out with --receipt")
    ensure_place(options)
    return pass_gate(
        train,
        options,
        hyperparameters=hyperparameters(options),
        suffix=options["suffix"],
        seed=options["seed"],
        tier=options["tier"],
        epochs=options["epochs"],
        prices=options["prices"],
        max_cost=options["max_cost"],
        tokens="exact",
        launching=True,
    )


class Launch(NamedTuple):
    """A job that may be started: whether data and job are sound is known."""

    passing: Passing
    receipt: Receipt
    remote: Remote
    spec: JobSpec
    train: str

    @classmethod
    def of(
        cls,
        train: str,
        passing: Passing,
        receipt: Receipt,
        remote: Remote,
        options: Mapping[str, Any],
    ) -> Launch:
        """Put together what is meant."""
        profile = remote.profile
        given = options["tier"]
        digests = {file.role: file.sha256 for file in receipt.files}
        job = passing.config.job
        spec = JobSpec(
            host=remote.target.host,
            model=options["model"],
            method=receipt.method,
            train=digests[TRAIN],
            validation=digests.get(VALIDATION),
            hyperparameters=hyperparameters(options),
            suffix=options["suffix"],
            seed=options["seed"],
            tier=profile.tier(given) if given else profile.job.get("default_tier"),
            grader=job.get("grader"),
            response_format=job.get("response_format"),
        )
        return cls(passing, receipt, remote, spec, train)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the job itself, where the data was checked earlier."""
        if self.passing.report is None:
            yield from check_job(self.passing.config._replace(method=self.spec.method), self.train)

    def counted(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is told of the tokens; data that was checked earlier is read for that."""
        report = self.passing.report or survey(
            [self.train],
            {**options, "method": self.spec.method},
            tokens="exact",
            epochs=options["epochs"],
            prices=options["prices"],
        )
        told: Mapping[str, Any] = report.statistics[report.inputs[0].path][TOKENS]
        return told

    def body(self, files: Mapping[str, str | None]) -> dict[str, Any]:
        """Return the body of the request."""
        return body_of(
            self.spec,
            self.remote.profile.job,
            self.remote.target.version,
            train=str(files[TRAIN]),
            validation=files.get(VALIDATION),
        )

    def rehearse(self, options: Mapping[str, Any], result: Result) -> None:
        """Tell what would be done; nothing is sent."""
        ledger = self.remote.ledger
        uploads, files = [], {}
        for file in data_of(self.receipt):
            route = choose(
                file.bytes,
                options.get("route"),
                self.remote.profile.upload,
                self.remote.target.version,
                options.get("container"),
            )
            sent = next(ledger.sent(self.remote.target.host, file.sha256), None)
            name = remote_name(file)
            files[file.role] = sent["file"] if sent else f"<id of {name}>"
            uploads.append({**file._asdict(), "name": name, "route": route.name,
                            "reason": route.reason, "file": sent and sent["file"]})  # fmt: skip
        body = self.body(files)
        url = self.remote.target.url("/fine_tuning/jobs")
        counted = self.counted(options)
        before = remembered(ledger, self.spec)
        host = self.remote.target.host
        result.add(passed=True, sent=False, host=host, uploads=uploads, before=before,
                   request={"method": "POST", "url": url, "body": body},
                   estimate=estimate(counted, self.spec.tier)._asdict())  # fmt: skip
        result.show(
            [
                *plan_lines(uploads, sends="route" in options),
                *request_lines(url, body),
                *estimate_lines(counted, self.spec.tier),
                *before_lines(before),
                "nothing was sent; to do it, add --yes",
            ]
        )

    def start(
        self, sent: Iterable[UploadedFile], options: Mapping[str, Any], result: Result
    ) -> Started:
        """Start the job on files that the service has, once; tell of both."""
        remote = self.remote
        files = {file.role: file.file for file in sent}
        result.add(passed=True, sent=True, receipt=self.receipt.to_dict(),
                   files=[file._asdict() for file in sent])  # fmt: skip
        result.show(sent_lines(sent))
        try:
            started = start(
                remote.api,
                remote.ledger,
                self.spec,
                remote.profile.job,
                files=files,
                again=options["again"],
                patience=options["reconcile_for"],
                poll=options["poll"],
                log=remote.voice,
            )
        except KeyboardInterrupt:
            if unresolved(remote.ledger, remote.api.host):
                words = "whether a job was started is not known: run the same command again"
                click.echo(f"{words}, or ftlint jobs reconcile", err=True)
            raise
        how = "found" if started.adopted else "started before" if started.reused else "started"
        result.add(job=started.data, intent=started.intent, how=how)
        result.show(job_lines(started.data, remote.api.host, how))
        return started


def plan(train: str, options: Mapping[str, Any], remote: Remote, result: Result) -> Launch | int:
    """Judge data and job; return what is to be started, or the exit code where nothing is."""
    passing = _judge(train, options)
    if passing.receipt is None:
        return result.refuse(passing)
    launch = Launch.of(train, passing, passing.receipt, remote, options)
    if _refused(launch.findings(), result):
        return FAILED
    if not options["yes"]:
        launch.rehearse(options, result)
        return PASSED
    return launch


def _refused(findings: Iterable[Finding], result: Result) -> bool:
    """Show what is wrong with a job; return whether it must not be started."""
    found = [each for each in findings if each.severity != Severity.INFO]
    refused = any(each.severity == Severity.ERROR for each in found)
    result.add(findings=[
        {"rule": each.rule, "severity": each.severity, "message": each.message, "help": each.help}
        for each in found
    ])  # fmt: skip
    lines = [
        f"{each.severity}[{each.rule}]: {each.message}{f'; {each.help}' if each.help else ''}"
        for each in found
    ]
    if refused:
        result.show(lines)
    else:
        for line in lines:
            click.echo(redact(line), err=True)
    return refused
