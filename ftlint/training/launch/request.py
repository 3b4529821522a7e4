"""Specification of a job, and the request body made from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

_MOST_SEED = 0x7FFFFFFF
"""Largest seed: openai-openapi f85dbe2, Azure's guide."""

DIGEST = "ftlint_digest"
"""Metadata key with the digest of the job's specification."""

AUTO = "auto"

Body = dict[str, Any]


class JobSpec(NamedTuple):
    """The specification of a job. Its field names enter `digest`: renaming one changes all seeds.

    `train` and `validation` are the SHA-256 of the files, `method` is one of ftlint's training
    methods, `tier` a training tier of the profile (None for a service without), `seed` the user's
    or None. `turn` numbers otherwise equal jobs from 0.
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
        """SHA-256 of all fields, in hexadecimal."""
        data = orjson.dumps(self._asdict(), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(data).hexdigest()

    @property
    def effective_seed(self) -> int:
        """The seed to send: the user's, else one derived from the digest.

        It is always sent, so that the job can be recognised if the answer is lost.
        """
        return int(self.digest[:8], 16) & _MOST_SEED if self.seed is None else self.seed


def body_of(
    spec: JobSpec, job: Mapping[str, Any], version: str, *, train: str, validation: str | None
) -> Body:
    """Return the request body according to the `job` table of the profile.

    `train` and `validation` are file ids on the service, `version` is that of its API.
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
    """Return the key `method` of a body."""
    table: Body = {}
    if spec.grader is not None:
        table["grader"] = spec.grader
    if spec.response_format is not None:
        table["response_format"] = spec.response_format
    if hyperparameters:
        table["hyperparameters"] = dict(hyperparameters)
    return {"type": name, **({name: table} if table else {})}
