"""What a service may answer, and what becomes of it: statuses, bodies, redirects, endless lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import pytest

from ftlint.cli import run
from ftlint.core.errors import Failure, Rejected, Unauthorized, Unreachable
from ftlint.training.providers import retry
from ftlint.training.providers.client import Api
from ftlint.training.providers.retry import Again
from tests.support.helpers import one_line
from tests.support.stub import KEY, Asked, Said, Stub, reach, stub


@pytest.fixture(autouse=True)
def _signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_CUSTOM_HEADERS", raising=False)
    monkeypatch.setattr(retry, "sleep", lambda _: None)


def list_jobs(service: Stub, *more: str) -> int:
    return run(["jobs", "list", "--endpoint", service.address, *more])


def failure(said: Said, do: Callable[[Api], object]) -> tuple[Failure, int]:
    """Return what is raised where a service answers so, and how many requests that took."""
    with stub(lambda _: said) as service, reach(service.address) as api:
        with pytest.raises(Failure) as caught:
            do(api)
        return caught.value, len(service.asked)


@pytest.mark.parametrize(
    ("status", "code", "requests"),
    [
        (400, 7, 1), (401, 4, 1), (403, 4, 1), (404, 7, 1), (405, 7, 1), (408, 5, 6),
        (409, 7, 1), (413, 7, 1), (415, 7, 1), (422, 7, 1), (425, 5, 6), (429, 5, 6),
        (500, 5, 6), (501, 7, 1), (502, 5, 6), (503, 5, 6), (504, 5, 6), (505, 7, 1),
        (520, 5, 6), (524, 5, 6), (529, 5, 6), (599, 5, 6), (999, 5, 6),
    ],
)  # fmt: skip
def test_a_status_has_its_exit_code(
    status: int, code: int, requests: int, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"error": {"code": "theCode", "message": "the words of the service"}}
    with stub(lambda _: Said(answer, status)) as service:
        assert list_jobs(service) == code
        assert list_jobs(service, "--output-format", "json") == code
        assert len(service.asked) == 2 * requests
    out, err = capsys.readouterr()
    assert f"answers {status} (theCode): the words of the service" in err
    assert err.count("error: ") == 2
    assert "Traceback" not in err
    logged = json.loads(out)["error"]
    assert logged["exit_code"] == code
    assert "the words of the service" in logged["message"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 524, 529])
def test_a_post_that_may_have_worked_is_sent_once(status: int) -> None:
    jobs = failure(Said({}, status), lambda api: api.create_job({"model": "m"}))
    imports = failure(Said({}, status), lambda api: api.import_file("u", "n", "fine-tune"))
    ends = failure(Said({}, status), lambda api: api.complete_upload("u", [], ""))
    for error, requests in (jobs, imports, ends):
        assert requests == 1
        assert isinstance(error, Again)
        assert error.sent == (status != 429)


def test_a_connection_that_is_cut_after_a_post_is_not_tried_again() -> None:
    error, requests = failure(Said(cut=True), lambda api: api.create_job({"model": "m"}))
    assert requests == 1
    assert isinstance(error, Again)
    assert error.sent


def test_a_connection_that_is_refused_is_exit_5(capsys: pytest.CaptureFixture[str]) -> None:
    with stub(lambda _: Said({})) as service:
        pass
    assert list_jobs(service, "-q") == 5
    assert "no connection to 127.0.0.1" in one_line(capsys.readouterr().err)
    with reach(service.address) as api, pytest.raises(Again) as caught:
        api.create_job({"model": "m"})
    assert not caught.value.sent


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("elsewhere", [True, False])
@pytest.mark.parametrize(
    "do",
    [
        lambda api: api.job("j"),
        lambda api: list(api.files()),
        lambda api: api.content("f"),
        lambda api: api.create_job({"model": "m"}),
        lambda api: api.add_part("u", b"data"),
        lambda api: api.cancel_upload("u"),
    ],
    ids=["job", "files", "content", "create_job", "add_part", "cancel_upload"],
)
def test_a_redirect_is_not_followed(
    status: int, elsewhere: bool, do: Callable[[Api], object]
) -> None:
    with stub(lambda _: Said({"id": "x", "data": []})) as other:

        def answer(asked: Asked) -> Said:
            place = other.address if elsewhere else ""
            return Said({}, status, headers={"Location": f"{place}{asked.target}"})

        with stub(answer) as service, reach(service.address) as api:
            with pytest.raises(Rejected, match="a redirect, which is not followed"):
                do(api)
            assert len(service.asked) == 1
        assert other.asked == []


def serve(said: Said) -> AbstractContextManager[Stub]:
    """Answer everything alike."""
    return stub(lambda _: said)


SHAPES: dict[str, Said] = {
    "HTML": Said(body=b"<html>Sign in</html>", kind="text/html"),
    "HTML as JSON": Said(body=b"<html>Sign in</html>"),
    "half a JSON": Said(body=b'{"id": "x", "data": ['),
    "nothing": Said(body=b""),
    "no content": Said(status=204),
    "an array": Said([1, 2]),
    "null": Said(None),
    "a string": Said("x"),
    "no UTF-8": Said(body=b'{"id": "\xff\xfe"}'),
    "half a character": Said(body=b'{"id": "\\ud800"}'),
    "too large a number": Said(body=b'{"id": "x", "bytes": ' + b"9" * 5000 + b"}"),
    "too deep": Said(body=b'{"id": ' + b"[" * 100_000),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_that_is_none_is_told_and_leaves_a_job_unknown(
    shape: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with stub(lambda _: SHAPES[shape]) as service:
        assert list_jobs(service, "-q") == 7
        with reach(service.address) as api, pytest.raises(Rejected) as caught:
            api.create_job({"model": "m"})
    assert (
        caught.value.status == 0
    )  # so that the job is looked for: see ftlint.training.launch.start.start
    assert "check the endpoint" in one_line(capsys.readouterr().err)


def test_json_is_taken_whatever_its_content_type() -> None:
    for kind in ("text/plain", "application/octet-stream", "application/json; charset=x"):
        said = Said({"id": "x", "status": "running"}, kind=kind)
        with serve(said) as service, reach(service.address) as api:
            assert api.job("x") == {"id": "x", "status": "running"}


def test_a_loss_that_is_no_number_is_null() -> None:
    said = Said(body=b'{"id": "x", "metrics": {"train_loss": NaN, "valid_loss": -Infinity}}')
    with serve(said) as service, reach(service.address) as api:
        assert api.job("x") == {"id": "x", "metrics": {"train_loss": None, "valid_loss": None}}


def test_a_file_may_lack_anything() -> None:
    for data in ({}, {"id": None}, {"id": "f", "bytes": None, "status": "odd"}):
        said = Said(data)
        with serve(said) as service, reach(service.address) as api:
            assert api.file("f") == data


@pytest.mark.parametrize("data", [{}, {"id": None}, {"id": 7}, {"id": ["x"]}])
def test_what_is_made_has_an_id(data: Mapping[str, Any]) -> None:
    error, requests = failure(Said(data), lambda api: api.create_job({"model": "m"}))
    assert requests == 1
    assert isinstance(error, Rejected)
    assert error.status == 0
    assert "without an id" in str(error)


def test_a_body_that_cannot_be_unpacked_is_tried_again() -> None:
    said = Said(body=b"plain", headers={"Content-Encoding": "gzip"})
    for do in (lambda api: api.job("j"), lambda api: api.content("f")):
        error, requests = failure(said, do)
        assert isinstance(error, Again)
        assert requests == 6


@pytest.mark.parametrize("status", [400, 401, 500])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"plain words",
        b"<html>" + b"x" * 5_000_000,
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b'{"error": null}',
        b'{"error": "words"}',
        b'{"error": ["words"]}',
        b'{"error": {"code": {"a": 1}, "message": ["x"]}}',
        b'{"error": {"code": 7, "message": 7}}',
        b'{"error": {"message": "half \\ud800 a character"}}',
        b'{"message": "at the top"}',
        b"7",
    ],
)
def test_an_error_may_be_of_any_shape(
    status: int, body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with stub(lambda _: Said(status=status, body=body)) as service:
        code = list_jobs(service, "-q")
    assert code == {400: 7, 401: 4, 500: 5}[status]
    logged = one_line(capsys.readouterr().err)
    assert f"answers {status}" in logged
    assert "a bug in ftlint" not in logged


def test_long_and_hostile_words_are_shown_short_and_harmless(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hostile = "\x1b[31mred\x1b[0m\x07 \u202e\r\nerror: forged\n" + "m" * 5_000_000
    answer = {"error": {"code": "\x1b]0;c\x07" + "c" * 100_000, "message": hostile}}
    with stub(lambda _: Said(answer, 400)) as service:
        list_jobs(service)
        list_jobs(service, "--output-format", "json")
    out, err = capsys.readouterr()
    for text in (out, err):
        assert len(text) < 6000
        assert not any(ord(character) < 32 and character != "\n" for character in text)
        assert "\u202e" not in text
    assert "\nerror: forged" not in err
    assert "\\x1b[31mred" in err


LISTS = ("files", "jobs", "events", "checkpoints")


def entries(api: Api, name: str) -> Iterator[Mapping[str, Any]]:
    method = getattr(api, name)
    found: Iterator[Mapping[str, Any]] = (
        method("j") if name in {"events", "checkpoints"} else (method())
    )
    return found


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("page", "ids", "requests"),
    [
        ({"data": [{"id": "a"}, {"id": "b"}]}, ["a", "b"], 1),
        ({"data": [{"id": "a"}, {"id": "b"}], "has_more": False}, ["a", "b"], 1),
        ({"data": [{"id": "a"}, {"id": "b"}], "has_more": None}, ["a", "b"], 1),
        ({"data": [{"id": "a"}, {"id": "b"}], "has_more": True}, ["a", "b"], 2),
        ({"data": [{"id": "a"}, {"id": "a"}], "has_more": True}, ["a"], 2),
        ({"data": [{"x": 1}, {"x": 2}], "has_more": True}, [None, None], 1),
        ({"data": [{"id": "a"}, {"x": 2}], "has_more": True}, ["a", None], 2),
        ({"data": [{"id": ["a"]}], "has_more": True}, [["a"]], 1),
        ({"data": [{"id": 5}], "has_more": True}, [5], 1),
        ({"data": [], "has_more": True}, [], 1),
        ({"data": None, "has_more": True}, [], 1),
        ({}, [], 1),
    ],
)
def test_a_list_that_repeats_itself_ends(
    name: str, page: Mapping[str, Any], ids: list[Any], requests: int
) -> None:
    with stub(lambda _: Said(page)) as service, reach(service.address) as api:
        assert [entry.get("id") for entry in entries(api, name)] == ids
        assert len(service.asked) == requests


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "data", ["text", 5, True, {"id": "a"}, ["a", "b"], [None], [{"id": "a"}, []]]
)
def test_a_list_that_is_none_is_told(name: str, data: object) -> None:
    error, requests = failure(Said({"data": data}), lambda api: list(entries(api, name)))
    assert isinstance(error, Rejected)
    assert "is not a list; check the endpoint" in str(error)
    assert requests == 1


@pytest.mark.parametrize("name", LISTS)
def test_pages_are_gone_through_in_order(name: str) -> None:
    def answer(asked: Asked) -> Said:
        after = next((part[6:] for part in asked.target.split("&") if part[:6] == "after="), "0")
        first = int(after.rpartition("-")[2]) + 1
        data = [{"id": f"id-{number}"} for number in range(first, first + 2)]
        return Said({"data": data, "has_more": first < 5})

    with stub(answer) as service, reach(service.address) as api:
        found = [entry["id"] for entry in entries(api, name)]
    assert found == [f"id-{number}" for number in range(1, 7)]
    assert len(service.asked) == 3


def test_a_list_with_ever_new_entries_ends_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftlint.training.providers.client._PAGES", 20)
    numbers = iter(range(10_000))
    with stub(lambda _: Said({"data": [{"id": f"{next(numbers)}"}], "has_more": True})) as service:
        with reach(service.address) as api:
            assert len(list(api.jobs())) == 20
        assert len(service.asked) == 20


def test_what_is_not_there_is_none() -> None:
    with stub(lambda _: Said({}, 404)) as service, reach(service.address) as api:
        assert api.file("f") is None
        assert api.job("j") is None
        with pytest.raises(Rejected):
            api.create_job({})


def test_what_the_exit_codes_stand_for() -> None:
    assert failure(Said({}, 403), lambda api: api.job("j"))[0].code == Unauthorized.code == 4
    assert failure(Said({}, 503), lambda api: api.job("j"))[0].code == Unreachable.code == 5
    assert failure(Said({}, 409), lambda api: api.job("j"))[0].code == Rejected.code == 7
