"""The emulator: what it keeps, how files and uploads go through their states, who may ask."""

from __future__ import annotations

import hashlib
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ftlint.core.errors import FtlintError
from ftlint.emulator import KEY, Emulator, Exchange, Settings
from tests.support import emulated
from tests.support.emulated import (
    DATA,
    FILE_PART,
    PURPOSE_PART,
    ROW,
    SERVICES,
    Clock,
    ask,
    client,
    form,
    running,
    send,
    until,
)
from tests.support.web import Web, serve

UPLOAD = {"purpose": "fine-tune", "filename": "a.jsonl", "mime_type": "application/jsonl"}


def state(emulator: Emulator, file: str, service: str = "azure") -> dict[str, Any]:
    found: dict[str, Any] = ask(emulator, "GET", f"/files/{file}", service=service).data
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_sent_is_what_is_kept(service: str) -> None:
    with running() as emulator, client(emulator, service) as opened:
        name = send(opened)
        file = emulator.files[name]
        assert (file.size, file.filename, file.purpose) == (len(DATA), "train.jsonl", "fine-tune")
        assert file.sha256 == hashlib.sha256(DATA).hexdigest()
        assert file.md5 == hashlib.md5(DATA, usedforsecurity=False).hexdigest()
        assert opened.files.content(name).read() == DATA
        assert opened.files.delete(name).deleted
        assert ask(emulator, "GET", f"/files/{name}", service=service).status == 404
        assert os.listdir(emulator.folder) == []


@pytest.mark.parametrize(
    ("service", "steps"),
    [
        ("azure", ["pending", "running", "processed"]),
        ("azure-v1", ["pending", "running", "processed"]),
        ("openai", ["uploaded", "uploaded", "processed"]),
    ],
)
@pytest.mark.parametrize("good", [True, False])
def test_a_file_is_processed_step_by_step(service: str, steps: list[str], good: bool) -> None:
    clock = Clock()
    with running(delay=2, clock=clock) as emulator, client(emulator, service) as opened:
        name = send(opened, DATA if good else DATA + b'{"messages": [}\n')
        seen = []
        for _ in range(3):
            seen.append(state(emulator, name, service))
            clock.move(2)
    assert [entry["status"] for entry in seen[:2]] == steps[:2]
    assert seen[2]["status"] == (steps[2] if good else "error")
    if not good:
        assert seen[2]["status_details"] == (
            "Invalid file format. Example 51 cannot be parsed. Error: line contains invalid json: "
            "Expecting value: line 1 column 15 (char 14) (line 51)"
        )


def test_without_delay_a_file_is_through_at_the_next_look() -> None:
    with running() as emulator:
        body, headers = form(FILE_PART, PURPOSE_PART)
        made = ask(emulator, "POST", "/files", body, headers=headers)
        assert made.data["status"] == "pending"
        assert made.headers["location"].startswith(f"{emulator.address}/openai/files/file-")
        assert state(emulator, made.data["id"])["status"] == "processed"


def test_a_line_that_is_no_object_is_refused_at_once_by_openai_alone() -> None:
    body, headers = form(('name="file"; filename="a"\r\nContent-Type: a/b', b'"x"\n'), PURPOSE_PART)
    with running() as emulator:
        got = ask(emulator, "POST", "/files", body, service="openai", headers=headers)
        assert got.status == 400
        assert got.error["message"] == (
            "Expected file to have JSONL format, where every line is a JSON dictionary. "
            'Line 1 is not a dictionary (HINT: line starts with: ""x"...").'
        )
        assert emulator.files == {}
        made = ask(emulator, "POST", "/files", body, headers=headers)
        assert state(emulator, made.data["id"])["status"] == "error"


def test_both_services_of_azure_share_what_openai_does_not_see() -> None:
    with running() as emulator, client(emulator) as opened:
        name = send(opened)
        assert state(emulator, name, "azure-v1")["id"] == name
        assert ask(emulator, "GET", f"/files/{name}", service="openai").status == 404
        assert ask(emulator, "GET", "/files", service="openai").data["data"] == []


