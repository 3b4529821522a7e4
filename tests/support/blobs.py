"""What the tests of the blob route share: a file, a program that stores it, and a client."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ftlint.training.providers.blob import container
from ftlint.training.receipt import PassedFile
from ftlint.training.verified_file import SealedFile
from tests.support.azurite import Azurite

DATA = Random(6).randbytes(20_000_000)  # noqa: S311 - any bytes, the same each time
NAME = "train.0123456789abcdef.jsonl"
CONNECTION = "AZURE_STORAGE_CONNECTION_STRING"
KEYS = ("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY")

_NUMBERS = count(1)

PUT = """
import logging, os, signal, sys
from ftlint.core.errors import Failure
from ftlint.training.receipt import PassedFile
from ftlint.training.providers.blob import container as blob
from ftlint.training.verified_file import SealedFile

logging.basicConfig(level=logging.DEBUG)
container, path, digest, size, name, most = sys.argv[1:]
done = []

def acknowledged(length):
    done.append(length)
    if len(done) == int(most):
        os.kill(os.getpid(), signal.SIGKILL)

try:
    there = blob.connect(container, lambda words: print(words, file=sys.stderr))
    with SealedFile(PassedFile("train", path, digest, int(size), 10)) as sealed:
        there.put(sealed, name, acknowledged=acknowledged)
    link = there.link(name)
    logging.getLogger("azure").info("a link: %s", link)
    print(link)
except Failure as failure:
    print(failure, file=sys.stderr)
    sys.exit(failure.code)
"""
"""A program that stores a file, logging all there is, and kills itself after so many blocks."""


def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take credentials out of the environment."""
    for name in (CONNECTION, *KEYS):
        monkeypatch.delenv(name, raising=False)


def new_container(azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a container, and put its key into the environment; return its URL."""
    no_keys(monkeypatch)
    monkeypatch.setenv(KEYS[0], azurite.key)
    return azurite.container(f"files-{next(_NUMBERS)}")


def passed_file(folder: Path) -> PassedFile:
    """Write `DATA` into a folder, as a file that passed."""
    path = folder / "train.jsonl"
    path.write_bytes(DATA)
    return PassedFile("train", str(path), hashlib.sha256(DATA).hexdigest(), len(DATA), 10)


def connected(place: str, log: Callable[[str], object] = lambda _: None) -> Any:
    """Return a client for a container, which is closed at the end of a block."""
    return closing(container.connect(place, lambda words: void(log(words))))


def void(_: object) -> None:
    """Take what a callback returns."""


def put(there: Any, passed: PassedFile, after: Callable[[int], object] = void) -> None:
    """Store a file."""
    with SealedFile(passed) as sealed:
        there.put(sealed, NAME, acknowledged=after)
