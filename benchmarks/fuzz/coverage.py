"""The coverage-guided fuzzer: inputs that reach new code are mutated on, by atheris and by us.

Without atheris, inputs are mutated at random, for the same time.
"""

from __future__ import annotations

import importlib.util
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

from benchmarks.fuzz.cases import Sample, samples

_LARGEST = 20_000
"""Bytes of the largest input; larger ones reach no other code, and take longer."""

_STARTS = 4
"""Inputs to start from, for each second; they are run before anything is mutated."""

HEAD = 3
"""Bytes that choose how an input is checked: `promises.HEAD`, whose module is imported later."""

_SLOWEST = 60
"""Seconds after which atheris calls an input a hang."""

_MEMORY = 3_000
"""Megabytes of memory, with coverage, above which atheris calls an input a leak."""


def fuzz(seconds: float, seed: int, folder: Path) -> int:
    """Fuzz for a time; return 1 for a fault. What atheris finds ends this process."""
    if importlib.util.find_spec("atheris"):
        _guided(seconds, seed, folder)
    print("atheris is not installed, so nothing guides the inputs: pip install '.[fuzz]'")
    return _unguided(seconds, seed, folder)


def _starts(chosen: random.Random, seconds: float) -> list[Sample]:
    """Return inputs to start from, each with a head that chooses how it is checked."""
    small = [sample for sample in samples() if len(sample.data) < _LARGEST]
    drawn = chosen.sample(small, min(len(small), int(seconds * _STARTS) + 1))
    return [Sample(sample.kind, chosen.randbytes(HEAD) + sample.data) for sample in drawn]


def _mutated(chosen: random.Random, data: bytes, starts: list[Sample]) -> bytes:
    """Return a mutation of an input, mostly one that keeps its head."""
    if chosen.random() < 0.1:
        return chosen.randbytes(HEAD) + data[HEAD:]
    sample = Sample("", data[HEAD:]).mutated(chosen, chosen.choice(starts))
    return (data[:HEAD] + sample.data)[:_LARGEST]


def _unguided(seconds: float, seed: int, folder: Path) -> int:
    """Mutate at random; save the first input that breaks a promise."""
    from benchmarks.fuzz.promises import hold  # noqa: PLC0415 - atheris must see its imports

    chosen = random.Random(seed)
    starts = _starts(chosen, seconds)
    end, count = time.monotonic() + seconds, 0
    with tempfile.TemporaryDirectory() as work:
        while time.monotonic() < end:
            data = chosen.choice(starts).data
            for _ in range(chosen.randrange(4)):
                data = _mutated(chosen, data, starts)
            count += 1
            try:
                hold(data, Path(work))
            except Exception:  # noqa: BLE001 - any exception is a finding
                saved = folder / f"broken-{seed}-{count}"
                saved.write_bytes(data)
                print(traceback.format_exc(), f"FOUND {saved}", sep="\n")
                return 1
    print(f"{count:,} runs without a fault")
    return 0


def _guided(seconds: float, seed: int, folder: Path) -> None:
    """Let atheris search, from its own corpus of earlier runs too; it ends the process."""
    import atheris  # noqa: PLC0415 - an extra

    with atheris.instrument_imports(include=["ftlint"]):
        from benchmarks.fuzz.promises import hold  # noqa: PLC0415 - its imports are instrumented
        from benchmarks.fuzz.runs import import_all  # noqa: PLC0415 - as above

        import_all()
    starts = _starts(random.Random(seed), seconds)
    corpus, first = folder / "corpus", folder / "starts"
    for place in (corpus, first):
        place.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(starts):
        (first / str(number)).write_bytes(sample.data)
    work = Path(tempfile.mkdtemp(prefix="fuzz-"))

    def mutate(data: bytes, size: int, number: int) -> bytes:
        chosen = random.Random(number)
        if chosen.random() < 0.3:
            return bytes(atheris.Mutate(data, len(data)))
        return _mutated(chosen, data, starts)[:size]

    options = {
        "max_total_time": int(seconds),
        "seed": seed or 1,
        "max_len": _LARGEST,
        "timeout": _SLOWEST,
        "rss_limit_mb": _MEMORY,
        "artifact_prefix": f"{folder}/",
        "print_final_stats": 1,
        "verbosity": 1,
    }
    arguments = [sys.argv[0], *(f"-{name}={value}" for name, value in options.items())]
    atheris.Setup(
        [*arguments, str(corpus), str(first)],
        lambda data: hold(data, work),
        custom_mutator=mutate,
    )
    atheris.Fuzz()
