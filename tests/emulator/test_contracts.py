"""The emulator speaks as the published contracts say, and refuses what they refuse."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ftlint.emulator import Emulator
from tests.support.contract_patches import AZURE, PATCHES
from tests.support.contracts import MISSING, SPECS, Contract, contract_of, violations
from tests.support.emulated import (
    DATA,
    FILE_PART,
    MODEL,
    PAIR,
    PURPOSE_PART,
    ROW,
    SERVICES,
    Clock,
    ask,
    client,
    form,
    running,
    send,
)
from tests.support.service import GRADER

if TYPE_CHECKING:
    from openai import OpenAI

pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with running(delay=1, clock=Clock()) as started:
        yield started


def drive_files(opened: OpenAI, emulator: Emulator) -> str:
    """Call all that concerns files; return the id of one that is processed."""
    opened.files.list()
    kept, gone = send(opened), send(opened, b"no json\n" * 10)
    opened.files.retrieve(kept)
    pass_time(emulator, 5)
    opened.files.retrieve(gone)
    opened.files.list(purpose="fine-tune")
    opened.files.content(kept).read()
    opened.files.delete(gone)
    return kept


def drive_uploads(opened: OpenAI) -> None:
    """Call all that concerns uploads; one is refused at first."""
    from openai import BadRequestError  # noqa: PLC0415 - half a second

    for end in ("complete", "cancel"):
        size = len(ROW) * 20
        upload = opened.uploads.create(
            filename="a.jsonl", purpose="fine-tune", bytes=size, mime_type="application/jsonl"
        )
        parts = [
            opened.uploads.parts.create(upload.id, data=io.BytesIO(ROW * 10)).id for _ in range(2)
        ]
        if end == "cancel":
            opened.uploads.cancel(upload.id)
            continue
        with pytest.raises(BadRequestError, match="md5"):
            opened.uploads.complete(upload.id, part_ids=parts, md5="0" * 32)
        opened.uploads.complete(upload.id, part_ids=parts)


def pass_time(emulator: Emulator, seconds: float) -> None:
    clock = emulator.settings.clock
    assert isinstance(clock, Clock)
    clock.move(seconds)


def drive_jobs(opened: OpenAI, emulator: Emulator, file: str, **more: Any) -> None:
    """Call all that concerns jobs; `more` is part of their creation."""
    jobs = opened.fine_tuning.jobs
    job = jobs.create(model=MODEL, training_file=file, validation_file=file, suffix="a-b", seed=7,
                      **more)  # fmt: skip
    for _ in range(7):
        jobs.retrieve(job.id)
        jobs.list_events(job.id, limit=3)
        jobs.checkpoints.list(job.id, limit=1)
        pass_time(emulator, 1)
    jobs.list_events(job.id, after=jobs.list_events(job.id).data[0].id)
    jobs.checkpoints.list(job.id)
    result = jobs.retrieve(job.id).result_files
    opened.files.retrieve(result[0])
    opened.files.content(result[0]).read()
    other = jobs.create(model=MODEL, training_file=file, **more)
    jobs.cancel(other.id)
    jobs.list(limit=1)
    jobs.list(after=other.id)


@pytest.mark.parametrize("service", SERVICES)
def test_every_call_of_the_official_client_is_as_the_contract_says(
    service: str, emulator: Emulator
) -> None:
    with client(emulator, service) as opened:
        file = drive_files(opened, emulator)
        if service != "azure-v1":
            drive_uploads(opened)
        drive_jobs(opened, emulator, file)
    assert len(emulator.exchanges) > 30
    assert violations(emulator.exchanges) == []


def test_methods_and_extra_keys_are_as_the_contract_says(emulator: Emulator) -> None:
    for service, extra in (("azure", {"trainingType": "globalStandard"}), ("openai", {})):
        with client(emulator, service) as opened:
            chat, pairs = send(opened), send(opened, PAIR * 20)
            pass_time(emulator, 5)
            dpo: Any = {"hyperparameters": {"beta": 0.2, "n_epochs": 1}}
            drive_jobs(opened, emulator, pairs, method={"type": "dpo", "dpo": dpo},
                       metadata={"a": "b"}, extra_body=extra)  # fmt: skip
            rft: Any = {"grader": GRADER, "response_format": {"type": "json_schema"}}
            opened.fine_tuning.jobs.create(
                model="o4-mini-2025-04-16", training_file=chat, validation_file=chat,
                method={"type": "reinforcement", "reinforcement": rft}, extra_body=extra,
            )  # fmt: skip
    assert violations(emulator.exchanges) == []


def test_pause_and_resume_are_as_the_contract_says(emulator: Emulator) -> None:
    with client(emulator, "openai") as opened:
        file = send(opened)
        pass_time(emulator, 5)
        job = opened.fine_tuning.jobs.create(model=MODEL, training_file=file)
        opened.fine_tuning.jobs.pause(job.id)
        assert str(opened.fine_tuning.jobs.resume(job.id).status) == "validating_files"
    assert violations(emulator.exchanges) == []


def test_import_and_deletion_of_a_job_are_as_the_contract_says(emulator: Emulator) -> None:
    body = {"purpose": "fine-tune", "filename": "a.jsonl", "content_url": "http://127.0.0.1:1/a"}
    assert ask(emulator, "POST", "/files/import", body).status == 201
    with client(emulator) as opened:
        file = send(opened)
        pass_time(emulator, 5)
        job = opened.fine_tuning.jobs.create(model=MODEL, training_file=file)
        opened.fine_tuning.jobs.cancel(job.id)
        assert ask(emulator, "DELETE", f"/fine_tuning/jobs/{job.id}").status == 204
    assert violations(emulator.exchanges) == []


@pytest.mark.parametrize("paging", [False, True])
def test_both_ways_to_list_files_are_as_the_contract_says(paging: bool) -> None:
    with running(paging=paging) as emulator, client(emulator) as opened:
        send(opened)
        opened.files.list(limit=1)
        assert violations(emulator.exchanges) == []
        assert ("has_more" in emulator.exchanges[-1].answer) is paging


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 503])
@pytest.mark.parametrize("service", ["azure", "openai"])
def test_a_fault_is_worded_as_the_contract_says(service: str, status: int) -> None:
    with running(f"* * status={status}") as emulator:
        assert ask(emulator, "GET", "/files", service=service).status == status
        assert violations(emulator.exchanges) == []


JOB = {"model": MODEL, "training_file": "FILE"}
WRONG: dict[str, tuple[str, str, str, Any]] = {
    "purpose": ("azure", "POST", "/files", form(FILE_PART, ('name="purpose"', b"user_data"))),
    "no file": ("azure", "POST", "/files", form(PURPOSE_PART)),
    "a file that is none": ("azure", "POST", "/files", form(PURPOSE_PART, ('name="file"', DATA))),
    "no file name": ("azure", "POST", "/files/import",
                     {"purpose": "fine-tune", "content_url": "https://example.com/a"}),
    "no size": ("azure", "POST", "/uploads",
                {"purpose": "fine-tune", "filename": "a", "mime_type": "a/b"}),
    "purpose of an upload": ("openai", "POST", "/uploads",
                             {"purpose": "evals", "filename": "a", "mime_type": "a/b", "bytes": 1}),
    "auto": ("azure", "POST", "/fine_tuning/jobs",
             {**JOB, "hyperparameters": {"n_epochs": "auto"}}),
    "an unknown key": ("azure", "POST", "/fine_tuning/jobs", {**JOB, "trainingtype": "Standard"}),
    "null": ("azure", "POST", "/fine_tuning/jobs", {**JOB, "suffix": None}),
    "pause": ("azure", "POST", "/fine_tuning/jobs/ftjob-1/pause", None),
    "no training file": ("openai", "POST", "/fine_tuning/jobs", {"model": MODEL}),
    "no model": ("azure", "POST", "/fine_tuning/jobs", {"training_file": "FILE"}),
    "import": ("openai", "POST", "/files/import", {}),
    "suffix": ("openai", "POST", "/fine_tuning/jobs", {**JOB, "suffix": "a" * 65}),
    "seed": ("openai", "POST", "/fine_tuning/jobs", {**JOB, "seed": -1}),
    "epochs": ("openai", "POST", "/fine_tuning/jobs", {**JOB, "hyperparameters": {"n_epochs": 51}}),
    "beta": ("openai", "POST", "/fine_tuning/jobs",
             {**JOB, "method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 5}}}}),
    "training type": ("openai", "POST", "/fine_tuning/jobs", {**JOB, "trainingType": "Standard"}),
    "no grader": ("openai", "POST", "/fine_tuning/jobs",
                  {**JOB, "method": {"type": "reinforcement", "reinforcement": {}}}),
    "part ids": ("azure", "POST", "/uploads/upload_1/complete", {"part_ids": "part_1"}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_caught_by_the_contract_and_by_the_emulator(
    name: str, emulator: Emulator
) -> None:
    service, method, path, body = WRONG[name]
    with client(emulator, service) as opened:
        file = send(opened)
    pass_time(emulator, 5)
    if isinstance(body, tuple):
        got = ask(emulator, method, path, body[0], service=service, headers=body[1])
    else:
        if body and body.get("training_file") == "FILE":
            body = {**body, "training_file": file}
        got = ask(emulator, method, path, body, service=service)
    exchange = emulator.exchanges[-1]
    contract = contract_of(exchange)
    assert contract is not None
    assert contract.of_request(exchange) != []
    assert contract.of_answer(exchange) == []
    assert got.status in {400, 404}


@pytest.mark.parametrize("service", ["azure", "openai"])
def test_a_request_without_a_key_is_caught_by_both(service: str, emulator: Emulator) -> None:
    got = ask(emulator, "GET", "/files", service=service, headers={"Authorization": ""})
    [exchange] = emulator.exchanges
    contract = contract_of(exchange)
    assert contract is not None
    assert contract.of_request(exchange) == ["GET /files: no credentials"]
    assert got.status == 401


def test_a_request_without_a_version_is_caught_by_both(emulator: Emulator) -> None:
    got = ask(emulator, "GET", "/files?x=api-version")
    [exchange] = emulator.exchanges
    assert "GET /files: no api-version in the query" in Contract.azure().of_request(exchange)
    assert got.status == 404


def test_v1_of_azure_has_no_contract_here(emulator: Emulator) -> None:
    ask(emulator, "GET", "/files", service="azure-v1")
    assert contract_of(emulator.exchanges[0]) is None


SPOILED: dict[str, tuple[int, dict[str, Any], str]] = {
    "a key too many": (0, {"answer": {"object": "list", "data": [], "colour": "red"}}, "colour"),
    "a state too many": (1, {"answer": {"status": "ready"}}, "ready"),
    "another status": (0, {"status": 202}, "status not in the contract"),
    "no answer": (0, {"answer": None}, "None is not of type 'object'"),
    "no location": (1, {"location": ""}, "no Location"),
    "an unknown error": (0, {"status": 400, "answer": {"error": {"code": "x"}}}, "'x' is not one"),
    "another service": (0, {"service": "openai"}, "not in the contract"),
    "an unknown query": (
        0,
        {"query": {"api-version": "1", "colour": "red"}},
        "colour in the query",
    ),
    "no number": (0, {"query": {"api-version": "1", "limit": "x"}}, "limit=x is no integer"),
    "no choice": (0, {"query": {"api-version": "1", "purpose": "x"}}, "purpose=x is not one of"),
    "a body too many": (0, {"body": {}}, "a body is not declared"),
    "no form": (1, {"content_type": "application/json"}, "content type"),
    "no JSON": (2, {"content_type": "text/plain"}, "content type 'text/plain' is not declared"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_spoiled_is_caught(name: str, emulator: Emulator) -> None:
    number, change, words = SPOILED[name]
    ask(emulator, "GET", "/files")
    body, headers = form(FILE_PART, PURPOSE_PART)
    ask(emulator, "POST", "/files", body, headers=headers)
    ask(emulator, "POST", "/uploads",
        {"purpose": "fine-tune", "filename": "a", "mime_type": "a/b", "bytes": 5})  # fmt: skip
    assert violations(emulator.exchanges) == []
    found = Contract.azure().violations(replace(emulator.exchanges[number], **change))
    assert words in " ".join(found)


def test_every_patch_mends_something() -> None:
    for file, patches in PATCHES.items():
        assert len({patch.name for patch in patches}) == len(patches)
        for patch in patches:
            spec = json.loads((SPECS / file).read_text(encoding="utf-8"))
            before = json.dumps(spec)
            patch.mend(spec)
            assert json.dumps(spec) != before
            assert patch.reason


@pytest.mark.parametrize("name", ["purpose-read-only", "bearer", "job-keys", "file-list-paging"])
def test_without_a_patch_the_contract_is_at_fault(name: str, emulator: Emulator) -> None:
    less = Contract(AZURE, "azure", [patch for patch in PATCHES[AZURE] if patch.name != name])
    body = {"purpose": "fine-tune", "filename": "a.jsonl", "content_url": "http://127.0.0.1:1/a"}
    ask(emulator, "POST", "/files/import", body)
    ask(emulator, "POST", "/fine_tuning/jobs", {**JOB, "metadata": {}})
    ask(emulator, "GET", "/files?after=file-1", headers={"Authorization": "", "api-key": "k"})
    found = [fault for exchange in emulator.exchanges for fault in less.of_request(exchange)]
    assert found != []
    assert violations(emulator.exchanges) == []
