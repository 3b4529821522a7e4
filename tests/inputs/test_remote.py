"""URLs: Azure's emulator, an HTTP server on loopback, and fsspec's own memory."""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any

import fsspec  # type: ignore[import-untyped]
import orjson
import pytest

import ftlint
from ftlint.cli import run
from ftlint.core.report import Report
from ftlint.inputs import ranges, remote, streams
from ftlint.inputs.discovery import Range
from ftlint.inputs.paths import shown
from tests.support.azurite import Azurite
from tests.support.helpers import (
    BAD,
    EMPTY,
    GOOD,
    HUMAN,
    LINE,
    one_line,
    process,
    report_of,
    whole,
    write,
)
from tests.support.web import Web, serve

pytestmark = pytest.mark.usefixtures("in_tmp")

WIDE = LINE.replace(b'"q"', b'"%s"' % (b"q" * 2000))
MANY = whole(*[WIDE] * 1500, HUMAN, b"", LINE[:-1], EMPTY, *[WIDE] * 1300)
"""Over five MiB, with faults in the middle."""

SECRET = "c2VjcmV0"  # noqa: S105 - what must not be shown
CONNECTION = "AZURE_STORAGE_CONNECTION_STRING"


@pytest.fixture
def memory() -> Iterator[Callable[[str, bytes], str]]:
    """Return what stores a file in memory, and gives its URL."""
    system = fsspec.filesystem("memory")

    def store(name: str, data: bytes) -> str:
        system.pipe(f"/{name}", data)
        return f"memory://{name}"

    yield store
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture
def account(azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> Azurite:
    """Give the account of the emulator to this process and those that it starts."""
    monkeypatch.setenv(CONNECTION, azurite.connection)
    return azurite


def like(report: Report, path: str) -> dict[str, Any]:
    """Return a report as it is of the same bytes under the name `path`."""
    text = orjson.dumps(report.to_dict()).decode()
    names = {entry.path for entry in report.inputs}
    assert len(names) == 1
    data: dict[str, Any] = orjson.loads(text.replace(f'"{names.pop()}"', f'"{path}"'))
    for finding in data["findings"]:
        if finding["location"]["line"] == 1:  # those of the file, which are told by its name
            finding["fingerprint"] = ""
    return data


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("https://h.test/a/b.jsonl?sv=1&sig=x", "https://h.test/a/b.jsonl"),
        ("https://h.test/a.jsonl#sig", "https://h.test/a.jsonl"),
        ("HTTPS://u:p@h.test:8/a.jsonl", "https://h.test:8/a.jsonl"),
        ("http://u@h.test", "http://h.test"),
        ("az://c/a.jsonl?sig=x", "az://c/a.jsonl"),
        ("az://c/a?.jsonl", "az://c/a?.jsonl"),
        ("az://c/a#1.jsonl", "az://c/a#1.jsonl"),
        ("abfs://c@x.dfs.core.windows.net/a.jsonl", "abfs://c@x.dfs.core.windows.net/a.jsonl"),
        ("abfs://c:p@x.dfs.core.windows.net/a", "abfs://x.dfs.core.windows.net/a"),
        ("s3://key:p@bucket/a.jsonl", "s3://bucket/a.jsonl"),
        ("s3://bucket/a@b.jsonl", "s3://bucket/a@b.jsonl"),
    ],
)
def test_what_is_shown_of_a_url_is_not_secret(name: str, expected: str) -> None:
    assert shown(name) == expected
    assert shown(expected) == expected


@pytest.mark.parametrize(
    "name", ["a.jsonl", "c:/a", "c://a", "://a", "a:b//c", "./az://c", "-", ""]
)
def test_what_is_no_url(name: str) -> None:
    assert not remote.is_url(name)


def test_a_file_in_memory_is_read_as_one_on_disk(
    memory: Callable[[str, bytes], str], capsys: pytest.CaptureFixture[str]
) -> None:
    local = report_of(capsys, write("a.jsonl", MANY))
    url = memory("d/a.jsonl", MANY)
    found = report_of(capsys, url)
    assert [entry.path for entry in found.inputs] == [url]
    assert like(found, "a.jsonl") == like(local, "a.jsonl")
    cut = report_of(capsys, "--range-size", "65536", url)
    assert cut == found