def test_the_list_of_azure_has_one_page_that_ignores_what_comes_after() -> None:
    with running() as emulator, client(emulator) as opened:
        names = [send(opened, ROW * number) for number in (1, 2, 3)]
        for query in ("", "?limit=1", f"?after={names[1]}"):
            got = ask(emulator, "GET", f"/files{query}").data
            assert set(got) == {"object", "data"}
            assert [entry["id"] for entry in got["data"]] == names[::-1]
        assert ask(emulator, "GET", "/files?purpose=batch").data["data"] == []


@pytest.mark.parametrize("service", SERVICES)
def test_with_pages_the_list_goes_on_where_it_was(service: str) -> None:
    with running(paging=True) as emulator, client(emulator, service) as opened:
        names = [send(opened, ROW * number) for number in (1, 2, 3)]
        assert [file.id for file in opened.files.list(limit=2)] == names[::-1]
        assert [file.id for file in opened.files.list(limit=2, order="asc")] == names
        assert [exchange.answer["has_more"] for exchange in emulator.exchanges[-2:]] == [
            True,
            False,
        ]
        for query in ("limit=0", "limit=x", f"limit={'9' * 5000}", "after=file-x", "order=up"):
            assert ask(emulator, "GET", f"/files?{query}", service=service).status == 400


@pytest.mark.parametrize("service", ["azure-v1", "openai"])
def test_a_file_goes_away_when_it_expires(service: str) -> None:
    clock = Clock()
    life = (
        ('name="expires_after[anchor]"', b"created_at"),
        ('name="expires_after[seconds]"', b"3600"),
    )
    with running(clock=clock) as emulator:
        for wrong in (
            life[:1],
            life[1:],
            (life[0], (life[1][0], b"3599")),
            (life[0], (life[1][0], b"9" * 5000)),
        ):
            body, headers = form(FILE_PART, PURPOSE_PART, *wrong)
            got = ask(emulator, "POST", "/files", body, service=service, headers=headers)
            assert got.status == 400
        body, headers = form(FILE_PART, PURPOSE_PART, *life)
        made = ask(emulator, "POST", "/files", body, service=service, headers=headers).data
        assert made["expires_at"] == int(clock.now) + 3600
        clock.move(3599)
        assert state(emulator, made["id"], service)["status"] == "processed"
        clock.move(1)
        assert ask(emulator, "GET", f"/files/{made['id']}", service=service).status == 404


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            [(FILE_PART[0].replace("\r\nContent-Type: application/jsonl", ""), DATA), PURPOSE_PART],
            "The file has no or an empty content type specified.",
        ),
        ([FILE_PART], "got none"),
        ([PURPOSE_PART], "no file with a name"),
        ([FILE_PART, PURPOSE_PART, ('name="colour"', b"red")], "Unknown form field 'colour'."),
    ],
)
def test_a_form_that_is_wrong_makes_nothing(parts: list[tuple[str, bytes]], message: str) -> None:
    body, headers = form(*parts)
    with running() as emulator:
        got = ask(emulator, "POST", "/files", body, headers=headers)
        assert (got.status, got.error["code"]) == (400, "invalidPayload")
        assert message in got.error["message"]
        assert emulator.files == {}
        assert os.listdir(emulator.folder) == []


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}),
        (b"x", {"Content-Type": "multipart/form-data"}),
        (b"x" * 500_000, {"Content-Type": "multipart/form-data; boundary=b"}),
        (form(FILE_PART, PURPOSE_PART)[0][:-9], form()[1]),
        (b"{}", {"Content-Type": "application/json"}),
        (b"x", {"Content-Type": f"multipart/form-data; boundary={'b' * 300}"}),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, headers: dict[str, str]) -> None:
    with running() as emulator:
        got = ask(emulator, "POST", "/files", body, headers=headers)
        assert (got.status, got.error["message"]) == (
            400,
            "The request body must be multipart/form-data.",
        )
        assert os.listdir(emulator.folder) == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"a":', b"null", b"\xff" * 20_000_000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with running() as emulator:
        headers = {"Content-Type": "application/json"}
        assert ask(emulator, "POST", "/uploads", body, headers=headers).status == 400
        assert ask(emulator, "POST", "/uploads", body, headers={}).status == 400


