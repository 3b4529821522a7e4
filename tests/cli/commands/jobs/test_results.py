"""`ftlint jobs results`: fetched, kept, shown in every format; offline too."""

from __future__ import annotations

import base64
from pathlib import Path

import orjson
import pytest

from ftlint.cli import run
from ftlint.training.providers.client import Api
from tests.support.helpers import LINE, read, whole, write
from tests.support.rehearsal import Captured, Rehearsal, answer, failed, lines, result_of, service
from tests.support.service import serving

__all__ = ["service", "serving"]

CSV = b"step,train_loss,valid_loss\n" + b"".join(b"%d,%f,1\n" % (n, 2 / n) for n in range(1, 9))


@pytest.fixture
def job(service: Rehearsal) -> str:
    """Return a job that has succeeded."""
    name = service.job()
    service.clock.sleep(100)
    return name


def test_shows_a_table_and_plots(job: str, capsys: Captured) -> None:
    shown = "\n".join(lines(capsys, "results", job))
    assert "180 rows, step 1 to 180" in shown
    assert "validation_mean_token_accuracy" in shown
    assert "step 1" in shown


def test_as_json(job: str, service: Rehearsal, capsys: Captured) -> None:
    data = result_of(capsys, "results", job)
    assert (data["job"], data["status"], data["host"]) == (job, "succeeded", service.host)
    assert [file["name"] for file in data["files"]] == ["results.csv"]
    assert (data["results"]["rows"], data["saved"]) == (180, [])
    assert data["results"]["metrics"][0]["name"] == "train_loss"


def test_in_several_formats(job: str, capsys: Captured) -> None:
    wanted = ("html=page.html", "svg=plot.svg", "json=data.json", "text=table.txt")
    options = [word for name in wanted for word in ("--output-format", name)]
    assert lines(capsys, "results", job, *options) == []
    assert f"Results of {job}" in read("page.html").decode()
    assert b"<svg" in read("plot.svg")
    assert orjson.loads(read("data.json"))["rows"] == 180
    assert "train_loss" in read("table.txt").decode()


def test_keeps_the_file(job: str, capsys: Captured) -> None:
    data = result_of(capsys, "results", job, "--save", "kept/here")
    assert data["saved"] == ["kept/here/results.csv"]
    saved = read("kept/here/results.csv")
    assert saved.startswith(b"step,train_loss,")
    assert result_of(capsys, "results", job, "--save", "kept/here")["saved"]
    write("kept/here/results.csv", b"mine")
    message = failed(capsys, "results", job, "--save", "kept/here", code=2)
    assert message.endswith("exists with other results; name another --save DIR")
    assert read("kept/here/results.csv") == b"mine"
    write("file", b"")
    assert "cannot write" in failed(capsys, "results", job, "--save", "file", code=2)


def test_results_in_base64_are_kept_as_csv(service: Rehearsal, capsys: Captured) -> None:
    job = service.job(service.api("openai"))
    service.clock.sleep(100)
    data = result_of(capsys, "results", job, "--save", ".", "--profile", "openai")
    assert data["files"][0]["name"] == "step_metrics.csv"
    assert read("results.csv").startswith(b"step,train_loss,train_accuracy")


def test_more_than_one_file(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, status="succeeded", result_files=["file-1", "file-2"])
    monkeypatch.setattr(Api, "file", lambda *_: None)
    monkeypatch.setattr(Api, "content", lambda _, name: CSV if name == "file-1" else b"a,b\n")
    capsys.readouterr()
    assert run(["jobs", "results", "ftjob-1"]) == 0
    assert "only the first of 2 result files is shown" in capsys.readouterr().err
    data = result_of(capsys, "results", "ftjob-1", "--save", "kept")
    assert data["saved"] == ["kept/results.csv", "kept/results-2.csv"]
    assert read("kept/results-2.csv") == b"a,b\n"


def test_there_are_none_yet(service: Rehearsal, capsys: Captured) -> None:
    job = service.job()
    message = failed(capsys, "results", job, code=5)
    assert message.endswith(f"and has no results yet; to wait for them: ftlint jobs watch {job}")


def test_there_will_be_none(service: Rehearsal, capsys: Captured) -> None:
    job = service.job(data=whole(*[LINE] * 3))
    service.clock.sleep(100)
    message = failed(capsys, "results", job, code=7)
    assert message.startswith(f"job {job}: failed (invalid_n_examples)")


def test_a_job_that_succeeded_without_results(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, status="succeeded", result_files=None)
    message = failed(capsys, "results", "ftjob-1", code=7)
    assert message == "job ftjob-1 has succeeded, but the service names no results file"


@pytest.mark.parametrize("name", ["../jobs", "a?b", "", None, 7 * "\x1b[1m"])
def test_a_result_file_with_an_odd_id_is_not_asked_for(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    answer(monkeypatch, status="succeeded", result_files=[name])
    service.asked()
    message = failed(capsys, "results", "ftjob-1", code=7)
    assert message.startswith("job ftjob-1 names a results file with an invalid id")
    assert "\x1b" not in message
    assert service.asked() == []


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff\xfe", b"x" * 41, b"step,loss\n"])
def test_a_file_that_holds_no_results(
    service: Rehearsal, capsys: Captured, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    answer(monkeypatch, status="succeeded", result_files=["file-1"])
    monkeypatch.setattr(Api, "file", lambda *_: {"filename": "results.csv"})
    monkeypatch.setattr(Api, "content", lambda *_: data)
    assert failed(capsys, "results", "ftjob-1", code=2).startswith("ftjob-1: ")


@pytest.mark.parametrize("data", [CSV, base64.b64encode(CSV)])
def test_offline(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, in_tmp: Path, data: bytes
) -> None:
    monkeypatch.delenv("AZURE_OPENAI_ENDPOINT", raising=False)
    write("results.csv", data)
    assert "8 rows, step 1 to 8" in lines(capsys, "results", "--file", "results.csv")
    curve = result_of(capsys, "results", "--file", "results.csv")
    assert (curve["file"], curve["results"]["rows"]) == ("results.csv", 8)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give either a JOB or --file PATH"),
        (["ftjob-1", "--file", "a.csv"], "give either a JOB or --file PATH"),
        (["--file", "a.csv", "--save", "."], "a.csv is a file already"),
        (["--file", "none.csv"], "none.csv: cannot read: no such file or directory"),
        (["--file", "."], ".: cannot read: it is a directory, not a file"),
        (["--file", "a.csv", "--output-format", "htm"], "did you mean 'html'?"),
        (["--file", "a.csv", "--output-format", "svg="], "names no file after the ="),
    ],
)
def test_usage(capsys: Captured, in_tmp: Path, arguments: list[str], words: str) -> None:
    assert words in failed(capsys, "results", *arguments, code=2)


def test_a_file_that_cannot_be_written(capsys: Captured, in_tmp: Path) -> None:
    write("a.csv", CSV)
    arguments = ("results", "--file", "a.csv", "--output-format", "svg=none/plot.svg")
    assert "none/plot.svg: cannot write" in failed(capsys, *arguments, code=2)


def test_a_hostile_name_of_a_file_stays_text(capsys: Captured, in_tmp: Path) -> None:
    name = "<script>\x1b[1m.csv"
    write(name, CSV)
    page = "\n".join(lines(capsys, "results", "--file", name, "--output-format", "html"))
    assert "<script" not in page
    assert "\x1b" not in page
