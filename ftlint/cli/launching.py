"""Options and steps of starting a job, for `launch` and `run`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import click

from ftlint.checker import check_job
from ftlint.cli import FAILED, PASSED
from ftlint.cli.options import cost_option, options_of, token_options
from ftlint.cli.receipts import Passing, pass_gate
from ftlint.cli.remote import Remote, service_of
from ftlint.cli.seconds import SECONDS
from ftlint.cli.stage import Result
from ftlint.cli.survey import survey
from ftlint.gate import TRAIN, VALIDATION, Receipt
from ftlint.launch import Meant, Started, body_of, start
from ftlint.ledger import Ledger
from ftlint.model import Finding, Severity
from ftlint.profile import Profile
from ftlint.providers import Target
from ftlint.reporters.stages import (
    job_lines,
    plan_lines,
    request_lines,
    sent_lines,
)
from ftlint.reporters.tokens import estimate as estimate_lines
from ftlint.tally import TOKENS
from ftlint.tokens.bill import estimate
from ftlint.upload import Sent, remote_name
from ftlint.upload.route import choose

Value = int | float | str


class _Number(click.ParamType[Value]):
    """A number, or auto; what it may be is left to the rules."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Value:
        """Return a number where it is one."""
        return _value(str(value))


def _value(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _pairs(ctx: click.Context, param: click.Parameter, value: Iterable[str]) -> dict[str, Value]:
    """Read NAME=VALUE. Raises `click.BadParameter`."""
    found: dict[str, Value] = {}
    for pair in value:
        name, separator, text = pair.partition("=")
        if not name or not separator or not text:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE", ctx, param)
        if name in found and found[name] != _value(text):
            raise click.BadParameter(f"{name} is given twice; leave one of them out", ctx, param)
        found[name] = _value(text)
    return found


launch_options = options_of(
    token_options,
    cost_option,
    click.option("--suffix", metavar="TEXT", help="What the fine-tuned model's name ends in."),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        metavar="N",
        help="Always sent.  [default: one that follows from the job]",
    ),
    click.option(
        "--tier", metavar="NAME", help="The training tier, as in Standard, Global, Developer."
    ),
    click.option("--batch-size", type=_Number(), metavar="N", help="Examples of one step."),
    click.option(
        "--learning-rate", "learning_rate_multiplier", type=_Number(), metavar="X",
        help="The learning rate multiplier.",
    ),
    click.option("--beta", type=_Number(), metavar="X", help="For dpo."),
    click.option(
        "--set",
        "more",
        metavar="NAME=VALUE",
        multiple=True,
        callback=_pairs,
        help="Another hyperparameter, as in compute_multiplier=1.5. May be given several times.",
    ),
    click.option("--again", is_flag=True, help="Start another job, though there is one like it."),
    click.option(
        "--reconcile-for",
        type=SECONDS,
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Where no answer comes, look for the job this long.",
    ),
    click.option("--yes", is_flag=True, help="Do it; without, nothing is sent."),
)  # fmt: skip
"""What the job is to be."""


def hyperparameters(options: Mapping[str, Any]) -> dict[str, Value]:
    """Return the hyperparameters that were given, by their names.

    Raises `click.UsageError` for one that is given twice, and not the same.
    """
    named = {name: options[name] for name in ("batch_size", "learning_rate_multiplier", "beta")}
    named["n_epochs"] = options["epochs"]
    given = {name: value for name, value in named.items() if value is not None}
    for name in given.keys() & options["more"].keys():
        if given[name] != options["more"][name]:
            words = f"{name} is given twice, as {given[name]} and --set {name}="
            raise click.UsageError(f"{words}{options['more'][name]}; leave one of them out")
    return {**options["more"], **given}


