"""What the official SDK gets wrong when it is used as its examples do: each trap, avoided."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftlint.core.errors import Refused
from ftlint.training.providers import retry
from ftlint.training.providers.client import Api
from ftlint.training.providers.retry import Again
from ftlint.training.receipt import PassedFile
from ftlint.training.verified_file import SealedFile
from tests.support.helpers import environment, write
from tests.support.service import MODEL, Serving, asked, result_of, serving
from tests.support.stub import KEY, Log, Said, reach, stub

__all__ = ["serving"]

SIZE = 64_000_000

SEND = """
import json, logging, resource, sys
from ftlint.training.receipt import PassedFile
from ftlint.training.providers import connect, find
from ftlint.training.verified_file import SealedFile

address, path, size, digest = sys.argv[1:]
upload = {"client": "azure", "default_version": "2024-10-21", "versions": ["2024-10-21"]}
api = connect(find(upload, address, None), logging.getLogger("service"))
api.job("warm")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with SealedFile(PassedFile("train", path, digest, int(size), 1)) as sealed:
    api.create_file(sealed, "train.jsonl", {"purpose": "fine-tune"})
api.close()
print(json.dumps([before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


@pytest.fixture(autouse=True)
def _signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_CUSTOM_HEADERS", raising=False)


def test_a_large_file_is_sent_as_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    with path.open("wb") as out:
        out.truncate(SIZE)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    with stub(lambda _: Said({"id": "file-1"})) as service:
        ran = subprocess.run(
            [sys.executable, "-c", SEND, service.address, str(path), str(SIZE), digest],
            capture_output=True,
            check=False,
            text=True,
            env=environment(),
        )
        assert ran.stderr == ""
        sent = service.asked[-1]
    assert (sent.path, service.paths("POST")) == ("/openai/files", ["/openai/files"])
    assert SIZE < sent.size < SIZE + 2000
    before, after = json.loads(ran.stdout)
    assert after - before < 24_000, "kB more than before it was sent; the file has 62,500"


class Recorder:
    """Stands for the SDK, to see what it is given."""

    files: Any = None

    def post(self, path: str, **request: Any) -> Any:
        """Take a request."""
        self.files = request["files"]
        return type("Response", (), {"content": b'{"id": "x"}'})


def test_the_sdk_is_given_a_stream_with_a_content_type_and_never_a_path() -> None:
    sdk: Any = Recorder()
    api = Api(sdk, "azure", "host", "v1", Log(print, print))
    api.create_file(io.BytesIO(b"data"), "train.jsonl", {"purpose": "fine-tune"})
    ((field, (name, stream, kind)),) = sdk.files
    assert (field, name, kind) == ("file", "train.jsonl", "application/octet-stream")
    assert not isinstance(stream, str | bytes | Path)
    api.add_part("u", b"part")
    assert sdk.files == [("data", ("part", b"part", "application/octet-stream"))]


def test_a_file_that_changed_is_refused_while_it_is_sent(in_tmp: Path) -> None:
    data = b"x" * 3_000_000
    write("train.jsonl", data)
    passed = PassedFile(
        "train", "train.jsonl", hashlib.sha256(b"y" * len(data)).hexdigest(), len(data), 1
    )
    with stub(lambda _: Said({"id": "file-1"})) as service, reach(service.address) as api:
        with (
            SealedFile(passed) as sealed,
            pytest.raises(Refused, match="changed after it passed"),
        ):
            api.create_file(sealed, "train.jsonl", {"purpose": "fine-tune"})
        assert all(request.size < len(data) for request in service.asked)


def started(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
    from tests.support.service import GOOD  # noqa: PLC0415 - beside what uses it

    train = write("train.jsonl", GOOD)
    return result_of(capsys, "run", train, "--model", MODEL, "--yes", *more)


@pytest.mark.parametrize(
    "fault",
    [
        "POST /fine_tuning/jobs status=500 when=after times=1",
        "POST /fine_tuning/jobs status=503 when=after times=1 retry-after=1",
        "POST /fine_tuning/jobs status=520 when=after times=1",
        "POST /fine_tuning/jobs status=524 when=after times=1",
        "POST /fine_tuning/jobs status=408 when=after times=1",
        "POST /fine_tuning/jobs cut when=after times=1",
        "POST /fine_tuning/jobs cut when=during times=1",
    ],
)
def test_work_that_was_done_and_not_answered_is_one_job(
    fault: str, serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(fault) as emulator:
        code, data = started(capsys)
        again, _ = started(capsys)
        assert len(emulator.jobs) == 1
        assert asked(emulator).count("/fine_tuning/jobs") == 1
    assert (code, again) == (0, 0)
    assert data["how"] == "found"


@pytest.mark.parametrize("status", [500, 520])
def test_work_that_was_not_done_and_not_answered_is_no_second_request(
    status: int, serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(f"POST /fine_tuning/jobs status={status} when=before times=1") as emulator:
        code, data = started(capsys, "--reconcile-for", "0")
        again, _ = started(capsys, "--reconcile-for", "0")
        assert emulator.jobs == {}
        assert asked(emulator).count("/fine_tuning/jobs") == 1
    assert (code, again) == (6, 6)
    assert data["error"]["exit_code"] == 6


@pytest.mark.parametrize("fault", ["status=500 when=after", "cut when=after", "cut when=during"])
def test_a_file_whose_answer_is_lost_is_one_file(
    fault: str, serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(f"POST /files {fault} times=1") as emulator:
        code, _ = started(capsys)
        assert code == 0
        assert asked(emulator).count("/files") == 1


def test_results_that_are_cut_are_asked_for_again(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving("GET /files/*/content cut when=during times=2") as emulator:
        code, data = started(capsys)
        paths = asked(emulator, method="GET")
    assert code == 0
    assert data["results"]
    assert sum(path.endswith("/content") for path in paths) == 3


def test_a_file_that_ends_in_error_is_not_taken_for_processed(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving("POST /files file-error='the line is bad'") as emulator:
        code, data = started(capsys)
        assert emulator.jobs == {}
    assert code == 7
    assert "the line is bad" in data["error"]["message"]


def test_a_request_that_gets_no_answer_in_time_may_have_worked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retry, "sleep", lambda _: None)
    monkeypatch.setattr("ftlint.training.providers.sdk.ANSWER", 0.05)

    def slow(_: object) -> Said:
        waiting.wait(5)
        return Said({"id": "x"})

    from threading import Event  # noqa: PLC0415 - beside what uses it

    waiting = Event()
    with stub(slow) as service, reach(service.address) as api:
        with pytest.raises(Again, match="no answer in time") as caught:
            api.create_job({"model": "m"})
        waiting.set()
    assert caught.value.sent
