"""What a job is to be, and the JSON body that says so to a service."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

_MOST_SEED = 0x7FFFFFFF
"""Seeds go from 0 to this: openai-openapi f85dbe2, Azure's guide."""

DIGEST = "ftlint_digest"
"""Key of a job's metadata that says which job is meant."""

AUTO = "auto"

Body = dict[str, Any]


class JobSpec(NamedTuple):
    """A job as it is meant.

    `train` and `validation` are SHA-256 of the files, `method` a training method of ftlint's,
    `tier` the name of a training tier in the profile, None for a service that has none. `seed` is
    None where the user gave none. `turn` counts jobs that are alike in all else, from 0.
    """

    host: str
    model: str
    method: str
    train: str
    validation: str | None
    hyperparameters: Mapping[str, int | float | str]
    suffix: str | None = None
    seed: int | None = None
    tier: str | None = None
    grader: Any = None
    response_format: Any = None
    turn: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of all that makes it another job, in hexadecimal."""
        data = orjson.dumps(self._asdict(), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(data).hexdigest()

    @property
    def effective_seed(self) -> int:
        """The seed that is sent: the user's, else one that follows from the rest.

        It is always sent, and tells this job from others where the answer to the request is lost.
        """
        return int(self.digest[:8], 16) & _MOST_SEED if self.seed is None else self.seed


def body_of(
    spec: JobSpec, job: Mapping[str, Any], version: str, *, train: str, validation: str | None
) -> Body:
    """Return the body of the request, as the `job` table of the profile says.

    `train` and `validation` are the ids of the files on the service, `version` that of its API.
    """
    body: Body = {"model": spec.model, "training_file": train}
    if validation is not None:
        body["validation_file"] = validation
    body["seed"] = spec.effective_seed
    if spec.suffix is not None:
        body["suffix"] = spec.suffix
    hyperparameters = {
        name: value
        for name, value in spec.hyperparameters.items()
        if value != AUTO or job["auto"] == "send"
    }
    if spec.method in job["top_level_hyperparameters"][version]:
        if hyperparameters:
            body["hyperparameters"] = hyperparameters
    else:
        body["method"] = _method(spec, job["methods"][spec.method], hyperparameters)
    if spec.tier is not None:
        body[job["tier_key"]] = job["tiers"][spec.tier]
    if job["metadata"]:
        body["metadata"] = {DIGEST: spec.digest}
    return body


def _method(spec: JobSpec, name: str, hyperparameters: Mapping[str, Any]) -> Body:
    """Return the `method` of a body."""
    table: Body = {}
    if spec.grader is not None:
        table["grader"] = spec.grader
    if spec.response_format is not None:
        table["response_format"] = spec.response_format
    if hyperparameters:
        table["hyperparameters"] = dict(hyperparameters)
    return {"type": name, **({name: table} if table else {})}
