"""`ftlint jobs watch`: what happens, once and in order, until the end; exit codes."""

from __future__ import annotations

from typing import Any

import pytest

from ftlint.cli import run
from ftlint.emulator.service.course import Job
from ftlint.training.providers import retry
from ftlint.training.providers.client import PAGE, Api, Data
from ftlint.training.watch import measured, moment, watch
from tests.support.helpers import LINE, whole
from tests.support.rehearsal import (
    Captured,
    Rehearsal,
    answer,
    failed,
    rehearsal,
    result_of,
    service,
)
from tests.support.service import Serving, serving

__all__ = ["service", "serving"]

WATCH = ("watch", "ftjob-1", "--poll", "1")


def chatter(capsys: Captured, *arguments: str, code: int = 0) -> list[str]:
    """Run a command of `ftlint jobs`; return what it tells on standard error."""
    capsys.readouterr()
    assert run(["jobs", *arguments]) == code
    return capsys.readouterr().err.splitlines()


def script(monkeypatch: pytest.MonkeyPatch, *steps: tuple[str, list[Data]]) -> None:
    """Have a job go through statuses, with the events (the oldest first) that came until then.

    The last step stays.
    """
    played = iter(steps)
    now: list[tuple[str, list[Data]]] = []

    def job(*_: Any) -> Data:
        now[:] = [next(played, *now)] if now else [next(played)]
        return {"id": "ftjob-1", "status": now[0][0], "model": "gpt"}

    monkeypatch.setattr(Api, "job", job)
    monkeypatch.setattr(Api, "events", lambda *_: reversed(now[0][1]))


def event(number: int, message: str, at: int = 0, **more: Any) -> Data:
    """Return an event."""
    return {"id": f"e{number}", "message": message, "created_at": at, **more}


def test_tells_everything_once_and_in_order(service: Rehearsal, capsys: Captured) -> None:
    job = service.job()
    heard = chatter(capsys, "watch", job, "--poll", "1")
    statuses = [line.split(": ")[1] for line in heard if line.startswith(f"job {job}: ")]
    assert statuses == ["created", "pending", "running", "succeeded"]
    events = [line.split(" ", 1) for line in heard if line[:3] == "202"]
    assert [at for at, _ in events] == sorted(at for at, _ in events)
    words = [word for _, word in events]
    assert len(words) == len(set(words))
    assert words[0] == f"Created fine-tuning job: {job}"
    assert words[-1] == "The job has successfully completed"
    progress = [word.split(":")[0] for word in words if word.startswith("step")]
    assert progress == ["step 60/180 (33%)", "step 120/180 (67%)", "step 180/180 (100%)"]
    assert heard[-1] == f"its results: ftlint jobs results {job}"


def test_the_result_is_on_standard_output(service: Rehearsal, capsys: Captured) -> None:
    job = service.job()
    data = result_of(capsys, "watch", job, "--poll", "1")
    assert (data["host"], data["job"]["status"]) == (service.host, "succeeded")
    assert chatter(capsys, "watch", job, "-q") == []


def test_an_ended_job_is_asked_for_once(service: Rehearsal, capsys: Captured) -> None:
    job = service.job()
    service.clock.sleep(100)
    service.asked()
    result_of(capsys, "watch", job)
    asked = service.asked()
    assert asked.count(f"GET /fine_tuning/jobs/{job}") == 1


def test_progress_can_be_left_out(service: Rehearsal, capsys: Captured) -> None:
    heard = chatter(capsys, "watch", service.job(), "--poll", "1", "--no-progress")
    assert not any("step 180/180" in line for line in heard)
    assert any("Checkpoint created" in line for line in heard)


