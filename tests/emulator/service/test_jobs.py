"""The jobs of the emulator: their course, their results, and what the service refuses."""

from __future__ import annotations

import base64
import codecs
import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.emulator import Emulator
from tests.support.emulated import (
    DATA,
    FILE_PART,
    MODEL,
    PAIR,
    PURPOSE_PART,
    ROW,
    SERVICES,
    Clock,
    Got,
    ask,
    client,
    form,
    running,
    send,
)

BOM = codecs.BOM_UTF8
JOBS = "/fine_tuning/jobs"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Run one emulator for tests that only ask what is refused."""
    with running() as started:
        yield started


def start(emulator: Emulator, *, data: bytes = DATA, service: str = "azure", **more: Any) -> Got:
    """Send a file and ask for a job on it."""
    with client(emulator, service) as opened:
        body = {"model": MODEL, "training_file": send(opened, data), **more}
    return ask(emulator, "POST", JOBS, body, service=service)


def job(emulator: Emulator, name: str, service: str = "azure") -> dict[str, Any]:
    found: dict[str, Any] = ask(emulator, "GET", f"{JOBS}/{name}", service=service).data
    return found


def result_of(emulator: Emulator, name: str, service: str = "azure") -> list[dict[str, Any]]:
    """Return the events of a job, oldest first."""
    got = ask(emulator, "GET", f"{JOBS}/{name}/events?limit=1000", service=service)
    entries: list[dict[str, Any]] = got.data["data"]
    return entries[::-1]


@pytest.mark.parametrize(
    ("service", "states"),
    [
        ("azure", ["created", "pending", "running", "running", "running", "succeeded"]),
        ("azure-v1", ["created", "pending", "running", "running", "running", "succeeded"]),
        ("openai", ["validating_files", "queued", "running", "running", "running", "succeeded"]),
    ],
)
def test_a_job_takes_its_course(service: str, states: list[str]) -> None:
    clock = Clock()
    with running(delay=1, clock=clock) as emulator, client(emulator, service) as opened:
        file = send(opened)
        clock.move(2)
        made = opened.fine_tuning.jobs.create(model=MODEL, training_file=file, seed=3)
        seen, events, checkpoints = [], [], []
        for _ in range(6):
            seen.append(job(emulator, made.id, service))
            events.append(len(result_of(emulator, made.id, service)))
            got = ask(emulator, "GET", f"{JOBS}/{made.id}/checkpoints", service=service)
            checkpoints.append([entry["step_number"] for entry in got.data["data"]])
            clock.move(1)
        assert job(emulator, made.id, service) == seen[5]
    assert [entry["status"] for entry in seen] == states
    assert events == sorted(set(events))
    assert checkpoints == [[], [], [], [50], [100, 50], [150, 100, 50]]
    assert seen[0]["hyperparameters"] == {
        "n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": 1.0
    }  # fmt: skip
    assert not any(entry.get("fine_tuned_model") for entry in seen[:5])
    assert seen[5]["finished_at"] == seen[5]["created_at"] + 5
    assert seen[5]["trained_tokens"] == len(DATA) // 4 * 3


def test_the_events_of_a_job_tell_its_course() -> None:
    with running() as emulator:
        events = result_of(emulator, start(emulator).data["id"])
    words = [entry["message"] for entry in events]
    assert words[0].startswith("Created fine-tuning job: ftjob-")
    assert words[1].startswith("Validating training file: file-")
    assert words[2:4] == ["Files validated, moving job to queued state", "Fine-tuning job started"]
    assert words[-1] == "The job has successfully completed"
    metrics = [entry["data"] for entry in events if entry["type"] == "metrics"]
    assert [entry["step"] for entry in metrics] == [*range(5, 151, 5)]
    assert {entry["total_steps"] for entry in metrics} == {150}
    assert metrics[0]["train_loss"] > metrics[-1]["train_loss"] > 0
    assert "valid_loss" not in metrics[0]


@pytest.mark.parametrize(("path", "size"), [("events", 20), ("checkpoints", 10)])
def test_what_a_job_has_comes_in_pages(path: str, size: int) -> None:
    with running() as emulator:
        name = start(emulator, data=ROW * 10, hyperparameters={"n_epochs": 9}).data["id"]
        seen: list[str] = []
        more, after = True, ""
        while more:
            got = ask(emulator, "GET", f"{JOBS}/{name}/{path}?limit=2{after}").data
            seen += [entry["id"] for entry in got["data"]]
            more, after = got["has_more"], f"&after={seen[-1]}"
        whole = ask(emulator, "GET", f"{JOBS}/{name}/{path}").data
        assert [entry["id"] for entry in whole["data"]] == seen[:size]
        assert len(set(seen)) == len(seen)
        assert ask(emulator, "GET", f"{JOBS}/{name}/{path}?after=x").status == 400


def results(emulator: Emulator, service: str) -> tuple[list[dict[str, str]], str]:
    """Run a job with validation; return its results and the name of their file."""
    with client(emulator, service) as opened:
        train, valid = send(opened), send(opened, ROW * 12)
        made = opened.fine_tuning.jobs.create(
            model=MODEL, training_file=train, validation_file=valid, seed=7, suffix="my-data",
            hyperparameters={"n_epochs": 6, "batch_size": 2},
        )  # fmt: skip
        [name] = opened.fine_tuning.jobs.retrieve(made.id).result_files
        data = opened.files.content(name).read()
        text = data if service != "openai" else base64.b64decode(data, validate=True)
        assert opened.files.retrieve(name).purpose == "fine-tune-results"
        filename = opened.files.retrieve(name).filename
    return list(csv.DictReader(io.StringIO(text.decode()))), filename


@pytest.mark.parametrize(
    ("service", "filename", "columns"),
    [
        ("azure", "results.csv", ("step,train_loss,train_mean_token_accuracy,valid_loss,"
         "validation_mean_token_accuracy,full_valid_loss,full_valid_mean_token_accuracy")),
        ("openai", "step_metrics.csv",
         "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy"),
    ],
)  # fmt: skip
def test_the_results_look_like_a_training(service: str, filename: str, columns: str) -> None:
    with running() as emulator:
        rows, name = results(emulator, service)
    assert name == filename
    assert ",".join(rows[0]) == columns
    assert [row["step"] for row in rows] == [str(step) for step in range(1, 151)]
    losses = [float(row["train_loss"]) for row in rows]
    assert sum(losses[:10]) > 2 * sum(losses[-10:])
    measured = [float(row["valid_loss"]) for row in rows if row["valid_loss"]]
    assert 10 < len(measured) < len(rows)
    assert measured[0] > min(measured) < measured[-1]  # it learns by heart in the end
    for row in rows:
        for column, value in row.items():
            assert "accuracy" not in column or not value or 0 <= float(value) <= 1


def test_the_same_requests_give_the_same_answers() -> None:
    answers = []
    for _ in range(2):
        with running() as emulator:
            rows = results(emulator, "azure")
            told_so = [entry.answer for entry in emulator.exchanges]
            names = sorted(file.sha256 for file in emulator.files.values())
            answers.append((rows, names, str(told_so).replace(emulator.address, "")))
    assert answers[0] == answers[1]


def test_another_seed_gives_other_losses() -> None:
    seen = set()
    with running() as emulator:
        for seed in (1, 2):
            events = result_of(emulator, start(emulator, seed=seed).data["id"])
            seen.add(str([event["data"] for event in events]))
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("service", "start_", "end"),
    [("azure", f"{MODEL}.ft-", "-my-data"), ("openai", f"ft:{MODEL}:emulator:my-data:", "")],
)
def test_a_fine_tuned_model_can_be_trained_on(service: str, start_: str, end: str) -> None:
    with running() as emulator:
        made = start(emulator, service=service, suffix="my-data").data["id"]
        model = job(emulator, made, service)["fine_tuned_model"]
        assert model.startswith(start_)
        assert model.endswith(end)
        again = start(emulator, service=service, model=model).data["id"]
        assert job(emulator, again, service)["fine_tuned_model"].startswith(
            start_.replace("my-data:", ":")
        )


@pytest.mark.parametrize("service", ["azure-v1", "openai"])
def test_a_job_that_is_paused_stands_still(service: str) -> None:
    clock = Clock()
    with running(delay=1, clock=clock) as emulator, client(emulator, service) as opened:
        file = send(opened)
        clock.move(2)
        jobs = opened.fine_tuning.jobs
        name = jobs.create(model=MODEL, training_file=file).id
        clock.move(2.5)
        assert str(jobs.pause(name).status) == "paused"
        clock.move(100)
        assert str(jobs.retrieve(name).status) == "paused"
        assert ask(emulator, "POST", f"{JOBS}/{name}/pause", service=service).status == 400
        assert jobs.resume(name).status == "running"
        assert ask(emulator, "POST", f"{JOBS}/{name}/resume", service=service).status == 400
        clock.move(2)
        assert jobs.retrieve(name).status == "running"
        clock.move(1)
        assert jobs.retrieve(name).status == "succeeded"


@pytest.mark.parametrize("service", SERVICES)
def test_a_job_that_is_cancelled_has_ended(service: str) -> None:
    clock = Clock()
    with running(delay=1, clock=clock) as emulator, client(emulator, service) as opened:
        file = send(opened)
        clock.move(2)
        name = opened.fine_tuning.jobs.create(model=MODEL, training_file=file).id
        clock.move(3)
        assert opened.fine_tuning.jobs.cancel(name).status == "cancelled"
        clock.move(100)
        found = job(emulator, name, service)
        assert (found["status"], found["result_files"]) == ("cancelled", [])
        got = ask(emulator, "POST", f"{JOBS}/{name}/cancel", service=service)
        assert (got.status, "its status is cancelled" in got.error["message"]) == (400, True)


def test_a_job_can_be_deleted_on_the_dated_route_when_it_has_ended() -> None:
    clock = Clock()
    with running(delay=1, clock=clock) as emulator, client(emulator) as opened:
        file = send(opened)
        clock.move(2)
        name = opened.fine_tuning.jobs.create(model=MODEL, training_file=file).id
        assert ask(emulator, "DELETE", f"{JOBS}/{name}", service="azure-v1").status == 404
        assert ask(emulator, "DELETE", f"{JOBS}/{name}").status == 400
        clock.move(9)
        assert ask(emulator, "DELETE", f"{JOBS}/{name}").status == 204
        assert ask(emulator, "GET", f"{JOBS}/{name}").status == 404
        assert opened.files.delete(file).deleted


def test_jobs_are_listed_newest_first_and_found_by_their_metadata() -> None:
    with running() as emulator:
        names = [start(emulator, service="openai", metadata={"n": str(n)}).data["id"]
                 for n in range(3)]  # fmt: skip
        got = ask(emulator, "GET", f"{JOBS}?limit=2", service="openai").data
        assert ([entry["id"] for entry in got["data"]], got["has_more"]) == (names[:0:-1], True)
        got = ask(emulator, "GET", f"{JOBS}?metadata[n]=1", service="openai").data
        assert [entry["id"] for entry in got["data"]] == [names[1]]
        assert ask(emulator, "GET", JOBS).data["data"] == []


REFUSED: dict[str, tuple[str, bytes, dict[str, Any], str, str]] = {
    "few": (
        "azure", ROW * 7, {}, "invalid_n_examples",
        "Training file has 7 example(s), but must have at least 10 examples",
    ),
    "empty": (
        "openai", b"\n", {}, "invalid_n_examples",
        "Training file has 0 example(s), but must have at least 10 examples",
    ),
    "no messages": (
        "openai", ROW * 11 + b'{"prompt":"a"}\n', {}, "invalid_file_format",
        ("The job failed due to a file format error in the training file. "
        "Invalid file format. Example 12 is missing key 'messages'."),
    ),
    "neither": (
        "azure", b'{"text":"a"}\n' * 11, {}, "invalid_file_format",
        "Unexpected file format, expected either prompt/completion pairs or chat messages.",
    ),
    "chat for dpo": (
        "openai", DATA, {"method": {"type": "dpo"}}, "invalid_file_format",
        ("in the fine-tune-chat format, but the specified fine-tuning job is not using "
        "'supervised' as the training method (provided method=dpo)."),
    ),
    "prompts for dpo": (
        "openai", b'{"prompt":"a","completion":"b"}\n' * 11, {"method": {"type": "dpo"}},
        "invalid_file_format", "Example 1 is missing key 'input'.",
    ),
    "pairs for supervised": (
        "azure", PAIR * 11, {}, "invalid_file_format", "Example 1 is missing key 'messages'.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_do_not_do_end_the_job(name: str) -> None:
    service, data, more, code, message = REFUSED[name]
    with running() as emulator:
        made = start(emulator, data=data, service=service, **more)
        found = job(emulator, made.data["id"], service)
        events = result_of(emulator, made.data["id"], service)
        checkpoints = ask(emulator, "GET", f"{JOBS}/{made.data['id']}/checkpoints", service=service)
    assert found["status"] == "failed"
    assert (found["error"]["code"], found["error"]["param"]) == (code, "training_file")
    assert found["error"]["message"].endswith(message)
    assert (events[-1]["level"], events[-1]["message"]) == ("error", found["error"]["message"])
    assert checkpoints.data["data"] == []


def test_the_validation_file_is_read_too() -> None:
    with running() as emulator, client(emulator) as opened:
        few = send(opened, ROW)
        found = job(emulator, start(emulator, validation_file=few).data["id"])
    assert found["error"]["param"] == "validation_file"
    assert "Validation file has 1 example(s)" in found["error"]["message"]


def test_completions_train_a_model_for_them() -> None:
    with running() as emulator:
        data = b'{"prompt":"a","completion":"b"}\n' * 10
        made = start(emulator, data=BOM + data, model="babbage-002")
        assert job(emulator, made.data["id"])["status"] == "succeeded"


def test_a_file_has_to_be_there_and_processed() -> None:
    clock = Clock()
    with running(delay=1, clock=clock) as emulator, client(emulator) as opened:
        file, broken = send(opened), send(opened, b"no json")
        for name, message in (
            ("file-x", "The file file-x of training_file was not found."),
            (file, f"The file {file} is not processed: its status is pending."),
        ):
            got = ask(emulator, "POST", JOBS, {"model": MODEL, "training_file": name})
            assert (got.status, got.error["message"]) == (400, message)
        clock.move(2)
        got = ask(emulator, "POST", JOBS, {"model": MODEL, "training_file": broken})
        assert "its status is error" in got.error["message"]
        assert emulator.jobs == {}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"model": "gpt-2"}, "The specified base model gpt-2 does not support fine-tuning."),
        ({"model": "o4-mini-2025-04-16"}, ("Finetuning with o4-mini-2025-04-16 requires the "
         "reinforcement method of finetuning.")),
        ({"model": "gpt-4o-mini-2024-07-18", "method": {"type": "dpo"}},
         "The model gpt-4o-mini-2024-07-18 does not support the dpo method of fine-tuning."),
        ({"model": "Ministral-3B", "trainingType": "Standard"}, ("The specified base model "
         "Ministral-3B does not support fine-tuning with Standard TrainingType.")),
        ({"trainingType": "Fast"}, ("trainingType must be one of ['Standard', 'GlobalStandard', "
         "'Developer'], got 'Fast'.")),
        ({"trainingType": True}, "got True."),
        ({"training_type": "Standard"}, "Unrecognized request argument supplied: training_type"),
        ({"suffix": "a.b"}, ("suffix must have 1 to 40 characters of a-z, A-Z, 0-9, - and _, "
         "got 'a.b'.")),
        ({"suffix": "a" * 41}, "suffix must have 1 to 40 characters"),
        ({"seed": 2_147_483_648}, "seed must be 0 to 2147483647, got 2147483648."),
        ({"seed": None}, "seed must not be null."),
        ({"hyperparameters": {"n_epochs": 51}}, "hyperparameters.n_epochs is 51"),
        ({"hyperparameters": {"batch_size": True}}, "hyperparameters.batch_size is True"),
        ({"hyperparameters": {"beta": 0.1}}, "Unknown key hyperparameters.beta."),
        ({"hyperparameters": {"learning_rate_multiplier": 0}}, "multiplier is 0"),
        ({"hyperparameters": 5}, "hyperparameters must be an object."),
        ({"method": {"type": "sft"}}, "method.type must be one of"),
        ({"method": {"type": "dpo", "supervised": {}}}, "Unknown key method.supervised"),
        ({"method": {"type": "dpo", "dpo": 1}}, "method.dpo must be an object."),
        ({"method": {"type": "dpo", "dpo": {"grader": {}}}}, "Unknown key method.dpo.grader."),
        ({"method": {"type": "dpo"}, "hyperparameters": {}}, "must stand in method.dpo"),
        ({"method": {"type": "reinforcement", "reinforcement": {"grader": {"type": "x"}}}},
         "method.reinforcement.grader must be an object with a type of"),
        ({"model": "o4-mini", "method": {"type": "reinforcement", "reinforcement":
          {"grader": {"type": "python"}, "hyperparameters": {"reasoning_effort": "x"}}}},
         "reasoning_effort is 'x'"),
        ({"model": "o4-mini", "method": {"type": "reinforcement", "reinforcement":
          {"grader": {"type": "python"}}}}, "requires a validation file"),
        ({"metadata": {"a": 5}}, "metadata must have at most 16 strings"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata must have at most 16 strings"),
        ({"integrations": [{"type": "x"}]}, "integrations must be a list of"),
        ({"integrations": 5}, "integrations must be a list of"),
        ({"validation_file": ""}, "validation_file must be a string"),
    ],
)  # fmt: skip
def test_a_job_that_is_wrong_is_refused(
    more: dict[str, Any], message: str, emulator: Emulator
) -> None:
    got = start(emulator, **more)
    assert (got.status, got.error["code"]) == (400, "invalidPayload")
    assert message in got.error["message"]
    assert emulator.jobs == {}


@pytest.mark.parametrize("tier", ["GlobalStandard", "globalstandard", "DeveloperTier", "1", 1])
def test_every_spelling_of_a_training_type_that_was_seen_is_taken(tier: object) -> None:
    with running() as emulator:
        made = start(emulator, service="azure-v1", trainingType=tier)
        assert made.data["trainingType"] == tier


def test_openai_takes_null_and_auto() -> None:
    with running() as emulator:
        more: Any = {"suffix": None, "validation_file": None, "metadata": None, "seed": None,
                "integrations": [{"type": "wandb", "wandb": {"project": "p"}}],
                "hyperparameters": {"n_epochs": "auto", "batch_size": 5}}  # fmt: skip
        made = start(emulator, service="openai", **more)
        assert made.data["hyperparameters"]["batch_size"] == 5
        assert made.data["hyperparameters"]["n_epochs"] == 3


@pytest.mark.parametrize(("examples", "epochs"), [(10, 10), (33, 3), (34, 3), (9000, 2)])
def test_the_epochs_that_are_left_to_the_service_go_by_the_examples(
    examples: int, epochs: int
) -> None:
    with running() as emulator:
        made = start(emulator, data=ROW * examples)
        assert made.data["hyperparameters"]["n_epochs"] == epochs


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KEYS = st.sampled_from(["model", "training_file", "validation_file", "hyperparameters", "suffix",
                        "seed", "method", "metadata", "integrations", "trainingType"])  # fmt: skip
PATHS = st.sampled_from([JOBS, "/uploads", "/files/import", "/uploads/upload_1/complete"])


@given(path=PATHS, service=st.sampled_from(SERVICES), body=st.dictionaries(KEYS, JSON))
def test_no_body_is_too_odd_to_be_answered(
    path: str, service: str, body: dict[str, Any], emulator: Emulator
) -> None:
    assert ask(emulator, "POST", path, body, service=service).status in {400, 404}
    asked = {"model": MODEL, "training_file": "file-1", **body}
    assert ask(emulator, "POST", JOBS, asked, service=service).status in {400, 404}


@given(data=st.binary(max_size=300))
def test_no_file_is_too_odd_to_be_read(data: bytes, emulator: Emulator) -> None:
    body, headers = form((FILE_PART[0], data), PURPOSE_PART)
    name = ask(emulator, "POST", "/files", body, headers=headers).data["id"]
    assert emulator.files[name].size == len(data)
    assert ask(emulator, "GET", f"/files/{name}").data["status"] in {"processed", "error"}
