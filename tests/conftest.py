"""What tests share: where things are, and how a file is checked."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ftlint.rules import load_rules
from tests.support.azurite import MISSING, Azurite

load_rules()  # tests name them when they are collected

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a job of a shell's background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the programs under test inherit it

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
SAMPLES = ROOT.parent / "shared" / "data" / "microsoft-samples"

pytest.register_assert_rewrite("tests.support.conformance", "tests.support.helpers")

# The same examples on every run; HYPOTHESIS_PROFILE=thorough goes hunting for others.
settings.register_profile("default", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what a user may set to change how ftlint writes."""
    for name in ("NO_COLOR", "FORCE_COLOR", "FTLINT_DEBUG", "PYTHONUNBUFFERED"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """Start the emulator of Azure Blob Storage, for all tests together."""
    if MISSING:
        pytest.skip(MISSING)
    with Azurite() as running:
        yield running


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty directory, so that paths in reports are plain names."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
