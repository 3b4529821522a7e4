"""Inputs that a fuzzer found: folders to repeat a finding from, and fixtures that tests run."""

from __future__ import annotations

import lzma
import shlex
from collections.abc import Iterator
from pathlib import Path

from benchmarks.files import ROOT
from benchmarks.fuzz.cases import CASES, Case

FIXTURES = ROOT / "fixtures" / "costly"
"""Folder of the kept inputs: `<case>--<kind>.xz`."""

_LARGEST = 12_000
"""Bytes of the largest file to keep, so that ten stay about as small as the other fixtures."""


def save(folder: Path, name: str, case: Case, data: bytes) -> str:
    """Write an input into a folder of its own; return the shell command that runs it."""
    place = folder / f"{case.name}--{name}"
    place.mkdir(parents=True, exist_ok=True)
    command = shlex.join(["ftlint", *case.prepare(data, place)])
    return f"cd {shlex.quote(str(place))} && {command}"


def keep(kind: str, case: Case, data: bytes, folder: Path = FIXTURES) -> bool:
    """Keep an input as a fixture; return whether it is small enough."""
    packed = lzma.compress(data, preset=9)
    if len(packed) > _LARGEST:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{case.name}--{kind}.xz").write_bytes(packed)
    return True


def kept(folder: Path = FIXTURES) -> Iterator[tuple[str, Case, bytes]]:
    """Yield the kept inputs: name, command line, bytes."""
    for path in sorted(folder.glob("*--*.xz")):
        yield path.stem, CASES[path.stem.partition("--")[0]], lzma.decompress(path.read_bytes())
