"""Whatever goes wrong: no second job, no bytes that did not pass, and an end that is reached."""

from __future__ import annotations

import contextlib
import tempfile

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.support.chaos import FAMILIES, RECEIPT, SEED, Step, World
from tests.support.container import blobs

CALLS = (
    "GET /files",
    "POST /files",
    "POST /files/import",
    "GET /files/*",
    "POST /uploads",
    "POST /uploads/*/parts",
    "POST /uploads/*/complete",
    "POST /uploads/*/cancel",
    "GET /fine_tuning/jobs",
    "POST /fine_tuning/jobs",
    "POST /fine_tuning/jobs",
    "POST /fine_tuning/jobs",
    "GET /fine_tuning/jobs/*",
    "* *",
)
"""Jobs more often than the rest: there, a mistake costs money."""

STATUSES = (400, 401, 403, 404, 404, 408, 409, 410, 429, 500, 500, 500, 501, 503, 503, 503)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking, which takes minutes where a failure does not shrink."""

NEVER = ("POST /fine_tuning/jobs status=429 when=after", "* * status=429 when=after")
"""A 429 says that nothing was done, and a job is asked for again: it must not lie."""


@st.composite
def fault(draw: st.DrawFn) -> str:
    """Draw what goes wrong."""
    call = draw(st.sampled_from(CALLS))
    when = draw(st.sampled_from(["before", "after"]))
    kinds = [f"status={status} when={when}" for status in STATUSES]
    kinds += [f"status=503 when={when} retry-after={text}" for text in ("0", "1", "700")]
    kinds += 2 * ["cut when=before", "cut when=after", "cut when=during"] + ["slow=0.01"]
    kinds += {
        "POST /uploads": ["expire", "expire=1", "expire=3"],
        "POST /files": ["file-error"],
        "POST /files/import": ["file-error"],
        "POST /uploads/*/complete": ["file-error"],
        "POST /fine_tuning/jobs": ["job-error"],
    }.get(call, [])
    found = f"{call} {draw(st.sampled_from(kinds))}"
    if found.startswith(NEVER):
        found = found.replace("when=after", "when=before")
    times = draw(st.sampled_from([" times=1", " times=1", " times=1", " times=2", " times=6", ""]))
    skip = draw(st.sampled_from(["", "", " skip=1", " skip=2", " skip=5"]))
    return f"{found}{times}{skip}"


@st.composite
def step(draw: st.DrawFn, family: str, place: str) -> Step:
    """Draw a command, and what happens to it."""
    command = draw(st.sampled_from(["run", "run", "run", "launch", "upload", "jobs"]))
    options: list[str] = ["--profile", "parts.toml"]
    version = draw(st.sampled_from(FAMILIES[family]))
    options += ["--api-version", version]
    if command in ("run", "upload"):
        routes = [(), ("--route", "multipart")]
        if version != "v1" or family == "openai":
            routes += [(), ("--route", "uploads")]
        if version != "v1":
            routes += [("--route", "blob", "--container", place), ("--container", place)]
        options += draw(st.sampled_from(routes))
        options += draw(st.sampled_from([(), (), ("--no-resume",)]))
    if command != "jobs":
        options += draw(st.sampled_from([(), (), ("--receipt", RECEIPT)]))
        options += draw(st.sampled_from([(), (), ("--verify-remote",)]))
    if command in ("run", "launch"):
        options += ["--yes", "--reconcile-for", "0"]
        options += draw(st.sampled_from([(), (), (), ("--again",)]))
        options += draw(st.sampled_from([(), (), (), ("--seed", SEED)]))
    return Step(
        command,
        tuple(options),
        before=draw(
            st.sampled_from(["", "", "", "change", "forget all", "*.jsonl", "upload-*.json"])
        ),
        version=draw(st.integers(0, 3)),
        faults=tuple(draw(fault()) for _ in range(draw(st.sampled_from([0, 1, 1, 2, 3])))),
        strike=draw(st.sampled_from(["", "", "kill", "interrupt", "change"])),
        at=draw(st.integers(1, 12)),
        after=draw(st.booleans()),
    )


@settings(max_examples=settings().max_examples // 2, phases=PHASES)
@given(st.data(), st.sampled_from(sorted(FAMILIES)), st.booleans())
def test_whatever_goes_wrong(data: st.DataObject, family: str, validated: bool) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        blobs() as place,
        World(family, validated=validated) as world,
    ):
        for _ in range(data.draw(st.integers(2, 5))):
            world.do(data.draw(step(family, place)))
        world.settle()