def test_directories_and_patterns_in_memory(
    memory: Callable[[str, bytes], str], capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = [memory(f"d/{name}", GOOD) for name in ("a.jsonl", "b.ndjson", "e/c.jsonl")]
    packed = memory("d/e/d.jsonl.gz", gzip.compress(GOOD))
    for name in ("x.txt", ".h/a.jsonl", "e/.h/a.jsonl", "jsonl"):
        memory(f"d/{name}", GOOD)

    def names(*paths: str) -> list[str]:
        report = report_of(capsys, *paths)
        assert not report.errors
        return [entry.path for entry in report.inputs]

    assert names("memory://d") == names("memory://d/") == [*wanted, packed]
    assert names("memory://d/*.jsonl", wanted[0]) == [wanted[0]]
    assert names("memory://d/?.ndjson") == [wanted[1]]
    assert names("memory://d/**/c.*") == [wanted[2]]
    assert names(packed, "memory://d/e") == [packed, wanted[2]]


def test_a_name_with_a_star_is_the_file_of_that_name(
    memory: Callable[[str, bytes], str], capsys: pytest.CaptureFixture[str]
) -> None:
    url, other = memory("d/a[1].jsonl", GOOD), memory("d/a1.jsonl", GOOD)
    assert [entry.path for entry in report_of(capsys, url, other).inputs] == [url, other]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("memory://d/none.jsonl", "cannot read: no such file; check the URL"),
        ("memory://none/", "no *.jsonl or *.ndjson in this directory"),
        ("memory://d", "no *.jsonl or *.ndjson in this directory"),
        ("memory://d/*.csv", "nothing matches this pattern"),
        ("foo://d/a.jsonl", "foo:// is no kind of URL that fsspec knows; use https://, az://"),
        ("file:///etc/passwd", "a file on this machine is named without file://"),
        ("https://", "cannot read: "),
        ("az://", "cannot read: "),
    ],
)
def test_a_url_that_leads_nowhere_stops_nothing_else(
    name: str,
    words: str,
    memory: Callable[[str, bytes], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(CONNECTION, "nothing")
    memory("d/a.txt", GOOD)
    assert run(["check", name, write("good.jsonl")]) == 2
    out, err = capsys.readouterr()
    assert "good.jsonl: passed" in out
    assert words in one_line(err)


@pytest.mark.parametrize(
    ("name", "missing", "words"),
    [
        ("az://c/a.jsonl", "fsspec", "needs packages that are not installed: pip install 'ftlint["),
        ("s3://c/a.jsonl", "fsspec", "needs packages that are not installed: pip install 'ftlint["),
        ("https://h.test/a", "aiohttp", "not installed: pip install 'ftlint[remote]'"),
        (
            "gs://c/a.jsonl",
            "gcsfs",
            "needs packages that are not installed: see fsspec's documents",
        ),
    ],
)
def test_a_package_that_is_not_installed_is_named(
    name: str,
    missing: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert run(["check", name]) == 2
    assert words in one_line(capsys.readouterr().err)


def test_a_validation_file_may_be_remote(
    memory: Callable[[str, bytes], str], capsys: pytest.CaptureFixture[str]
) -> None:
    train, other = memory("d/a.jsonl", GOOD), memory("d/b.jsonl", GOOD.replace(b"q", b"r"))
    report = report_of(capsys, "--validation", other, train)
    assert [entry.path for entry in report.inputs] == [train, other]
    assert run(["check", "--validation", "memory://d", train]) == 2
    assert "2 files; name one to validate with" in capsys.readouterr().err
    assert run(["check", "--validation", train, train]) == 2
    assert "is the training file too" in capsys.readouterr().err


@pytest.mark.parametrize("change", ["other bytes", "another time", "gone"])
def test_a_file_that_changes_meanwhile_gets_no_verdict(
    change: str, memory: Callable[[str, bytes], str]
) -> None:
    url = memory("d/a.jsonl", GOOD)

    def late(check: Callable[[Any], Any], batches: Iterable[Any]) -> Iterator[Any]:
        yield from map(check, batches)
        if change == "gone":
            fsspec.filesystem("memory").rm("/d/a.jsonl")
        else:
            memory("d/a.jsonl", GOOD + LINE if change == "other bytes" else GOOD)

    report = ftlint.check(url, map=late)
    assert not report.passed
    assert "changed while it was checked" in report.errors[0].message


@pytest.mark.parametrize("command", [["fix"], ["check", "--fix"], ["check", "--diff"]])
def test_urls_are_not_fixed(
    command: list[str], memory: Callable[[str, bytes], str], capsys: pytest.CaptureFixture[str]
) -> None:
    url = memory("d/a.jsonl", BAD)
    assert run([*command, f"{url}?sig={SECRET}", write("a.jsonl", LINE)]) == 2
    err = capsys.readouterr().err
    assert f"{url}: only a file can be fixed; save the data to one" in err
    assert SECRET not in err


def test_findings_are_iterated_over_a_url(memory: Callable[[str, bytes], str]) -> None:
    url = memory("d/a.jsonl", MANY)
    report = ftlint.check(url, max_findings=0)
    assert sorted(ftlint.iter_findings(url), key=repr) == sorted(report.findings, key=repr)
    with pytest.raises(ftlint.core.errors.FtlintError, match="no such file"):
        list(ftlint.iter_findings("memory://none.jsonl"))


def test_a_report_may_be_written_beside_a_url(
    memory: Callable[[str, bytes], str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", "--output-format", "json=out.json", memory("d/a.jsonl", GOOD)]) == 0
    with open("out.json", "rb") as stream:
        assert orjson.loads(stream.read())["passed"]


def test_reading_on_asks_for_more_and_more(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(range(256)) * (1 << 16)
    asked: list[tuple[int, int]] = []

    class System:
        @staticmethod
        def cat_file(_: str, start: int, end: int) -> bytes:
            asked.append((start, end))
            return data[start:end]

    monkeypatch.setattr(remote, "connect", lambda url: (System(), url))
    reader = remote.RemoteFile("memory://a", len(data), sequential=False)
    assert b"".join(iter(lambda: reader.read(1 << 16), b"")) == data
    sizes = [end - start for start, end in asked]
    assert sizes == [*(1 << bit for bit in range(16, 23)), 8 << 20, (1 << 16)]
    asked.clear()
    for place in (70_000, 5, len(data) - 3, len(data), len(data) + 5):
        assert reader.seek(place) == place
        assert reader.read(100) == data[place : place + 100]
    assert reader.seek(-1, 2) == len(data) - 1
    assert reader.seek(-1, 1) == len(data) - 2
    assert asked == [(70_000, 70_100), (5, 105), (len(data) - 3, len(data))]
    sequential = remote.RemoteFile("memory://a", len(data), sequential=True)
    asked.clear()
    assert sequential.read(9) == data[:9]
    assert asked == [(0, 8 << 20)]


# HTTP

AS_IT_IS = Web({})
SERVERS = {
    "ranges": AS_IT_IS,
    "no HEAD": replace(AS_IT_IS, head=False),
    "no ranges": replace(AS_IT_IS, ranges=False),
    "no length": replace(AS_IT_IS, length=False),
    "no length, no ranges": replace(AS_IT_IS, length=False, ranges=False),
}


@pytest.mark.parametrize("how", SERVERS)
@pytest.mark.parametrize("data", [MANY, gzip.compress(MANY), LINE, b"{", b""], ids=len)
def test_http(how: str, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    local = report_of(capsys, write("a.jsonl", data))
    with serve(replace(SERVERS[how], files={"/d/a.jsonl": data}, asked=[])) as web:
        url = f"{web.address}/d/a.jsonl"
        found = report_of(capsys, f"{url}?sig={SECRET}")
        assert not found.errors
        assert [entry.path for entry in found.inputs] == [url]
        assert like(found, "a.jsonl") == like(local, "a.jsonl")
        if not SERVERS[how].ranges and len(data) > 1:
            assert not [asked for asked in web.asked if "-" in asked and asked != "GET 1-1"]


def test_http_is_read_in_ranges(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(Web({"/a.jsonl": MANY})) as web:
        assert not report_of(capsys, f"{web.address}/a.jsonl").errors
    spans = [tuple(map(int, asked[4:].split("-"))) for asked in web.asked if "-" in asked]
    assert web.asked.count("GET") == 0
    assert (1, 1) in spans
    whole_file = len(MANY)
    assert sum(end - start + 1 for start, end in spans) < 2 * whole_file + (1 << 20) + (1 << 17)


ANSWERS = {
    "403": (Web({}, status=403), "access is refused (HTTP 403); the URL may have expired"),
    "401": (Web({}, status=401), "access is refused (HTTP 401)"),
    "404": (Web({}), "no such file (HTTP 404); check the URL"),
    "410": (Web({}, status=410), "no such file (HTTP 410); check the URL"),
    "500": (Web({}, status=500), "the server does not give it (HTTP 500); try again"),
    "cut at once": (Web({"/a.jsonl": MANY}, fails_after=2), "the connection to the server fails"),
    "cut later": (
        Web({"/a.jsonl": MANY}, fails_after=5),  # when it is hashed or checked, whichever is last
        "the connection to the server fails|cannot read all of it for its sha256",
    ),
    "cut stream": (
        Web({"/a.jsonl": MANY}, ranges=False, fails_after=2),
        "the connection to the server fails",
    ),
}


@pytest.mark.parametrize(("web", "words"), ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("form", ["full", "json"])
def test_an_http_server_that_refuses(
    web: Web, words: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    web = replace(web, asked=[])
    with serve(web):
        place = web.address.removeprefix("http://")
        url = f"http://user:{SECRET}@{place}/a.jsonl?sig={SECRET}#{SECRET}"
        assert run(["check", "--output-format", form, url, write("good.jsonl")]) == 2
    out, err = capsys.readouterr()
    assert f"http://{place}/a.jsonl: " in err
    assert re.search(words.replace("(", r"\(").replace(")", r"\)"), err)
    assert SECRET not in out + err
    assert "Traceback" not in err


def test_a_server_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(Web({})) as web:
        address = web.address
    assert run(["check", f"{address}/a.jsonl"]) == 2
    assert "the connection to the server fails" in one_line(capsys.readouterr().err)


def test_an_http_file_that_changes_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    def late(check: Callable[[Any], Any], batches: Iterable[Any]) -> Iterator[Any]:
        yield from map(check, batches)
        web.tag = '"2"'

    with serve(Web({"/a.jsonl": GOOD})) as web:
        report = ftlint.check(f"{web.address}/a.jsonl", map=late)
    assert "changed while it was checked" in report.errors[0].message


def test_a_server_that_gives_other_bytes_than_asked_for() -> None:
    with serve(Web({"/a.jsonl": GOOD})) as web:
        url = f"{web.address}/a.jsonl"
        with pytest.raises(OSError, match=r"gives [\d,]+ bytes where [\d,]+ are asked for"):
            list(ranges.lines(Range("a", url, 9, len(GOOD) + 99, None, text=True), None))
        web.ranges = False
        with pytest.raises(OSError, match=r"gives [\d,]+ bytes where 50 are asked for"):
            list(ranges.lines(Range("a", url, 9, 59, None, text=True), None))


# Azure


def test_a_blob_is_read_as_a_file_on_disk(
    account: Azurite, capsys: pytest.CaptureFixture[str]
) -> None:
    local = report_of(capsys, write("a.jsonl", MANY))
    url = account.upload("blobs/d/a.jsonl", MANY)
    found = report_of(capsys, url)
    assert [entry.path for entry in found.inputs] == ["az://blobs/d/a.jsonl"]
    assert like(found, "a.jsonl") == like(local, "a.jsonl")
    for same in ("abfs://blobs/d/a.jsonl", f"{url}?versionid=none"):
        assert like(report_of(capsys, same), "a.jsonl") == like(local, "a.jsonl")
    packed = account.upload("blobs/d/a.jsonl.gz", gzip.compress(MANY))
    assert report_of(capsys, packed).rules["unknown-role"] == local.rules["unknown-role"]


def test_blobs_are_listed(account: Azurite, capsys: pytest.CaptureFixture[str]) -> None:
    names = [
        account.upload(f"listed/d/{name}", GOOD) for name in ("a.jsonl", "b.ndjson", "e/c.jsonl")
    ]
    for name in ("x.txt", ".h/a.jsonl"):
        account.upload(f"listed/d/{name}", GOOD)
    for paths, expected in {
        "az://listed/d": names,
        "az://listed/d/": names,
        "az://listed": names,
        "az://listed/d/*.jsonl": names[:1],
        "az://listed/**/*.jsonl": [names[0], names[2]],
    }.items():
        report = report_of(capsys, paths)
        assert not report.errors
        shown_names = [entry.path for entry in report.inputs]
        assert [name for name in shown_names if "/.h/" not in name] == expected, paths


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("az://listed/none.jsonl", "cannot read: no such file"),
        ("az://nowhere/a.jsonl", "cannot read: no such file"),
        ("az://nowhere/", "no *.jsonl or *.ndjson in this directory"),
        ("az://nowhere/*.jsonl", "nothing matches this pattern"),
        ("az://listed/*.csv", "nothing matches this pattern"),
    ],
)
def test_blobs_that_are_not_there(
    name: str, words: str, account: Azurite, capsys: pytest.CaptureFixture[str]
) -> None:
    account.upload("listed/d/a.jsonl", GOOD)
    assert run(["check", name, write("good.jsonl")]) == 2
    out, err = capsys.readouterr()
    assert "good.jsonl: passed" in out
    assert words in one_line(err)


def test_a_wrong_key_is_refused_and_told_to_nobody(azurite: Azurite) -> None:
    url = azurite.upload("blobs/a.jsonl", GOOD)
    wrong = ("A" if azurite.key[0] != "A" else "B") + azurite.key[1:]
    for form in ("full", "json"):
        done = process(
            *("check", "--output-format", form, url, write("good.jsonl")),
            env={CONNECTION: azurite.connection_with(wrong)},
        )
        assert done.returncode == 2
        assert "access is refused (HTTP 403); set AZURE_STORAGE" in one_line(done.stderr.decode())
        assert wrong[1:] not in (done.stdout + done.stderr).decode()


def test_no_account_is_named(azurite: Azurite) -> None:
    done = process("check", "az://blobs/a.jsonl", env={CONNECTION: f"AccountKey={SECRET}"})
    assert done.returncode == 2
    assert "no storage account that can be used; set" in one_line(done.stderr.decode())
    assert SECRET not in done.stderr.decode()


def test_a_shared_access_signature_is_told_to_nobody(
    azurite: Azurite, capsys: pytest.CaptureFixture[str]
) -> None:
    from azure.storage.blob import generate_blob_sas  # noqa: PLC0415 - half a second

    azurite.upload("blobs/s.jsonl", BAD)
    account = azurite.address.rpartition("/")[2]
    until = datetime.now(UTC) + timedelta(hours=1)
    place = (account, "blobs", "s.jsonl")
    for right in ("r", "w"):
        signed = generate_blob_sas(
            *place, account_key=azurite.key, permission=right, expiry=until, version="2025-11-05"
        )
        code = run(["check", f"{azurite.address}/blobs/s.jsonl?{signed}"])
        out, err = capsys.readouterr()
        assert code == (1 if right == "r" else 2)
        assert "sig=" not in out + err
        assert f"{azurite.address}/blobs/s.jsonl: " in (out if right == "r" else err)


def test_a_blob_takes_few_requests(account: Azurite, capsys: pytest.CaptureFixture[str]) -> None:
    data = whole(*[WIDE] * 9500)
    assert 16 << 20 < len(data) < 20 << 20
    url = account.upload("blobs/requests.jsonl", data)
    before = len(account.requests("blobs/requests.jsonl"))
    assert not report_of(capsys, "-j", "1", url).errors
    asked = account.requests("blobs/requests.jsonl")[before:]
    kinds = {kind: sum(entry.startswith(kind) for entry in asked) for kind in ("HEAD", "GET")}
    # 2 to look at it; its first MiB; 4 cuts; 5 ranges; 3 parts to hash
    assert kinds == {"HEAD": 2, "GET": 1 + 4 + 5 + 3}


def test_a_small_blob_is_read_once(account: Azurite, capsys: pytest.CaptureFixture[str]) -> None:
    url = account.upload("blobs/small.jsonl", GOOD)
    first = report_of(capsys, url)
    asked = account.requests("blobs/small.jsonl")
    # while it is looked at, it may be hashed already
    assert sum(entry.startswith("GET") for entry in asked) in (1, 2)
    account.upload("blobs/small.jsonl", GOOD.replace(b"q", b"r"))
    second = report_of(capsys, url)  # nothing is left of the first time
    assert not second.errors
    assert second.inputs[0].sha256 != first.inputs[0].sha256
    assert second.inputs[0].bytes == first.inputs[0].bytes


def test_many_small_files_are_kept_in_bounded_memory(
    memory: Callable[[str, bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_CACHED_FILES", 3)
    urls = [memory(f"d/{number}.jsonl", GOOD) for number in range(9)]
    for url in urls:
        with streams.opened(url, len(GOOD)) as stream:
            assert stream.read() == GOOD
    assert [url for url, _ in remote._CACHE] == urls[-3:]  # noqa: SLF001 - what the test is about
    assert ftlint.check("memory://d").passed
    assert not remote._CACHE  # noqa: SLF001 - as above


def test_ranges_of_a_blob_go_to_other_processes(account: Azurite) -> None:
    url = account.upload("blobs/many.jsonl", MANY)
    arguments = ("check", "--output-format", "json", "--range-size", "500000")
    alone = process(*arguments, "-j", "1", url)
    shared = process(*arguments, "-j", "2", url)
    assert (alone.returncode, alone.stderr) == (1, b"")
    assert (shared.returncode, shared.stderr) == (1, b"")
    assert shared.stdout == alone.stdout


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_client_is_not_shared_with_a_forked_process(method: str, account: Azurite) -> None:
    url = account.upload("blobs/many.jsonl", MANY)
    alone = ftlint.check(url)
    with ProcessPoolExecutor(2, get_context(method)) as pool:
        assert ftlint.check(url, range_size=1 << 20, map=pool.map) == alone
