"""The faults of the emulator: how they are written, and what each does."""

from __future__ import annotations

import shlex
import threading
from contextlib import suppress
from dataclasses import fields
from itertools import pairwise
from typing import Any

import pytest

from ftlint.core.errors import FtlintError
from ftlint.emulator import Emulator, Fault
from tests.conftest import ROOT
from tests.support.emulated import (
    DATA,
    FILE_PART,
    MODEL,
    PURPOSE_PART,
    ROW,
    SERVICES,
    Got,
    ask,
    client,
    form,
    running,
    send,
    until,
)

BODY, HEADERS = form(FILE_PART, PURPOSE_PART)
UPLOAD = {"purpose": "fine-tune", "filename": "a", "mime_type": "a/b", "bytes": len(ROW)}


def post(emulator: Emulator, service: str = "azure") -> Got:
    return ask(emulator, "POST", "/files", BODY, service=service, headers=HEADERS)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("POST /files cut", Fault("POST", "/files", cut=True)),
        ("post /a/* status=503", Fault("POST", "/a/*", status=503)),
        ("* * status=500 when=after times=2 skip=1",
         Fault("*", "*", status=500, when="after", times=2, skip=1)),
        ("GET /f cut when=during", Fault("GET", "/f", cut=True, when="during")),
        ("GET /f slow=.5", Fault("GET", "/f", slow=0.5)),
        ("POST /uploads expire", Fault("POST", "/uploads", expire=0)),
        ("POST /uploads expire=3", Fault("POST", "/uploads", expire=3)),
        ("POST /f file-error='a b=c'", Fault("POST", "/f", file_error="a b=c")),
        ("POST /f status=429 retry-after=7 code=x 'message=a b'",
         Fault("POST", "/f", status=429, retry_after="7", code="x", message="a b")),
        ("POST /f status=429 retry-after='Wed, 21 Oct 2026 07:28:00 GMT'",
         Fault("POST", "/f", status=429, retry_after="Wed, 21 Oct 2026 07:28:00 GMT")),
    ],
)  # fmt: skip
def test_a_fault_is_read(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected METHOD PATH-GLOB"),
        ("POST", "expected METHOD PATH-GLOB"),
        ("POST /files", "nothing goes wrong"),
        ("POST files cut", "'files' is no path"),
        ("POST /files cut times=0", "times=0 is no number from 1"),
        ("POST /files cut times=x", "times=x is no number from 1"),
        ("POST /files cut times", "times needs a value"),
        ("POST /files cut=1", "cut has no value"),
        ("POST /files cut cut", "a key is given twice"),
        ("POST /files cut status=500", "there is no status when the connection is cut"),
        ("POST /files status=500 when=during", "only a cut is possible during the answer"),
        ("POST /files cut retry-after=3", "retry-after, code and message go with a status"),
        ("POST /files file-error message=x", "retry-after, code and message go with a status"),
        ("POST /files slow=1 when=after", "when goes with a status or cut"),
        ("POST /files status=500 when=later", "when=later is not known"),
        ("POST /files status=200", "status=200 is no number from 400"),
        ("POST /files status=600", "status=600 is above 599"),
        ("POST /files slow=-1", "slow=-1 is no time in seconds"),
        ("POST /files slow=nan", "slow=nan is no time in seconds"),
        ("POST /files slow=x", "slow=x is no time in seconds"),
        ("POST /files status=429 retry-after=soon", "neither seconds nor a date"),
        ("POST /files colour=red", "'colour' is not known"),
        ("POST /files 'cut", "No closing quotation"),
    ],
)
def test_a_fault_that_cannot_be_read_is_explained(text: str, reason: str) -> None:
    with pytest.raises(FtlintError) as raised:
        Fault.parse(text)
    assert str(raised.value).startswith(f"--fault {text!r}: ")
    assert reason in str(raised.value)
    assert "expected METHOD PATH-GLOB KEY[=VALUE]..." in str(raised.value)


def test_a_status_before_the_work_makes_nothing() -> None:
    with running("POST /files status=503 retry-after=9") as emulator:
        got = post(emulator)
        assert (got.status, got.error["code"]) == (503, "serviceUnavailable")
        assert got.headers["retry-after"] == "9"
        assert emulator.files == {}


def test_a_status_after_the_work_hides_what_was_made() -> None:
    with running("POST /files status=500 when=after times=1") as emulator:
        assert post(emulator).status == 500
        assert len(emulator.files) == 1
        assert post(emulator).status == 201


def test_a_refusal_of_the_service_goes_before_a_status_after_the_work() -> None:
    with running("POST /uploads status=500 when=after") as emulator:
        assert ask(emulator, "POST", "/uploads", {}).status == 400


@pytest.mark.parametrize("service", SERVICES)
def test_code_and_message_can_be_chosen(service: str) -> None:
    spec = "POST /files status=400 code=quotaExceeded message='No more files.'"
    with running(spec) as emulator:
        error = post(emulator, service).error
        assert (error["code"], error["message"]) == ("quotaExceeded", "No more files.")


def test_faults_strike_as_often_as_they_are_told_to() -> None:
    with running("* /files* status=500 skip=1 times=2", "GET /files status=429") as emulator:
        assert [ask(emulator, "GET", "/files").status for _ in range(5)] == [
            429, 500, 500, 429, 429
        ]  # fmt: skip
        assert post(emulator).status == 201


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_connection_is_cut(when: str, made: int) -> None:
    with running(f"POST /files cut when={when} times=1") as emulator:
        with pytest.raises(OSError):  # noqa: PT011 - reset, or ended: as the system says it
            post(emulator)
        assert len(emulator.files) == made
        assert [exchange.status for exchange in emulator.exchanges] == [0]
        assert post(emulator).status == 201