def raw(emulator: Emulator, text: bytes, *, half: bool = False) -> bytes:
    """Send bytes as they stand, and no more where they are half a request; return the answer."""
    place = urlsplit(emulator.address)
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall(text)
        if half:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while block := connection.recv(65536):
            answer += block
        return answer


@settings(max_examples=30)
@given(text=st.text(st.characters(codec="latin-1", exclude_characters="\r\n")))
@example("form-data; name*0*=utf-8''a; filename*=x")
@example("form-data; name=file; filename*=utf-8''caf%C3%A9.jsonl")
def test_no_head_of_a_part_is_too_odd(text: str) -> None:
    with running() as emulator:
        body, headers = form((f'name="file"; filename="a"\r\nX: {text}', b"a"), PURPOSE_PART)
        odd = body.replace(b"form-data; name", text.encode("latin-1") + b"; name", 1)
        for sent in (body, odd):
            assert ask(emulator, "POST", "/files", sent, headers=headers).status in {201, 400}
        kind = {"Content-Type": f"multipart/form-data; {text}"}
        assert ask(emulator, "POST", "/files", body, headers=kind).status == 400


def test_the_name_of_a_file_may_have_any_letters() -> None:
    heads = ('name="file"; filename="café.jsonl"', "name=file; filename*=utf-8''caf%C3%A9.jsonl")
    with running() as emulator:
        for head in heads:
            body, headers = form((f"{head}\r\nContent-Type: a/b", DATA), PURPOSE_PART)
            got = ask(emulator, "POST", "/files", body, headers=headers)
            assert got.data["filename"] == "café.jsonl"


@pytest.mark.parametrize("target", ["http://[", "//[x]/", "*", "/v1", "/v1/", "/openai/v1/%00"])
def test_no_target_is_too_odd(target: str) -> None:
    text = f"GET {target} HTTP/1.1\r\nAuthorization: Bearer k\r\nConnection: close\r\n\r\n"
    with running() as emulator:
        assert raw(emulator, text.encode()).startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("chunked", [False, True])
def test_half_a_body_makes_nothing(chunked: bool) -> None:
    body, headers = form(FILE_PART, PURPOSE_PART)
    kind = headers["Content-Type"]
    head = f"POST /v1/files HTTP/1.1\r\nAuthorization: Bearer k\r\nContent-Type: {kind}\r\n"
    if chunked:
        start = f"{head}Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n".encode()
    else:
        start = f"{head}Content-Length: {len(body)}\r\n\r\n".encode()
    with running() as emulator:
        assert raw(emulator, start + body[:-10], half=True) == b""
        assert emulator.files == {}
        assert [exchange.status for exchange in emulator.exchanges] == [0]
        assert os.listdir(emulator.folder) == []


def test_a_body_in_chunks_is_taken() -> None:
    body, headers = form(FILE_PART, PURPOSE_PART)
    pieces = [body[start : start + 100] for start in range(0, len(body), 100)]
    with running() as emulator:
        got = ask(emulator, "POST", "/files", iter(pieces), headers=headers)
        assert got.status == 201
        assert emulator.files[got.data["id"]].sha256 == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize("length", ["x", "-5", "٣", "9" * 5000])
def test_a_length_that_is_none_ends_the_connection(length: str) -> None:
    head = f"POST /v1/files HTTP/1.1\r\nAuthorization: Bearer k\r\nContent-Length: {length}\r\n\r\n"
    with running() as emulator:
        assert raw(emulator, head.encode()) == b""


def begin(emulator: Emulator, size: int, service: str = "azure", **more: Any) -> str:
    made = ask(emulator, "POST", "/uploads", {**UPLOAD, "bytes": size, **more}, service=service)
    assert made.status == 200
    return str(made.data["id"])


def part(emulator: Emulator, upload: str, data: bytes, service: str = "azure") -> Any:
    body, headers = form(('name="data"; filename="p"\r\nContent-Type: a/b', data))
    path = f"/uploads/{upload}/parts"
    return ask(emulator, "POST", path, body, service=service, headers=headers)


def finish(emulator: Emulator, upload: str, *parts: str, **more: Any) -> Any:
    body = {"part_ids": list(parts), **more}
    return ask(emulator, "POST", f"/uploads/{upload}/complete", body)


