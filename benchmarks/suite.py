"""What is run: groups of commands that are compared, each interleaved within itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import files
from benchmarks.measure import Command, Runs, rounds

_HOSTILE = ("letters", "spaces", "newlines", "digits", "signs")
FTLINT = str(Path(sys.executable).with_name("ftlint"))
_SCRIPTS = Path(__file__).with_name("peers")
ONE, TWO = "ftlint -j 1", "ftlint -j 2"
LINES, ORJSON = "loop over lines", "loop of orjson.loads"
TOGETHER, CLEANLLM = "together check_file", "cleanllm preflight"
COOKBOOK, JSONSCHEMA = "cookbook checks", "jsonschema per line"
SMALLER, BAD = "ftlint -j 1, smaller file", "ftlint -j 1, every line bad"
FINDINGS, NO_FINDINGS = "4,000 findings in a line", "the same line without"
ALL_FINDINGS = "4,000 findings, all of them shown"
COUNTED_FINDINGS = "4,000 findings, tokens counted"
NO_TOKENS = "ftlint -j 1, no tokens"
TIKTOKEN, COMPLETE = "loop of tiktoken", "cookbook with tokens"
EXACT_ONE, EXACT_TWO = "ftlint -j 1, exact tokens", "ftlint -j 2, exact tokens"
OLDER = "ftlint -j 2, exact cl100k tokens"
HOSTILE = {f"ftlint tokens, {kind}": kind for kind in _HOSTILE}
VERSION, FIVE, CLICK = "ftlint --version", "ftlint check, 5 lines", 'python -c "import click"'

_EXACT = ("--tokens", "exact")


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of files (bytes) and numbers of rounds.

    `large` is that of the files most comparisons use, `small` what growth is measured from, and
    what some tokens are counted in, which takes long, `slow` what is checked by jsonschema, which
    takes a millisecond a line, `other` the size of files of special kinds.
    """

    large: int
    small: int
    slow: int
    tiny: int
    other: int
    rounds: int
    starts: int


FULL = Scale(
    # Azure warns from 512,000,000 bytes on
    large=511_999_999,
    small=100_000_000,
    slow=16_000_000,
    tiny=505_000_000,
    other=256_000_000,
    rounds=5,
    starts=21,
)
QUICK = Scale(
    large=32_000_000,
    small=6_400_000,
    slow=1_000_000,
    tiny=32_000_000,
    other=48_000_000,
    rounds=3,
    starts=5,
)


@dataclass(slots=True)
class Group:
    """Commands that run in interleaved rounds, their runs, and the lines of their files."""

    name: str
    commands: list[Command]
    rounds: int
    runs: Runs = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)

    def measure(self) -> None:
        """Run the commands, after reading each of their files once."""
        print(f"measuring {self.name}", file=sys.stderr)
        paths = {command.path for command in self.commands if command.path}
        self.lines = {path: files.count_lines(path) for path in paths}
        self.runs = rounds(self.commands, self.rounds)


def ftlint(label: str, path: Path, *options: str, code: int = 0) -> Command:
    """Return the command that checks a file under the azure profile."""
    return Command(label, (FTLINT, "check", "--no-progress", *options), path, code)


def script(
    label: str, name: str, path: Path, *options: str, python: Path | str = sys.executable
) -> Command:
    """Return the command that runs one of the peers."""
    return Command(label, (str(python), str(_SCRIPTS / f"{name}.py"), *options), path)


def _loops(path: Path) -> list[Command]:
    return [
        script(LINES, "lines", path),
        script(ORJSON, "orjson_loop", path),
        ftlint(ONE, path, "-q", "-j", "1"),
        ftlint(TWO, path, "-q", "-j", "2"),
    ]


def groups(scale: Scale) -> Iterator[Group]:
    """Yield the groups; the files that one needs are written when it is reached."""
    chat = files.prepare("chat", scale.large)
    small = files.prepare("chat", scale.small)
    bad = files.prepare("bad", scale.large)
    more = [
        ftlint(NO_TOKENS, chat, "-q", "-j", "1", "--tokens", "off"),
        ftlint(SMALLER, small, "-q", "-j", "1"),
        ftlint(BAD, bad, "-q", "-j", "1", code=1),
    ]
    yield Group("chat", _loops(chat) + more, scale.rounds)
    plain = files.prepare("plain", scale.large)
    bare = files.prepare("plain", scale.large, bom=False)
    python = files.peers_python()
    peers = [
        script(TOGETHER, "together_check", bare, python=python),
        script(CLEANLLM, "cleanllm_check", bare, python=python),
        script(COOKBOOK, "cookbook", bare),
    ]
    yield Group("plain", _loops(plain) + peers, scale.rounds)
    slow = files.prepare("plain", scale.slow)
    pair = [ftlint(TWO, slow, "-q", "-j", "2"), script(JSONSCHEMA, "jsonschema_lines", slow)]
    yield Group("jsonschema", pair, 3)
    tiny = files.prepare("tiny", scale.tiny)
    yield Group("tiny", _loops(tiny), 3)
    for kind in ("huge", "vision", "multi"):
        path = files.prepare(kind, scale.other)
        yield Group(kind, _loops(path), 3)
    yield _findings(scale)
    yield from _tokens(scale)
    yield _starts(scale)


def _findings(scale: Scale) -> Group:
    sound, faulty = (files.prepare(kind, 6_000_000) for kind in ("no-findings", "findings"))
    off = ("--tokens", "off")
    commands = [
        ftlint(NO_FINDINGS, sound, *off),
        ftlint(FINDINGS, faulty, *off, code=1),
        ftlint(ALL_FINDINGS, faulty, *off, "--max-findings", "0", code=1),
        ftlint(COUNTED_FINDINGS, faulty, code=1),
    ]
    return Group("findings", commands, scale.rounds)


def _tokens(scale: Scale) -> Iterator[Group]:
    kinds = (("plain", scale.large, 3), ("wordy", scale.small, 2), ("chat", scale.small, 2))
    for kind, size, count in kinds:
        path = files.prepare(kind, size)
        loop = script(TIKTOKEN, "tiktoken_loop", path)
        yield Group(f"{kind} tokens", [loop, *_exact(path)], count)
    older = ("--model", "gpt-3.5-turbo-0125")
    two = ftlint(OLDER, files.prepare("plain", scale.small), "-qq", "-j", "2", *_EXACT, *older)
    bare = files.prepare("plain", scale.small, bom=False)
    yield Group("cookbook", [script(COMPLETE, "cookbook", bare, "--tokens"), two], 2)
    texts = {label: files.prepare(kind, 6_000_000) for label, kind in HOSTILE.items()}
    counts = (FTLINT, "tokens", "--no-progress")
    yield Group("hostile", [Command(label, counts, path) for label, path in texts.items()], 3)


def _exact(path: Path) -> list[Command]:
    return [
        ftlint(label, path, "-qq", "-j", jobs, *_EXACT)
        for label, jobs in ((EXACT_ONE, "1"), (EXACT_TWO, "2"))
    ]


def _starts(scale: Scale) -> Group:
    five = files.folder() / "five.jsonl"
    with files.prepare("chat", scale.small).open("rb") as file:
        five.write_bytes(b"".join(file.readline() for _ in range(5)))
    commands = [
        Command(CLICK, (sys.executable, "-c", "import click")),
        Command(VERSION, (FTLINT, "--version")),
        # fewer lines than the ten that Azure asks for, so it fails
        ftlint(FIVE, five, code=1),
    ]
    return Group("start", commands, scale.starts)
