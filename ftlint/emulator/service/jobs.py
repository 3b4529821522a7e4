"""Endpoints for fine-tuning jobs."""

from __future__ import annotations

import base64
import math
from typing import Any

from ftlint.emulator.service import checks
from ftlint.emulator.service.bodies import Sink
from ftlint.emulator.service.checks import JobRequest
from ftlint.emulator.service.course import Job
from ftlint.emulator.service.curves import Training
from ftlint.emulator.service.files import fill, remove_expired
from ftlint.emulator.service.records import File
from ftlint.emulator.service.scan import Content
from ftlint.emulator.service.services import Refusal, Service, tables
from ftlint.emulator.service.store import Answer, Call, Store, get, page

_JOBS, _EVENTS, _CHECKPOINTS = 20, 20, 10
"""Default page sizes: both contracts."""
_BYTES_OF_A_TOKEN = 4


def create(store: Store, call: Call) -> Answer:
    """Answer POST /fine_tuning/jobs."""
    service = call.service
    remove_expired(store)
    request = checks.read(service, call.body)
    training = _file(store, service, request.training, "training_file")
    validation = None
    if request.validation is not None:
        validation = _file(store, service, request.validation, "validation_file")
    number = store.identify("job", sorted(call.body.items(), key=str), training.sha256)
    hyperparameters = _with_defaults(request, training.content.examples)
    seed = int(number[:7], 16) if request.seed is None else request.seed
    batches = math.ceil(training.content.examples / hyperparameters["batch_size"])
    course = Training(
        seed=f"{training.sha256}:{seed}:{sorted(hyperparameters.items())}",
        epochs=hyperparameters["n_epochs"],
        steps_per_epoch=max(1, batches),
        validated=validation is not None,
    )
    job = Job(
        id=f"ftjob-{number}",
        account=service.account,
        request=request,
        body=call.body,
        seed=seed,
        hyperparameters=hyperparameters,
        training=course,
        tokens=training.size // _BYTES_OF_A_TOKEN * course.epochs,
        created=store.now(),
        delay=store.settings.delay,
        refused=_validation_failure(request, training, "training_file")
        or (_validation_failure(request, validation, "validation_file") if validation else None),
        broken=call.fault.job_error,
    )
    store.jobs[job.id] = job
    data = _to_json(service, job)
    location = call.location(f"/fine_tuning/jobs/{job.id}") if service.dated else ""
    return Answer(service.created, data, location=location)


def _file(store: Store, service: Service, name: str, key: str) -> File:
    """Return the processed file of a job. Raises `Refusal` without one."""
    file = store.files.get(name)
    if file is None or file.account != service.account:
        raise Refusal(400, f"The file {name} of {key} was not found.", param=key)
    if file.purpose != "fine-tune":
        message = f"The file {name} has the purpose {file.purpose}, not fine-tune."
        raise Refusal(400, message, param=key)
    state = file.state(store.now(), store.settings.delay)
    if state != "processed":
        message = f"The file {name} is not processed: its status is {service.file_status(state)}."
        raise Refusal(400, message, param=key)
    return file