def test_the_order_of_an_upload_is_that_of_its_completion() -> None:
    with running() as emulator:
        upload = begin(emulator, 6)
        second, doubled, first = (
            part(emulator, upload, data).data["id"] for data in (b"def", b"abc", b"abc")
        )
        md5 = hashlib.md5(b"abcdef", usedforsecurity=False).hexdigest()
        done = finish(emulator, upload, first, second, md5=md5.upper())
        assert done.data["status"] == "completed"
        file = emulator.files[done.data["file"]["id"]]
        assert (file.md5, file.size, file.filename) == (md5, 6, "a.jsonl")
        assert len({first, second, doubled}) == 3
        assert len(os.listdir(emulator.folder)) == 1
        assert emulator.uploads[upload].status == "completed"


def test_an_upload_is_completed_as_announced_or_not_at_all() -> None:
    with running() as emulator:
        upload = begin(emulator, 6)
        one, two = (part(emulator, upload, data).data["id"] for data in (b"abc", b"def"))
        for parts, more, message in (
            ((one,), {}, "The parts have 3 bytes, but the upload was announced with 6."),
            ((one, one), {}, "part_ids names a part twice."),
            ((one, "part_x"), {}, "The upload has no part 'part_x'."),
            ((one, two), {"md5": "0" * 32}, "The md5 of the parts is not the one given."),
            ((one, two), {"md5": 5}, "md5 must be a string, got 5."),
            ((one, two), {"sha256": "x"}, "Unknown key 'sha256'."),
        ):
            got = finish(emulator, upload, *parts, **more)
            assert (got.status, got.error["message"]) == (400, message)
        assert emulator.files == {}
        assert finish(emulator, upload, one, two).status == 200
        assert finish(emulator, upload, one, two).error["code"] == "unexpectedEntityState"


@pytest.mark.parametrize("service", ["azure", "openai"])
def test_an_upload_that_was_cancelled_takes_nothing(service: str) -> None:
    with running() as emulator:
        upload = begin(emulator, 3, service)
        assert part(emulator, upload, b"abc", service).status == 200
        path = f"/uploads/{upload}/cancel"
        assert ask(emulator, "POST", path, service=service).data["status"] == "cancelled"
        assert os.listdir(emulator.folder) == []
        for got in (
            part(emulator, upload, b"abc", service),
            ask(emulator, "POST", path, service=service),
        ):
            assert got.status == 400
            assert f"The upload {upload} is cancelled, not pending." in got.error["message"]
        assert part(emulator, "upload_x", b"abc", service).status == 404


@pytest.mark.parametrize(("service", "life"), [("azure", 7200), ("openai", 3600)])
def test_an_upload_expires(service: str, life: int) -> None:
    clock = Clock()
    with running(clock=clock) as emulator:
        upload = begin(emulator, 3, service)
        assert emulator.uploads[upload].expires == clock.now + life
        clock.move(life - 1)
        assert part(emulator, upload, b"ab", service).status == 200
        clock.move(1)
        got = part(emulator, upload, b"c", service)
        assert (got.status, "is expired" in got.error["message"]) == (400, True)
        assert emulator.uploads[upload].status == "expired"


@pytest.mark.parametrize(
    "wrong",
    [{"bytes": 0}, {"bytes": True}, {"bytes": 9_000_000_001}, {"bytes": "5"}, {"filename": ""},
     {"purpose": "user_data"}, {"mime_type": None}, {"colour": "red"}],
)  # fmt: skip
def test_an_upload_that_is_wrong_is_not_begun(wrong: dict[str, Any]) -> None:
    with running() as emulator:
        got = ask(emulator, "POST", "/uploads", {**UPLOAD, "bytes": 5, **wrong})
        assert (got.status, emulator.uploads) == (400, {})


