"""`ftlint jobs deploy` and `delete`: the exact requests, printed and not sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from ftlint.cli.options import OutputOptions
from ftlint.cli.params import Options, option, option_class, takes
from ftlint.cli.result import Result
from ftlint.cli.service import LedgerOptions, Log, ServiceOptions
from ftlint.config.profile import Profile
from ftlint.core.errors import FtlintError
from ftlint.core.redact import same
from ftlint.reporters.jobs import known, requested
from ftlint.training import deploy, jobs
from ftlint.training.ledger import Ledger

_FLAGS = "--subscription, --resource-group, --account, --name"


@option_class
class _RequestOptions(Options):
    """The deployment that a request is about."""

    dry_run: bool = option(
        "Print the requests. Required: ftlint does not send them yet.", is_flag=True
    )
    subscription: str | None = option("Subscription of the account.", metavar="ID")
    resource_group: str | None = option("Resource group of the account.", metavar="NAME")
    account: str | None = option("The Azure OpenAI resource.", metavar="NAME")
    name: str | None = option("The deployment.", metavar="NAME")

    def deployment(self) -> deploy.Place | None:
        """Return the deployment, None if not given. Raises `click.UsageError`."""
        if not self.dry_run:
            words = "ftlint prints this request and does not send it yet"
            raise click.UsageError(f"{words}; add --dry-run")
        given = [self.subscription, self.resource_group, self.account, self.name]
        if not any(given):
            return None
        if not all(given):
            raise click.UsageError(f"a deployment is named by all of {_FLAGS}")
        return deploy.Place(*map(str, given)).checked()


@option_class
class _DeployOptions(_RequestOptions):
    """The model to deploy, and the settings of the deployment."""

    checkpoint: int | None = option(
        "Deploy the checkpoint of this step.", type=click.IntRange(min=1), metavar="STEP"
    )
    tier: str = option("Type of deployment.", default=deploy.TIERS[0],
                       type=click.Choice(deploy.TIERS, case_sensitive=False))  # fmt: skip
    capacity: int = option(
        "Thousands of tokens per minute.", type=click.IntRange(min=1), default=1, metavar="N"
    )
    source_account: str | None = option(
        "ARM id of the account that has the model, if it is another one.", metavar="ID"
    )


@click.command("deploy")
@click.argument("job", metavar="JOB|MODEL")
@takes(_DeployOptions, LedgerOptions, OutputOptions)
def deploy_command(job: str, **given: Any) -> None:
    """Print the request that deploys a model.

    The model is MODEL, or that of JOB, if it is recorded here; the service is Azure.
    Nothing is sent.
    """
    options, ledger = _DeployOptions.of(given), LedgerOptions.of(given)
    place = options.deployment()
    if place is None:
        raise click.UsageError(f"where to? give {_FLAGS}")
    profile, target = ledger.service(required=False)
    if target.client != "azure":
        words = f"{profile.title} has no deployments: a model there is used by its name"
        raise FtlintError(f"{words}; for Azure, leave --profile out")
    model = _model(jobs.check_id(job, "job or model"), profile, Ledger(ledger.state, Log(0).info))
    if options.checkpoint is not None:
        model = deploy.checkpoint_of(model, options.checkpoint)
    request = deploy.creation(
        place, model, tier=options.tier, capacity=options.capacity, source=options.source_account
    )
    rules = [{"words": words, "source": source} for words, source in deploy.rules(profile.job)]
    with Result("jobs deploy", OutputOptions.of(given).output_format) as result:
        result.add(sent=False, request=request.to_dict(), az=request.az(), rules=rules)
        result.show([
            "not sent; whoever may deploy sends:", "", *requested(request.to_dict()),
            "", "or, signed in with az login:", "", request.az(),
            "", "before that:", *known(rules),
        ])  # fmt: skip


@click.command("delete")
@click.argument("job", metavar="JOB|MODEL|FILE")
@takes(_RequestOptions, ServiceOptions, OutputOptions)
def delete_command(job: str, **given: Any) -> None:
    """Print the requests that clean up a job, model or file.

    They are printed in the order in which they are to be sent; ftlint sends nothing. With the
    options of a deployment, its request comes first.
    """
    place, service = _RequestOptions.of(given).deployment(), ServiceOptions.of(given)
    name = jobs.check_id(job, "job, model or file")
    profile, target = service.service(required=False)
    if place is not None and target.client != "azure":
        raise FtlintError(f"{profile.title} has no deployments; leave {_FLAGS} out")
    remains = _remains(name, profile, Ledger(service.state, Log(0).info))
    deletable = "delete" in profile.job["versions"].get(target.version, ())
    notes = _omissions(remains, deletable=deletable, version=target.version)
    if not deletable:
        remains = remains._replace(jobs=())
    requests = [one.to_dict() for one in deploy.clean_up(target.client, target.url, remains, place)]
    if target.client == "azure" and place is None and remains.models:
        notes.append(f"a deployment of the model goes first: {_FLAGS}")
    with Result("jobs delete", OutputOptions.of(given).output_format) as result:
        result.add(sent=False, requests=requests, notes=notes)
        result.show(_clean_up_lines(requests, notes))


def _clean_up_lines(requests: Sequence[Mapping[str, Any]], notes: Sequence[str]) -> Iterator[str]:
    yield "not sent; to be sent in this order, with the key of the service:"
    yield ""
    for number, request in enumerate(requests, start=1):
        yield from requested(request, number)
    for note in notes:
        yield f"- {note}"


def _is_model(name: str, profile: Profile) -> bool:
    return re.fullmatch(profile.job["fine_tuned_model"], name) is not None


def _model(name: str, profile: Profile, ledger: Ledger) -> str:
    """Return a model, or the recorded one of a job. Raises `FtlintError` if there is none."""
    if _is_model(name, profile):
        return name
    model = _recorded(name, ledger).get("fine_tuned_model")
    if not model:
        words = f"the model of {name} is not recorded here"
        raise FtlintError(f"{words}; ftlint jobs show {name} names it: give that name")
    return jobs.check_id(str(model), "model")


def _recorded(job: str, ledger: Ledger) -> Mapping[str, Any]:
    return next((entry for entry in ledger.jobs() if same(entry.get("job"), job)), {})


def _remains(name: str, profile: Profile, ledger: Ledger) -> deploy.Remains:
    """Return the resources of an id; for a job, also its model and files from the ledger."""
    if _is_model(name, profile):
        return deploy.Remains(models=(name,))
    if name.startswith("file-"):
        return deploy.Remains(files=(name,))
    entry = _recorded(name, ledger)
    model = entry.get("fine_tuned_model")
    body = entry.get("body", {})
    files = (body.get("training_file"), body.get("validation_file"))
    return deploy.Remains(
        jobs=(name,),
        models=(jobs.check_id(str(model), "model"),) if model else (),
        files=tuple(jobs.check_id(str(file), "file") for file in files if file),
    )


def _omissions(remains: deploy.Remains, *, deletable: bool, version: str) -> list[str]:
    """Return notes on what the requests leave out, and why."""
    notes = []
    for job in remains.jobs:
        if not remains.models or not remains.files:
            notes.append(f"ftlint jobs show {job} names its model and files, as far as they are "
                         "not above; give their names to this command")  # fmt: skip
        if not deletable:
            notes.append(f"version {version} of this API does not delete jobs: {job} stays listed")
    return notes
