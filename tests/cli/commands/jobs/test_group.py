"""`ftlint jobs`: list, show, checkpoints; cancel, pause and resume."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftlint.cli import run
from ftlint.training.ledger import FOLDER, Ledger
from ftlint.training.providers.client import Api, Data
from tests.support import contracts
from tests.support.helpers import BOM, LINE, whole
from tests.support.rehearsal import Captured, Rehearsal, answer, failed, lines, result_of, service
from tests.support.service import GOOD, KEY, serving

__all__ = ["service", "serving"]


def test_lists_the_latest_first_and_marks_those_of_this_directory(
    service: Rehearsal, capsys: Captured
) -> None:
    first, second = service.job(), service.job(seed=8, suffix="mine")
    service.note(first)
    head, *rows, foot = lines(capsys, "list")
    assert head.split() == [
        "job", "status", "model", "method", "created", "training", "file", "fine-tuned", "model"
    ]  # fmt: skip
    assert [row.split()[:2] for row in rows] == [[second, "created"], [first, "*"]]
    assert foot == "* started from this directory"


def test_says_that_there_are_more_jobs(service: Rehearsal, capsys: Captured) -> None:
    for seed in range(3):
        last = service.job(seed=seed)
    shown = lines(capsys, "list", "--limit", "2")
    assert shown[-1] == "these are the latest 2; --limit N shows more"
    data = result_of(capsys, "list", "--limit", "2")
    assert (len(data["jobs"]), data["more"], data["jobs"][0]["id"]) == (2, True, last)
    assert result_of(capsys, "list", "--limit", "3")["more"] is False


def test_an_empty_list(service: Rehearsal, capsys: Captured) -> None:
    assert lines(capsys, "list") == ["no jobs"]
    data = result_of(capsys, "list")
    assert data == {
        "command": "jobs list", "host": service.host, "api_version": "2024-10-21", "jobs": [],
        "more": False,
    }  # fmt: skip


def test_cuts_nothing_off(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = "a-model-with-a-name-" * 10
    answer(monkeypatch, model=model, fine_tuned_model=f"{model}.ft-1")
    assert f"{model}.ft-1" in lines(capsys, "list")[1]


def test_shows_all_that_is_known(service: Rehearsal, capsys: Captured) -> None:
    job = service.job(suffix="mine", hyperparameters={"n_epochs": 2})
    service.note(job)
    service.clock.sleep(100)
    shown = lines(capsys, "show", job)
    assert shown[0] == f"{job}, started from this directory"
    rows = dict(row.strip().split(":", 1) for row in shown[1:])
    assert rows["status"].strip() == "succeeded"
    assert rows["created"].strip() == "2025-10-09T08:53:40Z"
    assert rows["ended"].strip() == "2025-10-09T08:53:44Z"
    assert rows["n_epochs"].strip() == "2"
    assert rows["training file"].strip().endswith(f"(train.jsonl, {len(GOOD):,} bytes, processed)")
    assert rows["fine-tuned model"].strip().endswith("-mine")
    data = result_of(capsys, "show", job)["job"]
    assert (data["ended"], data["started_here"], data["seed"]) == (True, True, 7)
    assert data["files"]["validation_file"]["filename"] == "valid.jsonl"


def test_says_which_file_is_gone(service: Rehearsal, capsys: Captured) -> None:
    job = service.job()
    service.emulator.files.pop(result_of(capsys, "show", job)["job"]["training_file"])
    assert any("(no longer on the service)" in row for row in lines(capsys, "show", job))


def test_reads_the_error_of_a_job(service: Rehearsal, capsys: Captured) -> None:
    job = service.job(data=whole(*[LINE] * 3, mark=BOM))
    service.clock.sleep(100)
    shown = lines(capsys, "show", job)
    assert shown[-3].startswith("  error (invalid_n_examples), in training_file: Training file has")
    assert shown[-2].startswith("  ftlint: the file has fewer examples")
    assert shown[-1].endswith("too-few-examples; see ftlint rule too-few-examples")
    error = result_of(capsys, "show", job)["job"]["error"]
    assert (error["code"], error["rules"]) == ("invalid_n_examples", ["too-few-examples"])


def test_what_a_service_says_is_harmless(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = {"code": "x", "message": f"\x1b[31mno\nreally \ud800 api-key: {KEY}"}
    answer(monkeypatch, id="ftjob\x1b[1m", error=error, seed=10**40, extra={"n": [10**40]},
           created_at=10**40, finished_at="soon", result_files="none", hyperparameters=[],
           method={"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}})  # fmt: skip
    shown = "\n".join(lines(capsys, "show", "ftjob-1"))
    assert "\x1b" not in shown
    assert KEY not in shown
    data = result_of(capsys, "show", "ftjob-1")["job"]
    assert (data["created_at"], data["result_files"]) == (None, [])
    assert (data["seed"], data["hyperparameters"]) == (str(10**40), {"beta": 0.1})
    assert KEY not in str(data)
    assert result_of(capsys, "list")["jobs"][0]["error"]["code"] == "x"


@pytest.mark.parametrize("name", ["../files", "a/b", "ftjob?x=1", "", "-", "a b", "x" * 300])
@pytest.mark.parametrize("verb", ["show", "watch", "checkpoints", "cancel", "results"])
def test_ids_that_are_none_are_refused(
    service: Rehearsal, capsys: Captured, verb: str, name: str
) -> None:
    assert "is no id: expected letters" in failed(capsys, verb, "--", name, code=2)[:500]
    assert service.asked() == []


@pytest.mark.parametrize("verb", ["show", "watch", "checkpoints", "results"])
def test_a_job_that_is_not_there(service: Rehearsal, capsys: Captured, verb: str) -> None:
    message = failed(capsys, verb, "ftjob-none", code=7)
    assert message == f"no job ftjob-none at {service.host}; see ftlint jobs list"
    data = result_of(capsys, verb, "ftjob-none", code=7)
    assert data["error"] == {"exit_code": 7, "message": message}


def test_checkpoints_and_which_of_them_can_be_deployed(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = service.job()
    assert lines(capsys, "checkpoints", job)[0].startswith("no checkpoints; the job is ")
    service.clock.sleep(100)
    head, *rows, foot = lines(capsys, "checkpoints", job)
    assert head.split()[:4] == ["step", "model", "deployable", "train_loss"]
    assert [row.split()[0] for row in rows] == ["60", "120", "180"]
    assert {row.split()[2] for row in rows} == {"yes"}
    assert foot == "according to the profile, those of the last 3 epochs are deployable"
    many = [{"id": str(step), "step_number": step, "metrics": {"loss": 1, "note": "\x1b"},
             "fine_tuned_model_checkpoint": "m"} for step in range(5, 0, -1)]  # fmt: skip
    monkeypatch.setattr(Api, "checkpoints", lambda *_: iter(many))
    found = result_of(capsys, "checkpoints", job)["checkpoints"]
    assert [(one["step"], one["deployable"]) for one in found] == [
        (1, False), (2, False), (3, True), (4, True), (5, True)
    ]  # fmt: skip
    assert [row.split()[2] for row in lines(capsys, "checkpoints", job)[1:3]] == ["no", "no"]


def test_checkpoints_where_no_profile_says_which_can_be_deployed(
    service: Rehearsal, capsys: Captured
) -> None:
    job = service.job(service.api("openai"))
    service.clock.sleep(100)
    found = result_of(capsys, "checkpoints", job, "--profile", "openai")["checkpoints"]
    assert {one["deployable"] for one in found} == {None}
    assert len(lines(capsys, "checkpoints", job, "--profile", "openai")) == 1 + len(found)


def test_cancels_only_with_yes(service: Rehearsal, capsys: Captured) -> None:
    job = service.job()
    service.asked()
    data = result_of(capsys, "cancel", job)
    assert data["sent"] is False
    path = f"/openai/fine_tuning/jobs/{job}/cancel?api-version=2024-10-21"
    assert data["request"]["url"] == f"{service.emulator.address}{path}"
    assert lines(capsys, "cancel", job)[-1] == f"host: {service.host}"
    assert service.asked() == []
    assert lines(capsys, "cancel", job, "--yes") == [f"job {job}: cancelled"]
    assert service.asked() == [f"POST /fine_tuning/jobs/{job}/cancel"]
    assert "cannot be cancelled" in failed(capsys, "cancel", job, "--yes", code=7)


def test_a_request_is_printed_without_a_key(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, in_tmp: Path
) -> None:
    for name in ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    arguments = ("cancel", "ftjob-1", "--endpoint", "https://me.openai.azure.com")
    assert lines(capsys, *arguments)[-1] == "host: me.openai.azure.com"
    assert failed(capsys, "cancel", "ftjob-1", code=2).startswith("no endpoint; set AZURE")


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_pausing_is_refused_where_a_version_does_not(
    service: Rehearsal, capsys: Captured, action: str
) -> None:
    message = failed(capsys, action, "ftjob-1", "--yes", code=2)
    words = f"version 2024-10-21 of this API does not {action} jobs"
    assert message == f"{words}; it does with --api-version v1"
    assert service.asked() == []


@pytest.mark.parametrize(("profile", "version"), [("azure", "v1"), ("openai", "v1")])
def test_pauses_and_resumes(
    service: Rehearsal, capsys: Captured, profile: str, version: str
) -> None:
    job = service.job(service.api(profile, version))
    where = ("--profile", profile, "--api-version", version, "--yes")
    assert lines(capsys, "pause", job, *where) == [f"job {job}: paused"]
    assert result_of(capsys, "resume", job, *where)["job"]["status"] != "paused"


def test_remembers_the_model_of_a_job_of_ours(service: Rehearsal, capsys: Captured) -> None:
    job = service.job()
    service.note(job)
    service.clock.sleep(100)
    for _ in range(2):
        model = result_of(capsys, "show", job)["job"]["fine_tuned_model"]
    [entry] = Ledger(FOLDER).jobs()
    assert (entry["fine_tuned_model"], entry["state"]) == (model, "started")
    assert len(Path(FOLDER, "jobs.jsonl").read_text().splitlines()) == 2


def test_every_request_keeps_to_the_contract(service: Rehearsal, capsys: Captured) -> None:
    if contracts.MISSING:
        pytest.skip(contracts.MISSING)
    for profile in ("azure", "openai"):
        job = service.job(service.api(profile))
        for arguments in (["list"], ["show", job], ["cancel", job, "--yes"], ["checkpoints", job]):
            lines(capsys, *arguments, "--profile", profile)
        other = service.job(service.api(profile), seed=9)
        service.clock.sleep(100)
        lines(capsys, "watch", other, "--profile", profile)
        lines(capsys, "results", other, "--profile", profile)
    assert len(service.emulator.exchanges) > 30
    assert contracts.violations(service.emulator.exchanges) == []


@pytest.mark.parametrize("verb", ["list", "show", "watch", "checkpoints", "results", "cancel"])
def test_a_key_appears_nowhere(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", f"{KEY}-wrong")
    job = {"list": [], "cancel": ["ftjob-1", "--yes"]}.get(verb, ["ftjob-1"])
    assert run(["jobs", verb, *job, "-vv"]) == 4
    captured = capsys.readouterr()
    assert KEY not in captured.out + captured.err


def test_a_service_without_jobs_is_refused(capsys: Captured, in_tmp: Path) -> None:
    message = failed(capsys, "list", "--profile", "together", code=2)
    assert "ftlint checks data for it, and sends nothing there yet" in message


@pytest.mark.parametrize(
    "page",
    [
        {"data": None},
        {"data": [{"object": "fine_tuning.job"}, {}]},
        {"data": [{"id": None, "status": ["x"], "error": "bad", "method": 7}], "has_more": "yes"},
    ],
)
def test_answers_of_another_shape(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch, page: Data
) -> None:
    monkeypatch.setattr(Api, "_ask", lambda *_, **__: page)
    result_of(capsys, "list")
    assert lines(capsys, "list")
