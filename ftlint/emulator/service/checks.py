"""Validation of job requests, before their files are considered."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from ftlint.emulator.service.services import Refusal, Service, tables

_SEEDS = 2_147_483_647
_METADATA = (16, 64, 512)
"""Pairs, characters of a key, characters of a value: OpenAI's text on Metadata."""
_KEYS = ("model", "training_file", "validation_file", "hyperparameters", "suffix", "seed")
"""Keys of a job: azure-rest-api-specs 2024-10-21, FineTuningJobCreation."""


_SETTINGS = {
    "supervised": {"hyperparameters"},
    "dpo": {"hyperparameters"},
    "reinforcement": {"hyperparameters", "grader", "response_format"},
}
"""Keys of a method: openai-openapi 2.3.0; `response_format`: Azure guide on reinforcement 2026."""


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A requested job: `method` by the service's name, `base` the model before any tuning."""

    model: str
    base: str
    training: str
    validation: str | None
    method: str
    suffix: str
    seed: int | None
    completions: bool
    hyperparameters: dict[str, Any] = field(default_factory=dict)


def read(service: Service, body: dict[str, Any]) -> JobRequest:
    """Return the requested job. Raises `Refusal` where the service would."""
    if unknown := [key for key in body if key not in {*_KEYS, *service.table["job_keys"]}]:
        message = f"Unrecognized request argument supplied: {unknown[0]}"
        raise Refusal(400, message, param=unknown[0])
    if service.dated:  # unlike OpenAI's contract, this one allows no null
        _no_nulls(body)
    else:
        body = {key: value for key, value in body.items() if value is not None}
    for key in ("model", "training_file"):
        _string(body, key)
    if "validation_file" in body:
        _string(body, "validation_file")
    method, hyperparameters = _method(service, body)
    base = _base(body["model"])
    known = _model(service, base, body["model"], method, body.get("trainingType"))
    _suffix(service, body.get("suffix"))
    _seed(body.get("seed"))
    _metadata(body.get("metadata"))
    _integrations(body.get("integrations"))
    if service.azure and method == "reinforcement" and "validation_file" not in body:
        message = "Reinforcement fine-tuning requires a validation file."
        raise Refusal(400, message, param="validation_file")
    return JobRequest(
        model=body["model"],
        base=base,
        training=body["training_file"],
        validation=body.get("validation_file"),
        method=method,
        suffix=body.get("suffix", ""),
        seed=body.get("seed"),
        completions=known.get("completions", False),
        hyperparameters=hyperparameters,
    )


def _no_nulls(body: dict[str, Any]) -> None:
    for key, value in body.items():
        if value is None:
            raise Refusal(400, f"{key} must not be null.", param=key)


def _string(body: dict[str, Any], key: str) -> None:
    if not isinstance(body.get(key), str) or not body[key]:
        raise Refusal(400, f"{key} must be a string that is not empty.", param=key)


def _base(model: str) -> str:
    """Return the base model of a fine-tuned one."""
    return re.split(r"\.ft-", model)[0] if not model.startswith("ft:") else model.split(":")[1]