def _judge(train: str, options: Mapping[str, Any]) -> Passing:
    """Check data and job, or the job alone where the data has a receipt."""
    if not options["model"]:
        raise click.UsageError("a job needs a model; name one with --model")
    service_of(options, needed=options["yes"])  # what is missing there is told before the work
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
    profile: Profile
    target: Target
    meant: Meant
    train: str

    @classmethod
    def of(
        cls, train: str, passing: Passing, receipt: Receipt, options: Mapping[str, Any]
    ) -> Launch:
        """Put together what is meant."""
        profile, target = service_of(options, needed=options["yes"])
        given = options["tier"]
        digests = {file.role: file.sha256 for file in receipt.files}
        job = passing.config.job
        meant = Meant(
            host=target.host,
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
        return cls(passing, receipt, profile, target, meant, train)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the job itself, where the data was checked earlier."""
        if self.passing.report is None:
            yield from check_job(self.passing.config._replace(method=self.meant.method), self.train)

    def counted(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is told of the tokens; data that was checked earlier is read for that."""
        report = self.passing.report or survey(
            [self.train],
            {**options, "method": self.meant.method},
            tokens="exact",
            epochs=options["epochs"],
            prices=options["prices"],
        )
        told: Mapping[str, Any] = report.statistics[report.inputs[0].path][TOKENS]
        return told

    def body(self, files: Mapping[str, str | None]) -> dict[str, Any]:
        """Return the body of the request."""
        return body_of(
            self.meant,
            self.profile.job,
            self.target.version,
            train=str(files[TRAIN]),
            validation=files.get(VALIDATION),
        )

    def rehearse(self, options: Mapping[str, Any], result: Result) -> None:
        """Tell what would be done; nothing is sent."""
        ledger = Ledger(options["state"])
        uploads, files = [], {}
        for file in self.receipt.files:
            if file.role not in (TRAIN, VALIDATION):
                continue
            route = choose(
                file.bytes,
                options.get("route"),
                self.profile.upload,
                self.target.version,
                options.get("container"),
            )
            before = next(ledger.sent(self.target.host, file.sha256), None)
            name = remote_name(file)
            files[file.role] = before["file"] if before else f"<id of {name}>"
            uploads.append({**file._asdict(), "name": name, "route": route.name,
                            "reason": route.reason, "file": before and before["file"]})  # fmt: skip
        body = self.body(files)
        url = self.target.url("/fine_tuning/jobs")
        counted = self.counted(options)
        result.add(passed=True, sent=False, host=self.target.host, uploads=uploads,
                   request={"method": "POST", "url": url, "body": body},
                   estimate=estimate(counted, self.meant.tier)._asdict())  # fmt: skip
        result.show(
            [
                *plan_lines(uploads),
                *request_lines(url, body),
                *estimate_lines(counted, self.meant.tier),
                "nothing was sent; to do it, add --yes",
            ]
        )

    def start(
        self, remote: Remote, sent: Iterable[Sent], options: Mapping[str, Any], result: Result
    ) -> Started:
        """Start the job on files that the service has, once; tell of both."""
        files = {file.role: file.file for file in sent}
        result.add(passed=True, sent=True, receipt=self.receipt.to_dict(),
                   files=[file._asdict() for file in sent])  # fmt: skip
        result.show(sent_lines(sent))
        started = start(
            remote.api,
            remote.ledger,
            self.meant,
            self.profile.job,
            files=files,
            again=options["again"],
            patience=options["reconcile_for"],
            poll=options["poll"],
            say=remote.voice.say,
        )
        how = "found" if started.adopted else "started before" if started.reused else "started"
        result.add(job=started.data, intent=started.intent, how=how)
        result.show(job_lines(started.data, remote.api.host, how))
        return started


def plan(train: str, options: Mapping[str, Any], result: Result) -> Launch | int:
    """Judge data and job; return what is to be started, or the exit code where nothing is."""
    passing = _judge(train, options)
    if passing.receipt is None:
        return result.refuse(passing)
    launch = Launch.of(train, passing, passing.receipt, options)
    if _refused(launch.findings(), result):
        return FAILED
    if not options["yes"]:
        launch.rehearse(options, result)
        return PASSED
    return launch


def _refused(findings: Iterable[Finding], result: Result) -> bool:
    """Show what is wrong with a job; return whether it must not be started."""
    found = list(findings)
    result.add(findings=[
        {"rule": each.rule, "severity": each.severity, "message": each.message, "help": each.help}
        for each in found
    ])  # fmt: skip
    result.show(
        f"{each.severity}[{each.rule}]: {each.message}{f'; {each.help}' if each.help else ''}"
        for each in found
    )
    return any(each.severity == Severity.ERROR for each in found)
