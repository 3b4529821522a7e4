"""The emulated service for tests: its address in the environment, files that pass, JSON results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import orjson
import pytest

from ftlint.cli import run
from ftlint.emulator import Emulator, Fault, Settings
from ftlint.training.providers import retry
from tests.support.helpers import whole, write

KEY = "planted-key-0123456789abcdef"
MODEL = "gpt-4.1-2025-04-14"

LINE = b'{"messages":[{"role":"user","content":"q %d"},{"role":"assistant","content":"a %d"}]}'
GOOD = whole(*(LINE % (number, number) for number in range(60)))
"""60 examples in which Azure's profile finds nothing."""

OTHER = GOOD.replace(b'"a 57"', b'"b 57"')
"""As many bytes, and others; it would pass as well."""

SMALL_PARTS = """title = "small parts"
extends = "azure"

[upload]
parts_from = 2000
part_size = 1000
"""
"""A profile by which a file of `GOOD` goes in six parts."""

GRADER = {
    "type": "string_check",
    "name": "same",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
"""A grader that reads the field `answer` of a row."""

Serving = Callable[..., AbstractContextManager[Emulator]]


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Serving:
    """Return what runs an emulator with some faults, as the service of both profiles."""
    monkeypatch.setattr(retry, "sleep", lambda _: None)

    @contextmanager
    def serve(*faults: str, delay: float = 0, **settings: Any) -> Iterator[Emulator]:
        parsed = [Fault.parse(fault) for fault in faults]
        with Emulator(Settings(delay=delay, faults=parsed, key=KEY, **settings)) as emulator:
            monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", emulator.address)
            monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
            monkeypatch.setenv("OPENAI_BASE_URL", f"{emulator.address}/v1")
            monkeypatch.setenv("OPENAI_API_KEY", KEY)
            yield emulator

    return serve


def result_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a command in process; return its exit code and the JSON object that it prints."""
    capsys.readouterr()
    command, *rest = arguments
    code = run([command, "--output-format", "json", "--poll", "0", *rest])
    out = capsys.readouterr().out
    data: dict[str, Any] = orjson.loads(out) if out else {}
    return code, data


def asked(emulator: Emulator, *, method: str = "POST") -> list[str]:
    """Return the paths that were asked for by a method, below the prefix."""
    return [each.below for each in emulator.exchanges if each.method == method]


def files(data: bytes = GOOD) -> tuple[str, str]:
    """Write a training file, and the profile of small parts; return both names."""
    return write("train.jsonl", data), write("small.toml", SMALL_PARTS.encode())
