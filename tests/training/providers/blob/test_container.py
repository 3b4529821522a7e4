"""The blob route: a file in blocks to Azure Blob Storage, and a link to it, against Azurite."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

import pytest

from ftlint.core.errors import Refused, Rejected
from ftlint.training.receipt import PassedFile
from tests.support.azurite import Azurite
from tests.support.blobs import (
    CONNECTION,
    DATA,
    KEYS,
    NAME,
    PUT,
    connected,
    new_container,
    passed_file,
    put,
)

BLOCK = 4 << 20
BLOCKS = 5


@pytest.fixture
def place(azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> str:
    return new_container(azurite, monkeypatch)


@pytest.fixture
def passed(tmp_path: Path) -> PassedFile:
    return passed_file(tmp_path)


def asked(azurite: Azurite, place: str, what: str) -> list[str]:
    """Return the requests for the blob of a container, of one kind."""
    requests = azurite.requests(f"{place.rpartition('/')[2]}/{NAME}")
    return [request for request in requests if what in request]


def refused(url: str, method: str = "GET") -> int:
    """Ask for a URL, which is refused; return the HTTP status."""
    data = b"x" if method == "PUT" else None
    request = Request(url, data, {"x-ms-blob-type": "BlockBlob"}, method=method)  # noqa: S310 - loopback
    with pytest.raises(HTTPError) as caught:
        urlopen(request).close()  # noqa: S310 - as above
    caught.value.close()
    return caught.value.code


def test_a_file_is_stored_in_blocks_and_read_by_a_link_that_does_nothing_else(
    azurite: Azurite, place: str, passed: PassedFile
) -> None:
    done: list[int] = []
    with connected(place) as there:
        put(there, passed, done.append)
        link = there.link(NAME)
        assert done == [BLOCK] * (BLOCKS - 1) + [len(DATA) - BLOCK * (BLOCKS - 1)]
        with urlopen(link) as answer:  # noqa: S310 - loopback
            assert (
                answer.headers["Content-MD5"]
                == b64encode(hashlib.md5(DATA, usedforsecurity=False).digest()).decode()
            )
            assert answer.read() == DATA
        plain, _, query = link.partition("?")
        signed = parse_qs(query)
        assert (signed["sp"], signed["sr"], signed["spr"]) == (["r"], ["b"], ["https,http"])
        expiry = datetime.fromisoformat(signed["se"][0])
        assert expiry <= datetime.now(UTC) + timedelta(hours=1)
        assert datetime.fromisoformat(signed["st"][0]) <= expiry - timedelta(hours=1, minutes=4)
        other = azurite.upload(f"{there.name}/other.jsonl", b"{}").removeprefix("az://")
        assert refused(plain) == 403
        assert refused(f"{azurite.address}/{other}?{query}") == 403
        assert [refused(link, method) for method in ("PUT", "DELETE")] == [403, 403]
        there.remove(NAME)
        there.remove(NAME)
    assert azurite.blobs(there.name) == ["other.jsonl"]


def test_an_upload_that_was_killed_goes_on_with_the_blocks_that_are_missing(
    azurite: Azurite, place: str, passed: PassedFile
) -> None:
    arguments = [place, passed.path, passed.sha256, str(passed.bytes), NAME]
    killed = subprocess.run([sys.executable, "-c", PUT, *arguments, "2"], check=False,
                            capture_output=True)  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert len(asked(azurite, place, "comp=block&")) == 2
    assert azurite.blobs(place.rpartition("/")[2]) == []
    logged: list[str] = []
    done: list[int] = []
    with connected(place, logged.append) as there:
        put(there, passed, done.append)
        assert "2 blocks of an earlier try are there" in "".join(logged)
        assert len(asked(azurite, place, "comp=block&")) == BLOCKS
        assert sum(done) == passed.bytes
        with urlopen(there.link(NAME)) as answer:  # noqa: S310 - loopback
            assert hashlib.sha256(answer.read()).hexdigest() == passed.sha256


def test_blocks_of_other_bytes_are_not_used(
    azurite: Azurite, place: str, passed: PassedFile
) -> None:
    class Enough(Exception):  # noqa: N818 - not an error
        pass

    def stop(_: int) -> None:
        raise Enough

    path = Path(passed.path)
    path.write_bytes(b"other" + DATA[5:])
    with connected(place) as there:
        with pytest.raises(Enough):
            put(there, passed, stop)
        path.write_bytes(DATA)
        put(there, passed)
        assert len(asked(azurite, place, "comp=block&")) == BLOCKS + 1
        with urlopen(there.link(NAME)) as answer:  # noqa: S310 - loopback
            assert answer.read() == DATA


def test_a_file_that_changes_meanwhile_is_refused_and_there_is_no_blob(
    azurite: Azurite, place: str, passed: PassedFile
) -> None:
    def change(_: int) -> None:
        with Path(passed.path).open("r+b") as stream:
            stream.seek(-5, 2)
            stream.write(b"other")

    with connected(place) as there:
        with pytest.raises(Refused, match="changed after it passed"):
            put(there, passed, change)
        assert azurite.blobs(there.name) == []
        assert not asked(azurite, place, "comp=blocklist HTTP")
        Path(passed.path).write_bytes(DATA)
        put(there, passed)
        assert azurite.blobs(there.name) == [NAME]


def test_a_file_that_is_there_is_used_again(
    azurite: Azurite, place: str, passed: PassedFile
) -> None:
    logged: list[str] = []
    done: list[int] = []
    with connected(place, logged.append) as there:
        put(there, passed)
        sent = len(asked(azurite, place, "PUT"))
        put(there, passed, done.append)
    assert done == [passed.bytes]
    assert len(asked(azurite, place, "PUT")) == sent
    assert logged[-1] == f"{there.name}/{NAME}: is there already, with the same bytes; used again"


def test_a_file_that_changed_is_refused_though_what_passed_is_there(
    place: str, passed: PassedFile
) -> None:
    with connected(place) as there:
        put(there, passed)
        Path(passed.path).write_bytes(b"other" + DATA[5:])
        with pytest.raises(Refused, match="changed after it passed"):
            put(there, passed)


def test_another_file_of_the_same_name_stays(
    azurite: Azurite, place: str, passed: PassedFile
) -> None:
    azurite.upload(f"{place.rpartition('/')[2]}/{NAME}", b"another")
    with connected(place) as there:
        with pytest.raises(Rejected, match=r"is another file \(7 bytes, .*\); delete it, or use"):
            put(there, passed)
        with urlopen(there.link(NAME)) as answer:  # noqa: S310 - loopback
            assert answer.read() == b"another"


def test_another_file_that_comes_first_stays(
    azurite: Azurite, place: str, passed: PassedFile
) -> None:
    container = place.rpartition("/")[2]
    with connected(place) as there:
        with pytest.raises(Rejected, match="is another file"):
            put(there, passed, lambda _: azurite.upload(f"{container}/{NAME}", b"another"))
        with urlopen(there.link(NAME)) as answer:  # noqa: S310 - loopback
            assert answer.read() == b"another"


def test_the_same_file_that_comes_first_is_as_good(place: str, passed: PassedFile) -> None:
    with connected(place) as there, connected(place) as other:
        put(there, passed, lambda _: put(other, passed))
        with urlopen(there.link(NAME)) as answer:  # noqa: S310 - loopback
            assert answer.read() == DATA


def test_a_container_that_is_not_there(azurite: Azurite, place: str, passed: PassedFile) -> None:
    with connected(f"{azurite.address}/missing") as there:
        words = "there is no container missing in ftlint; create it"
        with pytest.raises(Rejected, match=words) as caught:
            put(there, passed)
        assert caught.value.code == 7
        with pytest.raises(Rejected, match=words):
            there.remove(NAME)


def test_a_name_and_a_connection_string(
    azurite: Azurite, place: str, passed: PassedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEYS[0])
    monkeypatch.setenv(CONNECTION, azurite.connection)
    logged: list[str] = []
    with connected(place.rpartition("/")[2], logged.append) as by_name, connected(place) as by_url:
        put(by_name, passed)
        put(by_url, passed)
        assert azurite.blobs(by_url.name) == [NAME]
    assert logged[0].endswith(f"container {by_name.name}, signing in with a key")
