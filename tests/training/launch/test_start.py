"""`ftlint launch` and `ftlint run`: one command, one job, on data that passed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from ftlint.cli import run
from ftlint.config.profile import load_profile
from ftlint.core.rule import RULES
from ftlint.training.launch.request import JobSpec, body_of
from ftlint.training.providers import retry
from ftlint.training.providers.client import Api
from tests.support.helpers import BAD, whole, write
from tests.support.service import (
    GOOD,
    GRADER,
    LINE,
    MODEL,
    OTHER,
    Serving,
    asked,
    result_of,
    serving,
)

__all__ = ["serving"]

JOBS = "/fine_tuning/jobs"


def launch(
    capsys: pytest.CaptureFixture[str], *arguments: str, command: str = "launch"
) -> tuple[int, dict[str, Any]]:
    model = () if "--model" in arguments else ("--model", MODEL)
    return result_of(capsys, command, "train.jsonl", *model, *arguments)


@pytest.fixture
def uploaded(in_tmp: Path) -> str:
    """Write a training file that passes; return its name."""
    return write("train.jsonl", GOOD)


def test_without_yes_nothing_is_sent(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as emulator:
        code, data = launch(capsys, "--suffix", "my-model", "--tier", "Global", "--epochs", "2")
        assert emulator.exchanges == []
        url = f"{emulator.address}/openai/fine_tuning/jobs?api-version=2024-10-21"
    assert code == 0
    assert (data["sent"], data["request"]["url"]) == (False, url)
    body = data["request"]["body"]
    assert body["model"] == MODEL
    assert body["suffix"] == "my-model"
    assert body["hyperparameters"] == {"n_epochs": 2}
    assert body["trainingType"] == "globalStandard"
    assert isinstance(body["seed"], int)
    assert data["estimate"]["epochs"] == 2
    assert data["estimate"]["tier"] == "Global"
    assert data["estimate"]["cost"]
    assert not os.path.exists(".ftlint")


def test_a_rehearsal_needs_neither_endpoint_nor_key(
    uploaded: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert run(["run", uploaded, "--model", MODEL]) == 0
    out = capsys.readouterr().out
    assert "POST https://YOUR-RESOURCE.openai.azure.com/openai/fine_tuning/jobs" in out
    assert "would upload train.jsonl: 5.1 kB by multipart (less than 100 MB)" in out
    assert "nothing was sent; to do it, add --yes" in out


def test_a_job_starts_on_what_was_uploaded(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        code, data = launch(capsys, "--yes")
        (job,) = emulator.jobs.values()
        assert asked(emulator).count(JOBS) == 1
    assert code == 0
    assert (data["job"]["id"], data["how"]) == (job.id, "started")


def test_a_file_that_was_not_uploaded_is_no_job(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as emulator:
        code, data = launch(capsys, "--yes")
        assert emulator.jobs == {}
    assert code == 3
    assert "upload it first: ftlint upload" in data["error"]["message"]


def test_data_that_fails_is_no_job(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("train.jsonl", BAD)
    for command in ("launch", "run"):
        with serving() as emulator:
            assert launch(capsys, "--yes", command=command)[0] == 1
            assert emulator.exchanges == []


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (("--suffix", "my.model"), "invalid-suffix"),
        (("--epochs", "51"), "hyperparameter-out-of-range"),
        (("--beta", "0.5"), "hyperparameter-out-of-range"),
        (("--set", "epoch=3"), "hyperparameter-out-of-range"),
        (("--tier", "Fast"), "unknown-training-tier"),
    ],
)
@pytest.mark.parametrize("receipt", [False, True])
def test_what_the_job_must_not_be_is_told_before_anything_is_sent(
    serving: Serving,
    uploaded: str,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    rule: str,
    receipt: bool,
) -> None:
    more: tuple[str, ...] = ()
    if receipt:
        assert run(["check", uploaded, "--model", MODEL, "--receipt", "receipt.json"]) == 0
        more = ("--receipt", "receipt.json")
    with serving() as emulator:
        code, data = launch(capsys, "--yes", *arguments, *more)
        assert emulator.exchanges == []
    assert code == 1
    findings = data["findings"] if receipt else data["report"]["findings"]
    assert rule in [found["rule"] for found in findings]


def test_a_model_that_is_not_for_the_data_starts_nothing(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as emulator:
        code, data = launch(capsys, "--yes", "--model", "o4-mini")
        assert emulator.exchanges == []
    assert code == 1
    assert "model-not-finetunable" in data["report"]["rules"]


def test_a_receipt_for_another_model_starts_nothing(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", uploaded, "--receipt", "receipt.json"]) == 0
    with serving():
        code, data = launch(capsys, "--yes", "--receipt", "receipt.json")
    assert code == 3
    assert "the receipt is for model none" in data["error"]["message"]


def test_an_answer_that_is_lost_is_no_second_job(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(f"POST {JOBS} status=500 when=after times=1") as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        code, data = launch(capsys, "--yes")
        (job,) = emulator.jobs.values()
        assert asked(emulator).count(JOBS) == 1
    assert code == 0
    assert (data["job"]["id"], data["how"]) == (job.id, "found")


@pytest.mark.parametrize("fault", ["status=500", "status=502", "cut"])
def test_a_request_that_may_have_worked_is_not_sent_again(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    with serving(f"POST {JOBS} {fault} times=1") as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        code, data = launch(capsys, "--yes", "--reconcile-for", "0")
        assert asked(emulator).count(JOBS) == 1
        assert code == 6
        assert "ftlint jobs reconcile" in data["error"]["message"]
        code, data = launch(capsys, "--yes", "--reconcile-for", "0")
        assert asked(emulator).count(JOBS) == 1
        assert emulator.jobs == {}
    assert code == 6


def test_a_request_that_was_not_taken_is_sent_again(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(f"POST {JOBS} status=429 retry-after=300 times=2") as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        assert launch(capsys, "--yes")[0] == 0
        assert asked(emulator).count(JOBS) == 3
        assert len(emulator.jobs) == 1


def test_the_same_command_starts_no_second_job(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        first = launch(capsys, "--yes")[1]
        code, second = launch(capsys, "--yes")
        assert len(emulator.jobs) == 1
        assert (code, second["job"]["id"], second["how"]) == (
            0,
            first["job"]["id"],
            "started before",
        )
        third = launch(capsys, "--yes", "--again")[1]
        assert len(emulator.jobs) == 2
    assert third["how"] == "started"
    assert third["job"]["seed"] != first["job"]["seed"]


def test_another_seed_is_another_job(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        assert launch(capsys, "--yes", "--seed", "1")[1]["job"]["seed"] == 1
        assert launch(capsys, "--yes", "--seed", "2")[1]["job"]["seed"] == 2
        assert len(emulator.jobs) == 2


def test_what_the_service_says_of_a_job_is_shown_and_it_may_be_sent_anew(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = "Training file has 7 example(s), but must have at least 10 examples"
    fault = f"POST {JOBS} status=400 code=invalid_n_examples message='{message}' times=1"
    with serving(fault) as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        code, data = launch(capsys, "--yes")
        assert code == 7
        assert message in data["error"]["message"]
        assert "ftlint rule too-few-examples" in data["error"]["message"]
        assert launch(capsys, "--yes")[0] == 0
        assert len(emulator.jobs) == 1


def test_run_goes_all_the_way(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("valid.jsonl", OTHER)
    with serving() as emulator:
        code, data = launch(capsys, "--validation", "valid.jsonl", "--yes", command="run")
        assert asked(emulator) == ["/files", "/files", JOBS]
        assert launch(capsys, "--validation", "valid.jsonl", "--yes", command="run")[0] == 0
        assert asked(emulator) == ["/files", "/files", JOBS]
    assert code == 0
    assert data["job"]["status"] == "succeeded"
    assert data["results"]["metrics"]


def test_run_shows_the_results(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving():
        assert run(["run", uploaded, "--model", MODEL, "--yes", "--poll", "1"]) == 0
    out = capsys.readouterr().out
    assert "sent by multipart" in out
    assert "train_loss" in out
    assert "succeeded" in out


def test_run_ends_with_a_job_that_fails(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(f"POST {JOBS} job-error") as emulator:
        code, data = launch(capsys, "--yes", command="run")
        assert code == 7
        assert data["job"]["status"] == "failed"
        assert launch(capsys, "--yes", command="run")[0] == 7
        assert len(emulator.jobs) == 2


def body(method: str, version: str = "2024-10-21", profile: str = "azure", **more: Any) -> Any:
    """Return the body of a job by the profile."""
    meant: Mapping[str, Any] = {
        "host": "example.com",
        "model": "m",
        "method": method,
        "train": "0" * 64,
        "validation": None,
        "hyperparameters": {"n_epochs": 3, "batch_size": "auto"},
        **more,
    }
    table = load_profile(profile, RULES).job
    return body_of(JobSpec(**meant), table, version, train="file-1", validation=None)


def test_bodies_have_the_form_of_their_method_and_version() -> None:
    dated = body("sft")
    assert dated["hyperparameters"] == {"n_epochs": 3}
    assert "method" not in dated
    assert body("sft", "v1")["method"] == {
        "type": "supervised",
        "supervised": {"hyperparameters": {"n_epochs": 3}},
    }
    preference = body("dpo", hyperparameters={"beta": 0.1})
    assert preference["method"] == {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}}
    assert "hyperparameters" not in preference
    grader = {"type": "string_check", "name": "g"}
    reinforced = body("rft", hyperparameters={}, grader=grader, response_format={"type": "text"})
    assert reinforced["method"] == {
        "type": "reinforcement",
        "reinforcement": {"grader": grader, "response_format": {"type": "text"}},
    }
    openai = body("sft", "v1", "openai")
    assert openai["method"]["supervised"]["hyperparameters"]["batch_size"] == "auto"
    assert len(openai["metadata"]["ftlint_digest"]) == 64
    assert "trainingType" not in openai


def test_the_seed_follows_from_the_job() -> None:
    assert body("sft")["seed"] == body("sft")["seed"]
    assert body("sft")["seed"] != body("sft", suffix="other")["seed"]
    assert 0 <= body("dpo")["seed"] < 2**31
    assert body("sft", seed=0)["seed"] == 0


def test_a_job_of_reinforcement_carries_its_grader(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = b'{"messages":[{"role":"user","content":"q %d"}],"answer":"%d"}'
    write("train.jsonl", whole(*(row % (number, number) for number in range(60))))
    write("valid.jsonl", whole(*(row % (number, number + 1) for number in range(20))))
    write("grader.json", orjson.dumps(GRADER))
    arguments = ("--model", "o4-mini-2025-04-16", "--grader", "grader.json", "--yes")
    with serving() as emulator:
        code, data = launch(capsys, *arguments, command="run")
        assert code == 1
        assert "missing-validation-file" in [each["rule"] for each in data["report"]["findings"]]
        bare = [each for each in arguments if "grader" not in each]
        code, data = launch(capsys, *bare, "--validation", "valid.jsonl", command="run")
        assert code == 1
        assert "missing-grader" in data["report"]["rules"]
        assert emulator.exchanges == []
        code, data = launch(capsys, *arguments, "--validation", "valid.jsonl", command="run")
        (sent,) = [each.body for each in emulator.exchanges if each.below == JOBS and each.body]
    assert code == 0
    assert sent["method"]["reinforcement"]["grader"] == GRADER


def test_training_goes_on_from_a_fine_tuned_model(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving():
        first = launch(capsys, "--yes", command="run")[1]
        tuned = first["job"]["fine_tuned_model"]
        code, data = launch(capsys, "--yes", "--model", tuned, command="run")
    assert code == 0
    assert data["job"]["model"] == tuned


def test_openai_jobs_have_a_digest_and_no_tier(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("train.jsonl", whole(*(LINE % (n, n) for n in range(60)), mark=b""))
    with serving() as emulator:
        code, _ = launch(capsys, "--profile", "openai", "--yes", command="run")
        (sent,) = [each.body for each in emulator.exchanges if each.below == JOBS and each.body]
    assert code == 0
    assert "trainingType" not in sent
    assert sent["metadata"]["ftlint_digest"]


def test_reconcile_finds_what_came_late(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = (f"POST {JOBS} cut when=after times=1", f"GET {JOBS} status=503 skip=1 times=6")
    with serving(*faults) as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        assert launch(capsys, "--yes")[0] == 5  # the list cannot be read either
        capsys.readouterr()
        assert run(["jobs", "reconcile", "--output-format", "json"]) == 0
        found = orjson.loads(capsys.readouterr().out)["found"]
        (job,) = emulator.jobs
        assert [each["data"]["id"] for each in found] == [job]
        assert launch(capsys, "--yes")[1]["how"] == "started before"
        assert len(emulator.jobs) == 1


def test_an_intent_may_be_forgotten_by_name(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(f"POST {JOBS} cut times=1") as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        assert launch(capsys, "--yes", "--reconcile-for", "0")[0] == 6
        assert run(["jobs", "reconcile"]) == 6
        assert run(["jobs", "reconcile", "--forget", "nonsense"]) == 2
        error = capsys.readouterr().err
        intent = error.rpartition("those that do: ")[2].strip()
        assert run(["jobs", "reconcile", "--forget", intent]) == 0
        assert launch(capsys, "--yes")[0] == 0
        assert len(emulator.jobs) == 1
        assert run(["jobs", "reconcile"]) == 0
    assert "no request waits for an answer" in capsys.readouterr().out


def test_what_was_forgotten_and_came_late_is_taken(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(f"POST {JOBS} cut when=after times=1") as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Api, "jobs", lambda _: iter(()))  # as where a list lags behind
            code, data = launch(capsys, "--yes", "--reconcile-for", "0")
            intent = data["error"]["message"].partition("for intent ")[2].split(" ")[0]
        assert code == 6
        assert run(["jobs", "reconcile", "--forget", intent]) == 0
        code, data = launch(capsys, "--yes")
        (job,) = emulator.jobs
    assert (code, data["job"]["id"], data["how"]) == (0, job, "started before")


def test_two_jobs_that_are_alike_are_left_to_a_person(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = f"POST {JOBS} cut when=after times=1 skip=1"
    with serving(lost) as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        assert launch(capsys, "--yes", "--seed", "5", "--state", "elsewhere")[0] == 0
        code, data = launch(capsys, "--yes", "--seed", "5", "--again")
        assert code == 6
        first, second = emulator.jobs
        assert all(job in data["error"]["message"] for job in (first, second))
        del emulator.jobs[first]  # somebody has looked
        capsys.readouterr()
        assert run(["jobs", "reconcile", "--output-format", "json"]) == 0
        (found,) = orjson.loads(capsys.readouterr().out)["found"]
    assert found["data"]["id"] == second


def test_of_two_jobs_that_are_alike_the_one_that_failed_is_not_meant(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(
        f"POST {JOBS} job-error times=1", f"POST {JOBS} cut when=after times=1 skip=1"
    ) as emulator:
        assert launch(capsys, "--yes", "--seed", "5", "--state", "a", command="run")[0] == 7
        code, data = launch(capsys, "--yes", "--seed", "5", "--state", "b")
        assert (code, data["how"]) == (0, "found")
        assert data["job"]["id"] == list(emulator.jobs)[1]


def test_a_job_from_elsewhere_is_taken_where_its_seed_tells_that_it_is_the_same(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as emulator:
        first = launch(capsys, "--yes", "--state", "elsewhere", command="run")[1]
        code, second = launch(capsys, "--yes", command="run")
        assert (code, second["how"], len(emulator.jobs)) == (0, "started before", 1)
        shutil.rmtree(".ftlint")
        code, third = launch(capsys, "--yes", "--epochs", "3")
        assert (code, third["how"], len(emulator.jobs)) == (0, "started", 2)
        shutil.rmtree(".ftlint")
        code, fourth = launch(capsys, "--yes", "--again")
        assert (code, fourth["how"], len(emulator.jobs)) == (0, "started", 3)
    assert second["job"]["id"] == first["job"]["id"]
    assert fourth["job"]["seed"] != first["job"]["seed"]


def test_a_job_from_elsewhere_with_a_seed_of_the_user_is_left_to_a_person(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        seed = ("--yes", "--seed", "5")
        first = launch(capsys, *seed, "--state", "elsewhere")[1]["job"]["id"]
        code, data = launch(capsys, *seed)
        assert (code, len(emulator.jobs)) == (6, 1)
        assert f"has {first}, which may be this job" in data["error"]["message"]
        assert launch(capsys, *seed, "--epochs", "2")[0] == 0, "it tells other hyperparameters"
        assert launch(capsys, *seed, "--model", "gpt-4.1-mini-2025-04-14")[0] == 0, "another model"
        assert launch(capsys, *seed, "--again")[0] == 0
        assert len(emulator.jobs) == 4


def test_a_job_that_failed_elsewhere_is_no_reason_not_to_start_another(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(f"POST {JOBS} job-error times=1") as emulator:
        assert launch(capsys, "--yes", "--state", "elsewhere", command="run")[0] == 7
        code, data = launch(capsys, "--yes", command="run")
        first, second = emulator.jobs.values()
    assert (code, data["job"]["id"]) == (0, second.id)
    assert first.seed != second.seed


@pytest.mark.parametrize("status", [400, 501])
def test_a_refusal_that_was_none_makes_no_second_job(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    with serving(f"POST {JOBS} status={status} when=after times=1") as emulator:
        assert launch(capsys, "--yes", command="run")[0] == 7
        code, data = launch(capsys, "--yes", command="run")
        (job,) = emulator.jobs
    assert (code, data["job"]["id"], data["how"]) == (0, job, "started before")


def test_a_job_that_is_not_found_by_its_id_is_looked_for_in_the_list(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(f"GET {JOBS}/* status=404 times=1") as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        assert launch(capsys, "--yes")[0] == 0
        code, data = launch(capsys, "--yes")
        assert (code, data["how"], len(emulator.jobs)) == (0, "started before", 1)
        emulator.jobs.clear()  # somebody has deleted it
        assert launch(capsys, "--yes")[1]["how"] == "started"


def test_an_interruption_before_the_request_is_sent_again_leaves_nothing_unknown(
    serving: Serving,
    uploaded: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    with serving(f"POST {JOBS} status=429 times=1") as emulator:
        assert result_of(capsys, "upload", uploaded)[0] == 0
        with monkeypatch.context() as patch:
            patch.setattr(retry, "sleep", interrupt)
            assert launch(capsys, "--yes")[0] == 130
        assert launch(capsys, "--yes")[0] == 0
        assert len(emulator.jobs) == 1


def test_a_budget_is_not_ignored_where_nothing_is_checked(
    uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", uploaded, "--model", MODEL, "--receipt", "receipt.json"]) == 0
    arguments = ("--receipt", "receipt.json", "--max-cost", "0.001")
    code, data = launch(capsys, *arguments, command="run")
    assert code == 3
    assert "no token counts, which --max-cost needs" in data["error"]["message"]


@pytest.mark.parametrize(
    "twice",
    [
        ("--epochs", "2", "--set", "n_epochs=3"),
        ("--set", "batch_size=2", "--set", "batch_size=3"),
    ],
)
def test_a_hyperparameter_that_is_given_twice_is_refused(
    uploaded: str, capsys: pytest.CaptureFixture[str], twice: tuple[str, ...]
) -> None:
    code, data = launch(capsys, *twice, command="run")
    assert (code, data.get("error", {"exit_code": 2})["exit_code"]) == (2, 2)


@pytest.mark.parametrize(("tier", "over"), [("Standard", True), ("Developer", False)])
def test_the_budget_is_held_against_the_tier_of_the_job(
    uploaded: str, capsys: pytest.CaptureFixture[str], tier: str, over: bool
) -> None:
    arguments = ("--model", MODEL, "--tier", tier, "--max-cost", "0.004")
    assert run(["run", uploaded, *arguments]) == 0
    assert ("estimated-cost-over-budget" in capsys.readouterr().err) == over


def test_a_job_that_succeeded_is_one_whatever_becomes_of_its_results(
    serving: Serving, uploaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving("GET /files/*/content status=404"):
        code, data = launch(capsys, "--yes", command="run")
    assert code == 0
    assert data["job"]["status"] == "succeeded"
    assert "results" not in data
