"""A comparison of what two revisions of ftlint report, to show that a change of code changed none.

`make compare-reports REV=HEAD~3 [SAMPLES=FOLDER]` runs `ftlint check --output-format json` of the
working tree and of the revision on the same inputs, and compares exit codes and reports byte for
byte; only the version and the digests of rules and configuration may differ.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, chdir
from itertools import zip_longest
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click

ROOT = Path(__file__).resolve().parent.parent
CHECK = ("check", "--output-format", "json", "--max-findings", "0")
PROFILES = ("azure", "fireworks", "mistral", "openai", "together")
# Choices in the header of a fixture that are no options of `check`; they are left out.
NOT_OPTIONS = ("today", "tier", "suffix", "seed", "hyperparameters", "launching")
_TOGETHER = 20  # fixtures in one check, of which most of the time is not spent on the file
_VALUES = (b"null", b"true", b"0", b'"user"', b"[]", b"{}", b'{"role":1,"role":2}', b"\xff")
_VOLATILE = re.compile(rb'"(ftlint_version|config_digest|rules_digest)": *"[^"]*"')


class Outcome(NamedTuple):
    """The exit code of a check, and its standard output."""

    code: int
    printed: bytes

    def report(self) -> dict[str, Any]:
        """Return the report without what may differ, empty where none was printed."""
        try:
            return dict(json.loads(_VOLATILE.sub(b'"-":""', self.printed)))
        except ValueError:
            return {}


def difference(old: Outcome, new: Outcome) -> str | None:
    """Describe the first difference of two outcomes; return None for equal reports."""
    before, after = old.report(), new.report()
    if not before and not after:
        return f"no report from either, exit codes {old.code} and {new.code}"
    if old.code == new.code and _VOLATILE.sub(b"", old.printed) == _VOLATILE.sub(b"", new.printed):
        return None
    codes = f"exit code {old.code} -> {new.code}; " if old.code != new.code else ""
    findings = (report.pop("findings", []) for report in (before, after))
    for number, (one, two) in enumerate(zip_longest(*findings), 1):
        if one != two:
            return f"{codes}finding {number}: {_shown(one, two)} -> {_shown(two, one)}"
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return f"{codes}other keys of the report: {', '.join(keys) or 'none, but written differently'}"


def _shown(finding: dict[str, Any] | None, other: dict[str, Any] | None) -> str:
    """Return the location and rule of a finding, and those keys that differ from another."""
    if not finding:
        return "none"
    where = finding["location"]
    own = {key: value for key, value in finding.items() if not other or value != other[key]}
    return f"{where['path']}:{where['line']}:{where['column']} {finding['rule']} {json.dumps(own)}"


def compare(checks: Sequence[list[str]], old: Iterable[Outcome], new: Iterable[Outcome]) -> int:
    """Print each difference and a summary; return 0 if findings were compared and none differs."""
    findings = differences = 0
    for arguments, before, after in zip(checks, old, new, strict=True):
        findings += len(after.report().get("findings", []))
        if described := difference(before, after):
            options = shlex.join(word for word in arguments if word.startswith("-"))
            click.echo(f"{options or arguments[0]}: {described}")
            differences += 1
    click.echo(f"{len(checks):,} checks, {findings:,} findings, {differences or 'no'} differences")
    if not findings:
        click.echo("error: there was no finding to compare, which shows nothing")
    return 1 if differences or not findings else 0


def fixtures() -> list[Path]:
    """Return the data files in the folders of the rules, below the working directory."""
    files = sorted(Path("fixtures/rules").glob("*/*"))
    return [f for f in files if re.match(r"(good|bad|fixed)\b", f.name) and f.name != "good.txt"]


def header_options(file: Path) -> tuple[str, ...]:
    """Return the options of `check` in the header of the text file that goes with a fixture."""
    stem = re.sub("^(bad|fixed)", "expected", file.stem)
    names = ("good.txt" if stem.startswith("good") else f"{stem}.txt", "expected.txt")
    text = next(filter(Path.is_file, map(file.with_name, names))).read_text(encoding="utf-8")
    options = []
    for key, value in (word.split("=", 1) for word in text.partition("\n")[0][2:].split()):
        if key not in NOT_OPTIONS:
            path = file.with_name(value)
            options.append(f"--{key.replace('_', '-')}={path if path.is_file() else value}")
    return tuple(options)


def mutate(path: str) -> None:
    """Write each line of the fixtures twice, with one piece removed, repeated or replaced."""
    random = Random(4)  # noqa: S311 - seeded: the same lines each time
    with open(path, "wb") as file:
        for line in b"\n".join(map(Path.read_bytes, fixtures() * 2)).split(b"\n"):
            pieces = re.split(rb'([{}\[\],:]|"[^"]*")', line)
            n = random.randrange(len(pieces))
            pieces[n] = random.choice((b"", pieces[n] * 2, random.choice(_VALUES)))
            file.write(b"".join(pieces) + b"\n")


def inputs(samples: str | None, size: int) -> Iterator[list[str]]:
    """Yield the arguments of each check; write the files they name into the working directory."""
    from benchmarks import corpus  # noqa: PLC0415 - not needed by the processes that run checks

    shutil.copytree(ROOT / "fixtures", "fixtures")
    alike: dict[tuple[str, ...], list[str]] = {}
    for file in fixtures():
        alike.setdefault(header_options(file), []).append(str(file))
    every = [str(file) for file in (*fixtures(), *sorted(Path("fixtures/files").iterdir()))]
    alike |= {(f"--profile={profile}",): every for profile in PROFILES}
    for options, files in alike.items():
        for start in range(0, len(files), _TOGETHER):
            yield [*options, *files[start : start + _TOGETHER]]
    if samples:
        shutil.copytree(samples, "samples", copy_function=shutil.copyfile)
        for file in sorted(Path("samples").rglob("*.jsonl*")):
            yield from ([str(file)], ["--tokens=exact", str(file)])
    mutate("mutated.jsonl")
    yield from ([f"--method={method}", "mutated.jsonl"] for method in ("sft", "dpo", "rft"))
    for kind in ("chat", "wordy", "bad"):
        corpus.write(kind, f"{kind}.jsonl", size)
        yield [f"{kind}.jsonl"]


def serve(folder: Path) -> None:
    """Run checks from standard input, each in a fork, into files 0, 1 ...; print exit codes."""
    import ftlint.__main__ as program  # noqa: PLC0415 - of the revision on PYTHONPATH

    click.echo(program.__file__)
    sys.argv = ["ftlint", "check", "-qq", "fixtures/files"]
    program.main()  # what this imports, no fork has to: a check takes a tenth of the time
    for number, line in enumerate(sys.stdin):
        child = os.fork()
        if not child:
            os.dup2(os.open(folder / str(number), os.O_WRONLY | os.O_CREAT), 1)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            sys.argv = ["ftlint", *CHECK, *json.loads(line)]
            os._exit(program.main())
        click.echo(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def outcomes(root: Path, checks: Sequence[list[str]]) -> Iterator[Outcome]:
    """Yield outcomes with the ftlint below a root. Raises `RuntimeError` if another is imported."""
    with TemporaryDirectory() as name, open(f"{name}/checks", "w+", encoding="utf-8") as lines:
        lines.writelines(f"{json.dumps(check)}\n" for check in checks)
        lines.seek(0)
        command = [sys.executable, "-P", __file__, "--serve", name]
        env = {**os.environ, "PYTHONPATH": str(root)}
        with subprocess.Popen(command, env=env, stdin=lines, stdout=subprocess.PIPE) as server:  # noqa: S603
            assert server.stdout
            imported = server.stdout.readline().decode().strip()
            if root not in Path(imported).parents:
                raise RuntimeError(f"imported {imported or 'nothing'}, not the ftlint below {root}")
            for number, code in enumerate(server.stdout):
                yield Outcome(int(code), Path(name, str(number)).read_bytes())


def main() -> int:
    """Compare the working tree with the revision that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m scripts.compare_reports")
    parser.add_argument("revision")
    parser.add_argument("--samples", type=os.path.abspath, help="a folder of more *.jsonl files")
    parser.add_argument("--size", type=int, default=64_000_000, help="bytes of generated files")
    given = parser.parse_args()
    git = ("git", "-C", ROOT, "worktree")
    with TemporaryDirectory() as folder, chdir(folder), ExitStack() as stack:
        other = Path.cwd() / "revision"
        subprocess.check_call([*git, "add", "--quiet", "--detach", other, given.revision])  # noqa: S603
        stack.callback(lambda: subprocess.check_call([*git, "remove", "--force", other]))  # noqa: S603
        checks = list(inputs(given.samples, given.size))
        return compare(checks, outcomes(other, checks), outcomes(ROOT, checks))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(Path(sys.argv[2]))
    else:
        sys.exit(main())