def test_an_answer_is_cut_in_the_middle() -> None:
    with running("GET /files/*/content cut when=during times=1") as emulator:
        name = post(emulator).data["id"]
        with pytest.raises(OSError):  # noqa: PT011 - as above
            ask(emulator, "GET", f"/files/{name}/content")
        assert ask(emulator, "GET", f"/files/{name}/content").data == DATA


def test_a_large_body_is_read_before_it_is_refused() -> None:
    body, headers = form((FILE_PART[0], b"x" * 20_000_000), PURPOSE_PART)
    with running("POST /files status=429") as emulator:
        assert ask(emulator, "POST", "/files", body, headers=headers).status == 429
        assert emulator.exchanges[0].form[0].size == 20_000_000


@pytest.mark.parametrize("path", ["/files", "/files/{}/content"])
def test_a_slow_answer_is_whole(path: str) -> None:
    with running("GET /files* slow=0.05") as emulator:
        name = post(emulator).data["id"]
        got = ask(emulator, "GET", path.format(name))
        assert got.data == DATA if "content" in path else got.data["object"] == "list"


def test_a_slow_answer_does_not_keep_the_emulator_from_ending() -> None:
    def wait(emulator: Emulator) -> None:
        with suppress(OSError):
            ask(emulator, "GET", "/files")

    with running("GET /files slow=600") as emulator:
        waiting = threading.Thread(target=wait, args=(emulator,))
        waiting.start()
        until(lambda: len(emulator.exchanges) == 1)
    waiting.join()


@pytest.mark.parametrize(("spec", "parts"), [("expire", 0), ("expire=2", 2)])
@pytest.mark.parametrize("service", ["azure", "openai"])
def test_an_upload_expires_after_so_many_parts(spec: str, parts: int, service: str) -> None:
    body, headers = form(('name="data"; filename="p"\r\nContent-Type: a/b', b"abc"))
    with running(f"POST /uploads {spec} times=1") as emulator:
        for dies in (True, False):
            name = ask(emulator, "POST", "/uploads", UPLOAD, service=service).data["id"]
            path = f"/uploads/{name}/parts"
            statuses = [
                ask(emulator, "POST", path, body, service=service, headers=headers).status
                for _ in range(4)
            ]
            assert statuses.count(200) == (parts if dies else 4)
            assert emulator.uploads[name].status == ("expired" if dies else "pending")


def ended(emulator: Emulator, name: str) -> dict[str, Any]:
    until(lambda: ask(emulator, "GET", f"/files/{name}").data["status"] == "error")
    found: dict[str, Any] = ask(emulator, "GET", f"/files/{name}").data
    return found


def test_a_file_ends_in_error_however_it_came() -> None:
    faults = ("POST /files file-error", "POST /uploads/*/complete file-error='no good'",
              "POST /files/import file-error='not at all'")  # fmt: skip
    with running(*faults) as emulator, client(emulator) as opened:
        file = send(opened)
        assert "Example 1273 cannot be parsed." in ended(emulator, file)["status_details"]
        made = opened.uploads.create(
            filename="a", purpose="fine-tune", bytes=len(ROW), mime_type="a/b"
        )
        part = opened.uploads.parts.create(made.id, data=ROW).id
        done = opened.uploads.complete(made.id, part_ids=[part]).file
        assert done is not None
        assert ended(emulator, done.id)["status_details"] == "no good"
        body = {"purpose": "fine-tune", "filename": "a", "content_url": "http://127.0.0.1:1/a"}
        name = ask(emulator, "POST", "/files/import", body).data["id"]
        assert ended(emulator, name)["status_details"] == "not at all"


@pytest.mark.parametrize(
    ("spec", "message"),
    [("job-error", "The job failed due to an internal error."), ("job-error='too hot'", "too hot")],
)
@pytest.mark.parametrize("service", SERVICES)
def test_a_job_fails_while_it_runs(spec: str, message: str, service: str) -> None:
    with (
        running(f"POST /fine_tuning/jobs {spec} times=1") as emulator,
        client(emulator, service) as opened,
    ):
        file = send(opened)
        name = opened.fine_tuning.jobs.create(model=MODEL, training_file=file).id
        found = opened.fine_tuning.jobs.retrieve(name)
        assert (found.status, found.result_files) == ("failed", [])
        assert found.error is not None
        assert (found.error.code, found.error.message) == ("server_error", message)
        last = opened.fine_tuning.jobs.list_events(name).data[0]
        assert (last.level, last.message) == ("error", message)
        assert opened.fine_tuning.jobs.checkpoints.list(name).data == []
        again = opened.fine_tuning.jobs.create(model=MODEL, training_file=file).id
        assert opened.fine_tuning.jobs.retrieve(again).status == "succeeded"


def test_the_faults_of_the_page_can_be_read() -> None:
    text = (ROOT / "docs" / "emulator.md").read_text(encoding="utf-8")
    block = text.split("```sh\n")[2].partition("```")[0]
    found = [
        Fault.parse(spec)
        for line in block.splitlines()
        for word, spec in pairwise(shlex.split(line))
        if word == "--fault"
    ]
    assert len(found) == 7


def test_the_page_names_every_key_of_a_fault() -> None:
    text = (ROOT / "docs" / "emulator.md").read_text(encoding="utf-8")
    table = text.partition("## Faults")[2].partition("```")[0]
    for entry in fields(Fault):
        if entry.name not in {"method", "path"}:
            assert f"`{entry.name.replace('_', '-')}" in table
