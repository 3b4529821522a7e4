"""Requests for deployments and clean-up, which ftlint prints but does not send.

They cost or destroy something, and deployments need another role; `deploy.toml` has the facts.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ftlint.core.errors import FtlintError
from ftlint.core.text import plain

TIERS = ("Standard", "Global", "Developer")

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_().-]{0,89}")
_ACCOUNT = re.compile(
    r"/subscriptions/[\w-]+/resourceGroups/[\w().-]+"
    r"/providers/Microsoft\.CognitiveServices/accounts/[\w.-]+",
    re.ASCII | re.IGNORECASE,
)


class Request(NamedTuple):
    """A request for the user to send; `note` is advice on it."""

    method: str
    url: str
    body: Mapping[str, Any] | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return self._asdict()

    def az(self) -> str:
        """Return the request as a shell command of the Azure CLI."""
        command = ["az", "rest", "--method", self.method.lower(), "--url", self.url]
        if self.body is not None:
            command += ["--body", orjson.dumps(self.body).decode()]
        return shlex.join(command)


class Place(NamedTuple):
    """The resource name of a deployment; `checked` validates it."""

    subscription: str
    group: str
    account: str
    name: str

    def checked(self) -> Place:
        """Return the place. Raises `FtlintError` for a name that is unsafe in a path."""
        for kind, value in self._asdict().items():
            if not _PART.fullmatch(value):
                words = (
                    f'{kind} "{plain(value)}": expected letters, digits, and - _ . ( ) among them'
                )
                raise FtlintError(f"{words}, as Azure names it")
        return self

    @property
    def url(self) -> str:
        """URL at Azure Resource Manager."""
        return (
            f"{facts()['management']}/subscriptions/{self.subscription}"
            f"/resourceGroups/{self.group}/providers/Microsoft.CognitiveServices"
            f"/accounts/{self.account}/deployments/{self.name}"
            f"?api-version={facts()['api_version']}"
        )


@cache
def facts() -> dict[str, Any]:
    """Return `deploy.toml`."""
    return tomllib.loads((Path(__file__).parent / "deploy.toml").read_text(encoding="utf-8"))


def checkpoint_of(model: str, step: int) -> str:
    """Return the name of a model's checkpoint. Raises `FtlintError` where it is one already."""
    mark = facts()["checkpoint"]
    if mark in model:
        raise FtlintError(f"{plain(model, 100)} is a checkpoint already; leave --checkpoint out")
    return f"{model}{mark}{step}"


def creation(
    place: Place, model: str, *, tier: str, capacity: int, source: str | None = None
) -> Request:
    """Return the request that deploys a model.

    `capacity` is in thousands of tokens per minute. `source` is the ARM id of the account that has
    the model, None for that of the deployment. Raises `FtlintError` for an invalid id.
    """
    if source is not None and not _ACCOUNT.fullmatch(source):
        words = f'source account "{plain(source, 100)}": expected /subscriptions/ID/resourceGroups/'
        raise FtlintError(f"{words}NAME/providers/Microsoft.CognitiveServices/accounts/NAME")
    formats = facts()["formats"]
    model_spec = {
        "format": next(row["format"] for row in formats if re.search(row["pattern"], model)),
        "name": model,
        "version": facts()["model_version"],
        **({"source": source} if source else {}),
    }
    body = {
        "sku": {"name": facts()["skus"][tier], "capacity": capacity},
        "properties": {"model": model_spec},
    }
    return Request("PUT", place.checked().url, body)


def rules(job: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield facts on deployments, each with its source; `job` is that table of the profile."""
    for row in facts()["rules"]:
        key = row.get("key")
        if key is None:
            yield row["words"], row["source"]
        elif key in job:
            yield (
                row["words"].format(job[key]),
                job.get("sources", {}).get(key, {}).get("source", ""),
            )


class Remains(NamedTuple):
    """Resources that a job leaves on the service: ids of jobs, models and files."""

    jobs: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def clean_up(
    client: str, url: Callable[[str], str], remains: Remains, place: Place | None
) -> Iterator[Request]:
    """Yield the clean-up requests in the order to send them.

    `client` is the kind of service, `url` makes the URL of an API path; `remains.jobs` are those
    that the API version can delete.
    """
    if place is not None:
        note = "first: its cost ends, and the model is free; send it with az rest, after az login"
        yield Request("DELETE", place.checked().url, note=note)
    for model in remains.models:
        note = facts()["model_deletion"][client]
        yield Request("DELETE", url(f"/models/{model}"), note=note)
    for file in remains.files:
        note = "a file may be deleted although a job used it"
        yield Request("DELETE", url(f"/files/{file}"), note=note)
    for job in remains.jobs:
        note = "last; fetch its results before: ftlint jobs results"
        yield Request("DELETE", url(f"/fine_tuning/jobs/{job}"), note=note)