def _method(service: Service, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the method and the given hyperparameters."""
    method = body.get("method", {"type": "supervised"})
    known = tables()["methods"]
    if not isinstance(method, dict) or method.get("type") not in known:
        raise Refusal(400, f"method.type must be one of {list(known)}.", param="method")
    kind: str = method["type"]
    if unknown := [key for key in method if key not in {"type", kind}]:
        raise Refusal(400, f"Unknown key method.{unknown[0]} for the type {kind}.", param="method")
    above = body.get("hyperparameters", {})
    if "hyperparameters" in body and kind != "supervised" and service.azure:
        message = f"hyperparameters must stand in method.{kind} for this method."
        raise Refusal(400, message, param="hyperparameters")
    settings = method.get(kind, {})
    if not isinstance(settings, dict):
        raise Refusal(400, f"method.{kind} must be an object.", param="method")
    if unknown := [key for key in settings if key not in _SETTINGS[kind]]:
        raise Refusal(400, f"Unknown key method.{kind}.{unknown[0]}.", param="method")
    if kind == "reinforcement":
        _grader(settings.get("grader"))
    _hyperparameters(service, above, known["supervised"], "hyperparameters")
    below = settings.get("hyperparameters", {})
    _hyperparameters(service, below, known[kind], f"method.{kind}.hyperparameters")
    return kind, {**above, **below}


def _grader(grader: Any) -> None:
    known = tables()["graders"]["types"]
    if not isinstance(grader, dict) or grader.get("type") not in known:
        message = f"method.reinforcement.grader must be an object with a type of {known}."
        raise Refusal(400, message, param="method")


def _hyperparameters(service: Service, given: Any, known: list[str], path: str) -> None:
    if not isinstance(given, dict):
        raise Refusal(400, f"{path} must be an object.", param=path)
    for key, value in given.items():
        if key not in known:
            raise Refusal(400, f"Unknown key {path}.{key}.", param=path)
        if value == "auto" and service.table["auto"]:
            continue
        if not _fits(value, tables()["hyperparameters"][key]):
            message = f"{path}.{key} is {value!r}, which is not allowed."
            raise Refusal(400, message, param=f"{path}.{key}")


def _fits(value: Any, allowed: dict[str, Any]) -> bool:
    """Return whether a value satisfies an entry of the table."""
    if allowed["type"] == "string":
        return value in allowed["among"]
    kinds = int if allowed["type"] == "integer" else (int, float)
    return (
        isinstance(value, kinds)
        and not isinstance(value, bool)
        and value >= allowed.get("least", value)
        and value <= allowed.get("most", value)
        and value > allowed.get("above", -math.inf)
    )


def _model(service: Service, base: str, model: str, method: str, tier: Any) -> dict[str, Any]:
    """Return the entry of a model. Raises `Refusal` where it does not support method or tier."""
    entries = [entry for entry in tables()["models"] if re.fullmatch(entry["pattern"], base)]
    if not entries:
        message = f"The specified base model {model} does not support fine-tuning."
        raise Refusal(400, message, param="model")
    entry: dict[str, Any] = entries[0]
    name = _tier(tier) if tier is not None else "Standard"
    if service.azure and name not in entry.get("tiers", tables()["tiers"]):
        message = (
            f"The specified base model {model} does not support fine-tuning "
            f"with {name} TrainingType."
        )
        raise Refusal(400, message, param="model")
    if method not in entry["methods"]:
        if entry["methods"] == ["reinforcement"]:
            message = f"Finetuning with {model} requires the reinforcement method of finetuning."
        else:
            message = f"The model {model} does not support the {method} method of fine-tuning."
        raise Refusal(400, message, param="model")
    return entry


def _tier(given: Any) -> str:
    """Return the canonical name of a training type. Raises `Refusal` for an unknown one."""
    if isinstance(given, (str, int)) and not isinstance(given, bool):
        for name, spellings in tables()["tiers"].items():
            if str(given).lower() in spellings:
                return str(name)
    message = f"trainingType must be one of {list(tables()['tiers'])}, got {given!r}."
    raise Refusal(400, message, param="trainingType")


def _suffix(service: Service, suffix: Any) -> None:
    if suffix is None:
        return
    limits = service.table["suffix"]
    most, pattern = limits["maximum"], limits["pattern"]
    if (
        not isinstance(suffix, str)
        or not 1 <= len(suffix) <= most
        or not re.fullmatch(pattern, suffix)
    ):
        characters = " of a-z, A-Z, 0-9, - and _" if service.azure else ""
        message = f"suffix must have 1 to {most} characters{characters}, got {suffix!r}."
        raise Refusal(400, message, param="suffix")


def _seed(seed: Any) -> None:
    if seed is None:
        return
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= _SEEDS:
        raise Refusal(400, f"seed must be 0 to {_SEEDS}, got {seed!r}.", param="seed")


def _metadata(metadata: Any) -> None:
    pairs, key, value = _METADATA
    if metadata is None:
        return
    if (
        not isinstance(metadata, dict)
        or len(metadata) > pairs
        or any(not isinstance(text, str) or len(text) > value for text in metadata.values())
        or any(len(name) > key for name in metadata)
    ):
        message = f"metadata must have at most {pairs} strings by name, up to {value} characters."
        raise Refusal(400, message, param="metadata")


def _integrations(integrations: Any) -> None:
    if integrations is None:
        return
    entries = integrations if isinstance(integrations, list) else [None]
    for entry in entries:
        if (
            not isinstance(entry, dict)
            or entry.get("type") != "wandb"
            or not isinstance(entry.get("wandb"), dict)
            or not isinstance(entry["wandb"].get("project"), str)
        ):
            message = "integrations must be a list of {type: wandb, wandb: {project: NAME}}."
            raise Refusal(400, message, param="integrations")