def _with_defaults(request: JobRequest, examples: int) -> dict[str, Any]:
    """Return the hyperparameters, with defaults for those left to the service."""
    rule = tables()["epochs"]
    epochs = rule["target"]
    if examples and examples * epochs < rule["fewest"]:
        epochs = min(rule["maximum"], rule["fewest"] // examples)
    elif examples * epochs > rule["most"]:
        epochs = max(1, rule["most"] // examples)
    usual = {
        "n_epochs": epochs,
        "batch_size": min(256, max(1, round(examples * 0.002))),
        "learning_rate_multiplier": 1.0,
    }
    given = {key: value for key, value in request.hyperparameters.items() if value != "auto"}
    return {**usual, **given}


def _validation_failure(request: JobRequest, file: File, key: str) -> tuple[str, str, str] | None:
    """Return code, message and parameter of a file's validation failure, None if it is valid."""
    content, least = file.content, tables()["examples_minimum"]
    what = "Training" if key == "training_file" else "Validation"
    if content.examples and (words := _format_failure(request, content, file.id)):
        if words.startswith("Invalid file format. Example"):
            place = key.replace("_", " ")
            words = f"The job failed due to a file format error in the {place}. {words}"
        return "invalid_file_format", words, key
    if content.examples < least:
        words = (
            f"{what} file has {content.examples} example(s), "
            f"but must have at least {least} examples"
        )
        return "invalid_n_examples", words, key
    return None


def _format_failure(request: JobRequest, content: Content, name: str) -> str:
    if not content.kind:
        return "Unexpected file format, expected either prompt/completion pairs or chat messages."
    if request.method == "dpo" and content.kind == "chat":
        return (
            f"Invalid file format. Input file {name} is in the fine-tune-chat format, but the "
            "specified fine-tuning job is not using 'supervised' as the training method "
            "(provided method=dpo)."
        )
    needed = ["input"] if request.method == "dpo" else ["messages"]
    if request.completions and content.kind == "completions":
        needed = ["prompt", "completion"]
    for key in needed:
        if key in content.without:
            return f"Invalid file format. Example {content.without[key]} is missing key '{key}'."
    return ""


def listing(store: Store, call: Call) -> Answer:
    """Answer GET /fine_tuning/jobs: newest first."""
    wanted = {
        key.removeprefix("metadata[").removesuffix("]"): value
        for key, value in call.query.items()
        if key.startswith("metadata[")
    }
    entries = []
    for job in reversed(store.jobs.values()):
        if job.account == call.service.account:
            _advance(store, job)
            if wanted.items() <= (job.body.get("metadata") or {}).items():
                entries.append(_to_json(call.service, job))
    part, more = page(entries, call.query, _JOBS)
    return Answer(200, {"object": "list", "data": part, "has_more": more})


def retrieve(store: Store, call: Call) -> Answer:
    """Answer GET /fine_tuning/jobs/ID."""
    return Answer(200, _to_json(call.service, _job(store, call)))


def events(store: Store, call: Call) -> Answer:
    """Answer GET /fine_tuning/jobs/ID/events: newest first."""
    entries = _job(store, call).newest_events()
    part, more = page(entries, call.query, _EVENTS)
    return Answer(200, {"object": "list", "data": part, "has_more": more})


def checkpoints(store: Store, call: Call) -> Answer:
    """Answer GET /fine_tuning/jobs/ID/checkpoints: newest first."""
    entries = _job(store, call).checkpoints()
    part, more = page(entries, call.query, _CHECKPOINTS)
    data: dict[str, Any] = {"object": "list", "data": part, "has_more": more}
    if not call.service.dated:
        data["first_id"] = part[0]["id"] if part else None
        data["last_id"] = part[-1]["id"] if part else None
    return Answer(200, data)


def cancel(store: Store, call: Call) -> Answer:
    """Answer POST /fine_tuning/jobs/ID/cancel."""
    job = _changeable(store, call, "cancelled")
    job.cancel(store.now())
    return Answer(200, _to_json(call.service, job))


def pause(store: Store, call: Call) -> Answer:
    """Answer POST /fine_tuning/jobs/ID/pause."""
    job = _changeable(store, call, "paused")
    if job.state() == "paused":
        raise _wrong_state(call, job, "paused")
    job.pause(store.now())
    return Answer(200, _to_json(call.service, job))


def resume(store: Store, call: Call) -> Answer:
    """Answer POST /fine_tuning/jobs/ID/resume."""
    job = _changeable(store, call, "resumed")
    if job.state() != "paused":
        raise _wrong_state(call, job, "resumed")
    job.resume(store.now())
    return Answer(200, _to_json(call.service, job))


def delete(store: Store, call: Call) -> Answer:
    """Answer DELETE /fine_tuning/jobs/ID."""
    job = _job(store, call)
    if not job.over:
        raise _wrong_state(call, job, "deleted")
    del store.jobs[job.id]
    return Answer(204)


def _job(store: Store, call: Call) -> Job:
    job = get(store.jobs, call, "fine-tuning job")
    _advance(store, job)
    return job


def _changeable(store: Store, call: Call, action: str) -> Job:
    job = _job(store, call)
    if job.over:
        raise _wrong_state(call, job, action)
    return job


def _wrong_state(call: Call, job: Job, action: str) -> Refusal:
    status = call.service.job_status(job.state())
    message = f"The job {job.id} cannot be {action}: its status is {status}."
    return Refusal(400, message, code="unexpectedEntityState" if call.service.azure else "")


def _advance(store: Store, job: Job) -> None:
    """Advance a job to the present; store the results of one that has just succeeded."""
    job.advance(store.now())
    if job.state() != "succeeded" or job.results:
        return
    azure = job.account == "azure"
    text = job.training.csv(azure=azure).encode()
    sink = Sink(store.folder)
    sink.write(text if azure else base64.b64encode(text))
    now = job.finished or store.now()
    name = "results.csv" if azure else "step_metrics.csv"
    file = File(f"file-{job.number[::-1]}", job.account, name, "fine-tune-results", now)
    fill(file, sink.close(), Content(), 0)
    store.files[file.id] = file
    job.results = file.id


def _to_json(service: Service, job: Job) -> dict[str, Any]:
    data = job.to_json()
    data["status"] = service.job_status(job.state())
    reported = tables()["methods"]["supervised"]
    data["hyperparameters"] = {key: job.hyperparameters[key] for key in reported}
    if service.dated:
        for key in ("method", "metadata", "integrations", "trainingType"):
            data.pop(key, None)
    if not service.azure:
        data.pop("suffix", None)
        return data
    return {key: value for key, value in data.items() if value is not None}