def test_a_job_that_fails(service: Rehearsal, capsys: Captured) -> None:
    job = service.job(data=whole(*[LINE] * 3))
    message = failed(capsys, "watch", job, "--poll", "1", code=7)
    assert message.startswith(f"job {job}: failed (invalid_n_examples): Training file has 3 ex")
    assert message.endswith("fewer examples than the service asks for; see ftlint rule "
                            "too-few-examples)")  # fmt: skip
    data = result_of(capsys, "watch", job, code=7)
    assert (data["job"]["status"], data["error"]["exit_code"]) == ("failed", 7)


def test_a_job_that_fails_for_no_reason(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, ("failed", []))
    assert failed(capsys, *WATCH, code=7) == "job ftjob-1: failed; the service gives no reason"


def test_a_job_that_breaks_while_it_runs(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, in_tmp: object, capsys: Captured
) -> None:
    with rehearsal(serving, monkeypatch, "POST /fine_tuning/jobs job-error='It broke.'") as one:
        job = one.job()
        message = failed(capsys, "watch", job, "--poll", "1", code=7)
        assert message == f"job {job}: failed (server_error): It broke."


def test_a_job_that_is_cancelled(service: Rehearsal, capsys: Captured) -> None:
    job = service.job()
    service.api().act(job, "cancel")
    assert failed(capsys, "watch", job, code=7) == f"job {job}: cancelled"


def test_the_time_limit(service: Rehearsal, capsys: Captured) -> None:
    job = service.job(service.api("openai"))
    arguments = ("watch", job, "--timeout", "0", "--profile", "openai", "--state", "my state")
    message = failed(capsys, *arguments, code=5)
    assert message == (
        f"job {job} is validating_files after 0 s, the timeout, and continues; "
        f"to watch it again: ftlint jobs watch {job} --profile openai --state 'my state'"
    )


