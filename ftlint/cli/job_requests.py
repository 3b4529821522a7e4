"""`ftlint jobs deploy` and `delete`: the exact requests, printed and not sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from ftlint import deploy, jobs
from ftlint.cli.options import options_of, profile_option, text_option
from ftlint.cli.remote import remote_options, service_of
from ftlint.cli.stage import Result
from ftlint.ledger import FOLDER, Ledger
from ftlint.model import FtlintError
from ftlint.profile import Profile
from ftlint.reporters.jobs import known, requested

_PLACE = ("subscription", "resource_group", "account", "name")

_place_options = options_of(
    click.option("--subscription", metavar="ID", help="The subscription of the account."),
    click.option("--resource-group", metavar="NAME", help="Its resource group."),
    click.option("--account", metavar="NAME", help="The Azure OpenAI resource."),
    click.option("--name", metavar="NAME", help="The deployment."),
)

_dry_option = click.option(
    "--dry-run", is_flag=True, help="Print the requests. Needed: ftlint does not send them yet."
)


@click.command("deploy")
@click.argument("job", metavar="JOB|MODEL")
@_dry_option
@_place_options
@click.option(
    "--checkpoint",
    type=click.IntRange(min=1),
    metavar="STEP",
    help="Deploy the checkpoint of this step.",
)
@click.option(
    "--tier",
    type=click.Choice(deploy.TIERS, case_sensitive=False),
    default=deploy.TIERS[0],
    show_default=True,
    help="The type of deployment.",
)
@click.option(
    "--capacity",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Thousands of tokens a minute.",
)
@click.option(
    "--source-account",
    metavar="ID",
    help="The account that has the model, where that is another one: its ARM id.",
)
@profile_option
@click.option(
    "--state",
    default=FOLDER,
    show_default=True,
    metavar="DIR",
    help="Where uploads and jobs are remembered.",
)
@text_option
def deploy_command(job: str, **options: Any) -> None:
    """Print the request that deploys a model.

    The model is that of JOB, as far as it is remembered here, or MODEL; the service is Azure.
    Nothing is sent.
    """
    _insist_on_dry_run(options)
    place = _place(options)
    if place is None:
        raise click.UsageError(f"where to? give {_flags()}")
    profile, target = service_of({"endpoint": None, "api_version": None, **options}, needed=False)
    if target.client != "azure":
        words = f"{profile.title} has no deployments: a model there is used by its name"
        raise FtlintError(f"{words}; for Azure, leave --profile out")
    model = _model(jobs.check_id(job, "job or model"), profile, Ledger(options["state"]))
    if options["checkpoint"] is not None:
        model = deploy.checkpoint_of(model, options["checkpoint"])
    request = deploy.creation(
        place,
        model,
        tier=options["tier"],
        capacity=options["capacity"],
        source=options["source_account"],
    )
    rules = [{"words": words, "source": source} for words, source in deploy.rules(profile.job)]
    with Result("jobs deploy", options) as result:
        result.add(sent=False, request=request.to_dict(), az=request.az(), rules=rules)
        result.show([
            "not sent; whoever may deploy sends:", "", *requested(request.to_dict()),
            "", "or, signed in with az login:", "", request.az(),
            "", "before that:", *known(rules),
        ])  # fmt: skip


@click.command("delete")
@click.argument("job", metavar="JOB|MODEL|FILE")
@_dry_option
@_place_options
@profile_option
@remote_options
@text_option
def delete_command(job: str, **options: Any) -> None:
    """Print the requests that clear away.

    They stand in the order in which they are to be sent; ftlint sends nothing. With the options of
    a deployment, its request comes first.
    """
    _insist_on_dry_run(options)
    name = jobs.check_id(job, "job, model or file")
    profile, target = service_of(options, needed=False)
    place = _place(options)
    if place is not None and target.client != "azure":
        raise FtlintError(f"{profile.title} has no deployments; leave {_flags()} out")
    remains = _remains(name, profile, Ledger(options["state"]))
    deletable = "delete" in profile.job["versions"].get(target.version, ())
    unsaid = _unsaid(remains, deletable=deletable, version=target.version)
    if not deletable:
        remains = remains._replace(jobs=())
    requests = [one.to_dict() for one in deploy.clean_up(target.client, target.url, remains, place)]
    if target.client == "azure" and place is None and remains.models:
        unsaid.append(f"a deployment of the model goes first: {_flags()}")
    with Result("jobs delete", options) as result:
        result.add(sent=False, requests=requests, notes=unsaid)
        result.show(_cleaned(requests, unsaid))


def _cleaned(requests: Sequence[Mapping[str, Any]], unsaid: Sequence[str]) -> Iterator[str]:
    yield "not sent; to be sent in this order, with the key of the service:"
    yield ""
    for number, request in enumerate(requests, start=1):
        yield from requested(request, number)
    for note in unsaid:
        yield f"- {note}"


def _insist_on_dry_run(options: Mapping[str, Any]) -> None:
    if not options["dry_run"]:
        raise click.UsageError("ftlint prints this request and does not send it yet; add --dry-run")


def _flags() -> str:
    return ", ".join(f"--{key.replace('_', '-')}" for key in _PLACE)


def _place(options: Mapping[str, Any]) -> deploy.Place | None:
    """Read the options that name a deployment. Raises `click.UsageError` for some of them."""
    given = [options[key] for key in _PLACE]
    if not any(given):
        return None
    if not all(given):
        raise click.UsageError(f"a deployment is named by all of {_flags()}")
    return deploy.Place(*given).checked()


def _is_model(name: str, profile: Profile) -> bool:
    return re.fullmatch(profile.job["fine_tuned_model"], name) is not None


def _model(name: str, profile: Profile, ledger: Ledger) -> str:
    """Return a model, or that of a job as the ledger has it. Raises `FtlintError` without any."""
    if _is_model(name, profile):
        return name
    model = _remembered(name, ledger).get("fine_tuned_model")
    if not model:
        words = f"the model of {name} is not remembered here"
        raise FtlintError(f"{words}; ftlint jobs show {name} names it: give that name")
    return jobs.check_id(str(model), "model")


def _remembered(job: str, ledger: Ledger) -> Mapping[str, Any]:
    return next((entry for entry in ledger.jobs() if entry.get("job") == job), {})


def _remains(name: str, profile: Profile, ledger: Ledger) -> deploy.Remains:
    """Tell what an id is of; of a job, also what the ledger knows to belong to it."""
    if _is_model(name, profile):
        return deploy.Remains(models=(name,))
    if name.startswith("file-"):
        return deploy.Remains(files=(name,))
    entry = _remembered(name, ledger)
    model = entry.get("fine_tuned_model")
    body = entry.get("body", {})
    files = (body.get("training_file"), body.get("validation_file"))
    return deploy.Remains(
        jobs=(name,),
        models=(jobs.check_id(str(model), "model"),) if model else (),
        files=tuple(jobs.check_id(str(file), "file") for file in files if file),
    )


def _unsaid(remains: deploy.Remains, *, deletable: bool, version: str) -> list[str]:
    """Say what the requests leave out, and why."""
    notes = []
    for job in remains.jobs:
        if not remains.models or not remains.files:
            notes.append(f"ftlint jobs show {job} names its model and files, as far as they are "
                         "not above; give their names to this command")  # fmt: skip
        if not deletable:
            notes.append(f"version {version} of this API does not delete jobs: {job} stays listed")
    return notes
