"""Command lines that a fuzzer runs, and the inputs it starts from: the fixtures of the rules."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from random import Random

from benchmarks.files import ROOT
from benchmarks.fuzz import raw, trees, vocabulary

LARGEST = 100_000
"""Bytes of the largest input; it is the size for which the limits of time and memory hold."""

GROWN = 10_000_000
"""Bytes that an input is grown to, by its lines, to compare it with a clean file of that size."""

_ROWS = [{"messages": [{"role": "user", "content": "q"}], "a": 1, "answer": "b"}] * 2


@dataclass(frozen=True, slots=True)
class Case:
    """A command line: its arguments without the paths, and what the fuzzed file is to it.

    With `document`, that is the grader or response format of a check of two good rows.
    """

    name: str
    arguments: tuple[str, ...]
    suffix: str = ".jsonl"
    document: str = ""

    def prepare(self, data: bytes, folder: Path) -> list[str]:
        """Write the input into a folder; return the whole command line, to be run there."""
        name, packed = f"input{self.suffix}", self.suffix.endswith(".gz")
        (folder / name).write_bytes(gzip.compress(data, mtime=0) if packed else data)
        if not self.document:
            return [*self.arguments, name]
        rows = b"".join(json.dumps(row).encode() + b"\n" for row in _ROWS)
        (folder / "rows.jsonl").write_bytes(rows)
        return [*self.arguments, self.document, name, "rows.jsonl"]


_TUNED = ("--model", "gpt-4.1-2025-04-14")
_GRADER = ("check", "--method", "rft", "--model", "o4-mini-2025-04-16")

CASES = {
    case.name: case
    for case in (
        Case("check", ("check",)),
        Case("check-openai-exact", ("check", "--profile", "openai", "--tokens", "exact", *_TUNED)),
        Case("check-together-off", ("check", "--profile", "together", "--tokens", "off")),
        Case("check-mistral-json", ("check", "--profile", "mistral", "--output-format", "json")),
        Case("check-fireworks-all", ("check", "--profile", "fireworks", "--select", "ALL", "-v")),
        Case("check-html", ("check", "--output-format", "html")),
        Case("check-tuned", ("check", *_TUNED, "--epochs", "3", "--output-format", "concise")),
        Case("check-gzip", ("check",), suffix=".jsonl.gz"),
        Case("grader", _GRADER, suffix=".json", document="--grader"),
        Case("response-format", _GRADER, suffix=".json", document="--response-format"),
        Case("fix", ("fix", "-q")),
        Case("fix-unsafe", ("fix", "--unsafe-fixes", "--profile", "openai")),
        Case("fix-diff", ("fix", "--unsafe-fixes", "--diff")),
        Case("stats", ("stats",)),
    )
}
"""The command lines, by name."""

_DOCUMENTS = [name for name, case in CASES.items() if case.document]
_DATA = [name for name, case in CASES.items() if not case.document]


@dataclass(frozen=True, slots=True)
class Sample:
    """An input: the fixture or recipe that it derives from, and its bytes."""

    kind: str
    data: bytes
    _: KW_ONLY
    document: bool = False

    def case(self, random: Random) -> Case:
        """Choose a command line that takes such an input."""
        return CASES[random.choice(_DOCUMENTS if self.document else _DATA)]

    def grown(self, size: int) -> bytes:
        """Return the lines repeated up to a size, with a number in their texts."""
        lines, times = self.data.split(b"\n"), size // (len(self.data) + 1) + 1
        grown = (
            line.replace(b'": "', b'": "%d ' % number, 2)
            for number in range(times)
            for line in lines
        )
        return b"\n".join(grown)[:size]

    def mutated(self, random: Random, other: Sample) -> Sample:
        """Return a mutation, of at most `LARGEST` bytes; `other` lends values and pieces."""
        data = self.data
        for _ in range(random.choice((1, 1, 2, 3))):
            data = _mutated(random, data, other.data, document=self.document)
        return Sample(self.kind, data, document=self.document)


def _mutated(random: Random, data: bytes, other: bytes, *, document: bool) -> bytes:
    if random.random() < 0.6:
        lines = [data] if document else data.split(b"\n")
        number = random.randrange(len(lines))
        line = trees.mutate(random, lines[number], random.choice(other.split(b"\n")))
        if line is not None:
            whole = b"\n".join([*lines[:number], line, *lines[number + 1 :]])
            return whole if len(whole) <= LARGEST else line[:LARGEST]
    return raw.mutate(random, data, other, LARGEST)


def samples() -> list[Sample]:
    """Return the inputs to start from."""
    found = []
    for path in sorted((ROOT / "fixtures" / "rules").glob("*/*")):
        if path.name.startswith("expected"):
            continue
        document = path.suffix == ".json" and not path.name.startswith("bad")
        if path.suffix != ".toml" and path.stat().st_size <= LARGEST:
            found.append(Sample(path.parent.name, path.read_bytes(), document=document))
    return [*found, *_recipes()]


def _recipes() -> Iterator[Sample]:
    """Yield inputs of tools with involved schemas and arguments, and of graders."""
    random = Random(0)
    user = {"role": "user", "content": "q"}
    for number in range(20):
        inner = vocabulary.schema(random)
        parameters = {
            "type": "object",
            "properties": {"a": inner, "b": True},
            "$defs": {"a": inner},
        }
        value = [{"a": [1, "b"], "b": None}, ["c"], 0.5, "a" * 20]
        arguments = json.dumps({"a": value, "b": value})
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
        tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}
        messages = [user, {"role": "assistant", "tool_calls": [call]}]
        row = {"messages": messages, "tools": [tool]}
        yield Sample(f"tool-{number}", json.dumps(row).encode() + b"\n")
    for source in (
        "def grade(sample, item):\n return item['a'] if sample.get('b') else 1.0\n",
        "(",
    ):
        yield Sample(
            "python", json.dumps({"type": "python", "source": source}).encode(), document=True
        )
    check = {"type": "string_check", "input": "{{item.a}}", "reference": "b", "operation": "eq"}
    names = {name: {**check, "name": name} for name in "abc"}
    multi = {"type": "multi", "graders": names, "calculate_output": "min(a, b) + 2 * (c - 1) ^ 2"}
    yield Sample("formula", json.dumps(multi).encode(), document=True)
    turn = {"role": "user", "content": "{{item.a}} {{ sample.output_json.b }}"}
    model = {
        "type": "score_model",
        "name": "m",
        "model": "gpt-4o",
        "input": [turn],
        "range": [0, 1],
    }
    yield Sample("template", json.dumps(model).encode(), document=True)
    strict = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    schema = {"name": "a", "schema": strict, "strict": True}
    yield Sample(
        "format", json.dumps({"type": "json_schema", "json_schema": schema}).encode(), document=True
    )
    yield Sample("fragments", raw.fragments(random, 5_000))