def test_an_interrupt_says_that_the_job_goes_on(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    job = service.job()
    monkeypatch.setattr(retry, "sleep", interrupt)
    heard = chatter(capsys, "watch", job, code=130)
    again = f"job {job} continues; to watch it again: ftlint jobs watch {job}"
    assert heard[-2:] == [again, "interrupted"]


def test_passing_failures_are_ridden_out(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, in_tmp: object, capsys: Captured
) -> None:
    faults = (
        "GET /fine_tuning/jobs/* status=503 skip=2 times=3",
        "GET /fine_tuning/jobs/*/events status=429 retry-after=200 skip=1 times=1",
        "GET /fine_tuning/jobs/*/events cut times=1",
    )
    with rehearsal(serving, monkeypatch, *faults) as one:
        assert result_of(capsys, "watch", one.job(), "--poll", "1")["job"]["status"] == "succeeded"


def test_a_service_that_stays_away(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, in_tmp: object, capsys: Captured
) -> None:
    with rehearsal(serving, monkeypatch, "GET /fine_tuning/jobs/* status=503 skip=2") as one:
        job = one.job()
        message = failed(capsys, "watch", job, "--poll", "1", code=5)
        assert " 503" in message
        assert message.endswith(f"job {job} continues; to watch it again: ftlint jobs watch {job}")


def test_a_pause_is_told_and_does_not_end_it(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, ("running", []), ("paused", []), ("paused", []), ("succeeded", []))
    heard = chatter(capsys, *WATCH)
    words = "ftlint jobs resume ftjob-1 --yes"
    paused = f"job ftjob-1: paused; to resume it, at the same service: {words}"
    assert heard.count(paused) == 1


def test_an_unknown_status_is_named_once(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("simmering\x1b[1m", "running", "simmering\x1b[1m", "simmering\x1b[1m", "succeeded")
    script(monkeypatch, *((name, []) for name in names))
    heard = [line for line in chatter(capsys, *WATCH) if "simmering" in line]
    assert [line.count("a status unknown to ftlint") for line in heard] == [1, 0]
    assert "\x1b" not in "".join(heard)


def test_events_that_come_late_or_have_no_id(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = event(1, "one", 1), event(2, "two", 2, level="warn")
    odd: Data = {"message": "odd\n\x1b[1m", "created_at": "?"}
    script(
        monkeypatch,
        ("running", [early, event(3, "three", 3)]),
        ("running", [early, late, event(3, "three", 3), odd]),
        ("succeeded", [early, late, event(3, "three", 3), odd]),
    )
    heard = chatter(capsys, *WATCH)
    words = [line.split("Z ")[-1] for line in heard if line[:4] == "1970" or "odd" in line]
    assert words == ["one", "three", "odd \\x1b[1m", "warn: two"]


def test_many_events_are_all_told_and_old_ones_not_asked_for_again(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = service.job()
    advance = Job.advance

    def busy(self: Job, now: float) -> None:
        if not self.events:
            for number in range(3 * PAGE):
                self._add_event(self.created, f"message {number}")
        advance(self, now)

    monkeypatch.setattr(Job, "advance", busy)
    service.asked()
    heard = chatter(capsys, "watch", job, "--poll", "1")
    curve = [line.split()[-1] for line in heard if " message " in line]
    assert curve == [str(number) for number in range(3 * PAGE)]
    asked = service.asked()
    polls = asked.count(f"GET /fine_tuning/jobs/{job}")
    assert asked.count(f"GET /fine_tuning/jobs/{job}/events") == polls + 3


def test_a_list_of_events_that_never_ends(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = {"data": [event(2, "two", 2), event(1, "one", 1)], "has_more": True}
    asks: list[str] = []

    def ask(self: Api, verb: str, path: str, **_: Any) -> Data:
        asks.append(path)
        return page if path.endswith("events") else {"id": "ftjob-1", "status": "succeeded"}

    monkeypatch.setattr(Api, "_ask", ask)
    heard = chatter(capsys, *WATCH)
    assert [line.split()[-1] for line in heard if line.startswith("1970")] == ["one", "two"]
    assert len(asks) < 10


def test_the_latest_metrics_stand_for_those_before(service: Rehearsal) -> None:
    heard: list[str] = []
    metrics: list[str] = []
    api = service.api()
    job = service.job(api)
    service.clock.sleep(100)
    ended = watch(api, job, poll=0, limit=None, on_event=heard.append, on_metrics=metrics.append)
    assert ended["status"] == "succeeded"
    assert [line.split()[1:3] for line in metrics] == [["step", "180/180"]]
    assert not any("180/180" in line for line in heard)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"type": "message", "message": "hello"}, None),
        ({"data": {"step": 3, "train_loss": 0.25}}, "step 3: train_loss 0.25"),
        ({"type": "metrics", "message": "Step 5/20: training loss=0.5", "data": {"train_loss": 1}},
         "step 5/20 (25%): train_loss 1"),
        ({"type": "metrics", "data": {"step": 1, "total_steps": 4, "reward_mean": 0.12345}},
         "step 1/4 (25%): reward_mean 0.1235"),
        ({"type": "metrics", "data": {"step": 1, "tokens": 7, "done": True}}, "step 1: tokens 7"),
        ({"type": "metrics", "message": "half way", "data": {"step": "x"}}, "half way"),
        ({"type": "metrics", "data": None}, ""),
        ({"type": "metrics", "data": {"step": 9, "total_steps": 0, "loss": 2}}, "step 9: loss 2"),
    ],
)  # fmt: skip
def test_metrics_in_a_line(given: Data, line: str | None) -> None:
    assert measured(given) == line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1970-01-01T00:00:00Z"), (1.5, "1970-01-01T00:00:01Z"), (None, ""), ("1", ""), (True, ""),
     (10**30, ""), (float("inf"), ""), (float("nan"), "")],
)  # fmt: skip
def test_times(seconds: object, text: str) -> None:
    assert moment(seconds) == text


def test_remembers_nothing_of_jobs_of_others(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, status="succeeded", fine_tuned_model="m.ft-1")
    monkeypatch.setattr(Api, "events", lambda *_: iter(()))
    assert result_of(capsys, *WATCH)["job"]["started_here"] is False
