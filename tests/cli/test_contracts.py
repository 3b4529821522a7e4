"""Every request of every command, and every answer, is as the published contracts have them."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from ftlint.cli import run
from tests.support.contracts import MISSING, violations
from tests.support.helpers import whole, write
from tests.support.service import GOOD, GRADER, LINE, MODEL, OTHER, SMALL_PARTS, Serving, serving

__all__ = ["serving"]

pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))

PAIR = (
    b'{"input":{"messages":[{"role":"user","content":"q %d"}]},'
    b'"preferred_output":[{"role":"assistant","content":"a"}],'
    b'"non_preferred_output":[{"role":"assistant","content":"b"}]}'
)
ROW = b'{"messages":[{"role":"user","content":"q %d"}],"answer":"%d"}'
ASKED = {
    "GET /files",
    "POST /files",
    "GET /files/ID",
    "GET /files/ID/content",
    "POST /uploads",
    "POST /uploads/ID/parts",
    "POST /uploads/ID/complete",
    "POST /uploads/ID/cancel",
    "GET /fine_tuning/jobs",
    "POST /fine_tuning/jobs",
    "GET /fine_tuning/jobs/ID",
    "GET /fine_tuning/jobs/ID/events",
    "GET /fine_tuning/jobs/ID/checkpoints",
    "POST /fine_tuning/jobs/ID/cancel",
}
"""All that ftlint asks a service for; an import is in `test_upload_blob`."""

PAUSED = {f"POST /fine_tuning/jobs/ID/{action}" for action in ("pause", "resume")}

_ID = re.compile(r"(?:file-|ftjob-|upload_)\w+")


def files(mark: bytes) -> None:
    """Write the files of all methods."""
    write("train.jsonl", GOOD if mark else whole(*(LINE % (n, n) for n in range(60)), mark=mark))
    write("valid.jsonl", OTHER if mark else whole(*(LINE % (n, 0) for n in range(20)), mark=mark))
    write("pairs.jsonl", whole(*(PAIR % n for n in range(60)), mark=mark))
    write("rows.jsonl", whole(*(ROW % (n, n) for n in range(60)), mark=mark))
    write("rows-valid.jsonl", whole(*(ROW % (n, 0) for n in range(20)), mark=mark))
    write("grader.json", orjson.dumps(GRADER))


def commands(service: tuple[str, ...], pause: bool) -> None:
    """Call all that speaks with a service."""
    polled = ("--poll", "0", *service)
    sft = ("train.jsonl", "--validation", "valid.jsonl", "--model", MODEL)
    assert run(["upload", *sft, *polled]) == 0
    assert run(["launch", *sft, "--yes", "--suffix", "my-model", *polled]) == 0
    settings = ("--epochs", "2", "--batch-size", "4", "--learning-rate", "0.1", "--seed", "7")
    assert run(["run", *sft, "--yes", *settings, *polled]) == 0
    dpo = ("pairs.jsonl", "--model", MODEL, "--beta", "0.1")
    assert run(["run", *dpo, "--yes", *polled]) == 0
    rft = ("rows.jsonl", "--validation", "rows-valid.jsonl", "--model", "o4-mini-2025-04-16")
    assert run(["run", *rft, "--grader", "grader.json", "--yes", *polled]) == 0
    (job, *_) = [
        entry["job"]
        for entry in map(orjson.loads, Path(".ftlint/jobs.jsonl").read_bytes().splitlines())
        if entry.get("job")
    ]
    for name in ("show", "checkpoints", "results"):
        assert run(["jobs", name, job, *service]) == 0
    assert run(["jobs", "watch", job, *polled]) == 0
    assert run(["jobs", "list", *service]) == 0
    assert run(["jobs", "reconcile", *service]) == 0
    for name in ("cancel", *(("pause", "resume") if pause else ())):
        assert run(["jobs", name, job, "--yes", *service]) in (0, 7)  # the job has ended


@pytest.mark.parametrize("profile", ["azure", "openai"])
def test_every_request_of_every_command_is_as_the_contract_says(
    serving: Serving, in_tmp: Path, profile: str
) -> None:
    openai = profile == "openai"
    files(b"" if openai else GOOD[:3])
    parts = SMALL_PARTS.replace("azure", profile)
    write("parts.toml", parts.encode())
    with serving("POST /uploads expire=1 times=1", paging=openai) as emulator:
        commands(("--profile", profile), pause=openai)
        assert run(["upload", "train.jsonl", "--profile", "parts.toml", "--poll", "0",
                    "--route", "uploads", "--state", "anew", "--verify-remote"]) == 0  # fmt: skip
        emulator.files.clear()
        assert run(["upload", "train.jsonl", "--profile", "parts.toml", "--poll", "0"]) == 0
        asked = {f"{each.method} {_ID.sub('ID', each.below)}" for each in emulator.exchanges}
        found = violations(emulator.exchanges)
    assert found == []
    assert asked == ASKED | (PAUSED if openai else set())