def test_an_upload_may_say_how_long_its_file_lives() -> None:
    life = {"anchor": "created_at", "seconds": 7200}
    with running() as emulator, client(emulator, "openai") as opened:
        made = opened.uploads.create(
            filename="a",
            purpose="fine-tune",
            bytes=3,
            mime_type="a/b",
            expires_after=life,  # type: ignore[arg-type]
        )
        one = part(emulator, made.id, b"{}\n", "openai").data["id"]
        file = opened.uploads.complete(made.id, part_ids=[one]).file
        assert file is not None
        assert file.expires_at == int(emulated.Clock().now) + 7200
        for wrong in (5, {}, {**life, "seconds": 1}, {**life, "seconds": "7200"}):
            body = {**UPLOAD, "bytes": 3, "expires_after": wrong}
            assert ask(emulator, "POST", "/uploads", body, service="openai").status == 400


@pytest.mark.parametrize("data", [b"", b"x" * (64 << 20) + b"x"])
def test_a_part_has_a_size(data: bytes) -> None:
    with running() as emulator:
        upload = begin(emulator, 5, "openai")
        assert part(emulator, upload, data, "openai").status == 400
        assert os.listdir(emulator.folder) == []


def test_an_import_fetches_the_file() -> None:
    with serve(Web({"/train.jsonl": DATA})) as web, running() as emulator:
        address = f"{web.address}/train.jsonl?sig=planted"
        body = {"purpose": "fine-tune", "filename": "a.jsonl", "content_url": address}
        made = ask(emulator, "POST", "/files/import", body)
        name = made.data["id"]
        assert (made.status, made.data["status"]) == (201, "pending")
        assert f"/openai/files/{name}?" in made.headers["location"]
        until(lambda: state(emulator, name)["status"] == "processed")
        assert emulator.files[name].sha256 == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize(
    ("web", "path", "why"),
    [
        (Web({}), "/a", "the server of content_url answered 404"),
        (Web({"/a": DATA}, status=403), "/a", "the server of content_url answered 403"),
        (Web({"/a": DATA}, fails_after=0), "/a", "cannot be fetched"),
        (Web({"/a": b"no json"}), "/a", "Example 1 cannot be parsed"),
        (None, "/a", "cannot be fetched"),
    ],
)
def test_an_import_that_fails_ends_in_error_without_the_address(
    web: Web | None, path: str, why: str
) -> None:
    with serve(web or Web({})) as running_web, running() as emulator:
        place = running_web.address if web else "http://127.0.0.1:1"
        body = {
            "purpose": "fine-tune",
            "filename": "a",
            "content_url": f"{place}{path}?sig=planted",
        }
        name = ask(emulator, "POST", "/files/import", body).data["id"]
        until(lambda: state(emulator, name)["status"] == "error")
        details = state(emulator, name)["status_details"]
        assert why in details
        assert "planted" not in details


@pytest.mark.parametrize(
    "wrong",
    [{"content_url": "file:///etc/passwd"}, {"content_url": ""}, {"filename": 5}, {"x": "y"},
     {"purpose": "user_data"}],
)  # fmt: skip
def test_an_import_that_is_wrong_is_not_begun(wrong: dict[str, Any]) -> None:
    good = {"purpose": "fine-tune", "filename": "a", "content_url": "http://127.0.0.1:1/a"}
    with running() as emulator:
        assert ask(emulator, "POST", "/files/import", {**good, **wrong}).status == 400
        assert emulator.files == {}


def test_only_the_key_of_the_environment_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "the-right-one")
    with Emulator(Settings(delay=0)) as emulator:
        for service in SERVICES:
            for key, status in (("the-right-one", 200), ("another", 401), ("", 401)):
                headers = {"Authorization": f"Bearer {key}"}
                got = ask(emulator, "GET", "/files", service=service, headers=headers)
                assert got.status == status
        headers = {"Authorization": "", "api-key": "the-right-one"}
        assert ask(emulator, "GET", "/files", headers=headers).status == 200
        assert ask(emulator, "GET", "/files", service="openai", headers=headers).status == 401
    assert "the-right-one" not in repr(emulator.settings)


