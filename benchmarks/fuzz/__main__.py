"""The command line of the fuzzers: `python -m benchmarks.fuzz cost` or `coverage`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.files import ROOT

_FOLDER = ROOT / ".cache" / "fuzz"


def main(arguments: list[str] | None = None) -> int:
    """Run a fuzzer; return 1 if it found a fault."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("fuzzer", choices=("cost", "coverage"))
    parser.add_argument("--seconds", type=float, default=60, help="time to search [60]")
    parser.add_argument("--seed", type=int, help="repeat the mutations of another run")
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="where findings are written")
    parser.add_argument("--go-on", action="store_true", help="cost: do not stop at a finding")
    parser.add_argument("--keep", action="store_true", help="cost: keep the worst as fixtures")
    parser.add_argument("--grow", action="store_true", help="cost: try the worst as 10 MB too")
    chosen = parser.parse_args(arguments)
    seed = int.from_bytes(os.urandom(3)) if chosen.seed is None else chosen.seed
    chosen.folder.mkdir(parents=True, exist_ok=True)
    print(f"fuzzing {chosen.fuzzer} for {chosen.seconds:g} s, --seed {seed}", flush=True)
    if chosen.fuzzer == "coverage":
        from benchmarks.fuzz import coverage  # noqa: PLC0415 - it must import ftlint itself

        return coverage.fuzz(chosen.seconds, seed, chosen.folder)
    return _cost(chosen, seed)


def _cost(chosen: argparse.Namespace, seed: int) -> int:
    from benchmarks.fuzz import cost, kept  # noqa: PLC0415 - as above

    search = cost.Search(seed, chosen.folder)
    search.run(chosen.seconds, go_on=chosen.go_on)
    worst = search.worst()
    print(f"{search.count:,} runs; the worst:", *cost.table(worst, grown=chosen.grow), sep="\n")
    for member in worst:
        kept.save(chosen.folder / "worst", member.sample.kind, member.case, member.sample.data)
        if chosen.keep and not kept.keep(member.sample.kind, member.case, member.sample.data):
            print(f"not kept, as it does not compress: {member.sample.kind}")
    for finding in search.findings:
        print(f"FOUND {finding.words}\n  {finding.command}")
    return 1 if search.findings else 0


if __name__ == "__main__":
    sys.exit(main())