@pytest.mark.parametrize(
    ("service", "path", "status"),
    [
        ("azure", "/files?api-version=", 404),
        ("azure", "/files?api-version=latest", 404),
        ("azure", "/files?api-version=2025-04-01-preview", 200),
        ("azure-v1", "/files?api-version=2024-10-21", 400),
        ("azure-v1", "/uploads", 404),
        ("azure-v1", "/files/import", 404),
        ("openai", "/nothing", 404),
    ],
)
def test_each_service_has_its_own_way_with_versions_and_paths(
    service: str, path: str, status: int
) -> None:
    with running() as emulator:
        got = ask(emulator, "GET", path, service=service)
        assert got.status == status


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "BREW"])
def test_what_is_under_no_prefix_is_not_found(method: str) -> None:
    with running() as emulator:
        text = f"{method} /x HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        assert raw(emulator, text.encode()).startswith(b"HTTP/1.1 404 ")
        assert emulator.exchanges[0].service == ""


def test_what_was_exchanged_is_told_without_the_key() -> None:
    seen: list[Exchange] = []
    with running() as emulator, client(emulator) as opened:
        emulator.observe = seen.append
        send(opened)
        headers = {"api-key": emulated.KEY}
        ask(emulator, "POST", "/uploads", {**UPLOAD, "bytes": 3}, headers=headers)
    assert seen == emulator.exchanges
    first, second = seen
    assert (first.method, first.path, first.service, first.status) == (
        "POST", "/openai/files", "azure", 201
    )  # fmt: skip
    assert {field.name: field.size for field in first.form} == {"purpose": 9, "file": len(DATA)}
    assert first.query == {"api-version": "2024-10-21"}
    assert first.answer["filename"] == "train.jsonl"
    assert second.body == {**UPLOAD, "bytes": 3}
    assert second.headers["authorization"] == "Bearer <hidden>"
    assert second.headers["api-key"] == "<hidden>"
    assert emulated.KEY not in repr(seen)


def test_many_may_send_at_once() -> None:
    def work(emulator: Emulator, number: int) -> None:
        body, headers = form((FILE_PART[0], ROW * number * 100), PURPOSE_PART)
        for _ in range(5):
            assert ask(emulator, "POST", "/files", body, headers=headers).status == 201

    with running() as emulator, ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, emulator, number) for number in range(1, 5)]:
            done.result()
        sizes = sorted(file.size for file in emulator.files.values())
        assert sizes == sorted(len(ROW) * number * 100 for number in range(1, 5) for _ in range(5))
        assert len(emulator.exchanges) == 20


def test_exchanges_are_kept_only_where_they_are_wanted() -> None:
    seen: list[Exchange] = []
    with running(record=False) as emulator:
        emulator.observe = seen.append
        ask(emulator, "GET", "/files")
        assert (len(emulator.exchanges), len(seen)) == (0, 1)


def test_a_file_can_be_deleted_before_its_import_has_ended() -> None:
    with serve(Web({"/a": DATA})) as web, running() as emulator:
        body = {"purpose": "fine-tune", "filename": "a", "content_url": f"{web.address}/a"}
        name = ask(emulator, "POST", "/files/import", body).data["id"]
        until(lambda: bool(web.asked))
        assert ask(emulator, "DELETE", f"/files/{name}").status == 200
        until(lambda: os.listdir(emulator.folder) == [])


def test_a_file_whose_bytes_are_not_there_has_no_content() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, running() as emulator:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/a"
        body = {"purpose": "fine-tune", "filename": "a", "content_url": address}
        name = ask(emulator, "POST", "/files/import", body).data["id"]
        connection, _ = silent.accept()
        assert ask(emulator, "GET", f"/files/{name}/content").status == 400
        connection.close()
        until(lambda: state(emulator, name)["status"] == "error")
        assert ask(emulator, "GET", f"/files/{name}/content").status == 400
        assert os.listdir(emulator.folder) == []


def test_nothing_is_left_behind() -> None:
    with running() as emulator, client(emulator) as opened:
        send(opened)
        assert os.listdir(emulator.folder) != []
    assert not os.path.exists(emulator.folder)
    with pytest.raises(OSError, match="refused"):
        ask(emulator, "GET", "/files")


def test_a_port_that_is_taken_is_named() -> None:
    with running() as emulator:
        port = urlsplit(emulator.address).port
        assert port is not None
        with pytest.raises(FtlintError, match=f"port {port} of 127.0.0.1 is in use"):
            Emulator(Settings(port=port))
