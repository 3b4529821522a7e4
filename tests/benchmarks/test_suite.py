"""The benchmark: its files are what they claim to be, its arithmetic is right, its peers run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

import ftlint
from benchmarks import corpus, files, suite, table, upload
from benchmarks.__main__ import BEGIN, END, main, replace_results
from benchmarks.measure import BenchmarkError, Command, Run, Spread, ratio, rounds, run, spread
from tests.support.helpers import BAD, BOM, GOOD, write
from tests.support.service import SMALL_PARTS

CLEAN = {
    "chat": 100_000,
    "plain": 100_000,
    "wordy": 200_000,
    "tiny": 10_000,
    "multi": 100_000,
    "vision": 2_000_000,
}
PEERS = Path(suite.__file__).with_name("peers")
PAGE = files.ROOT / "docs" / "performance.md"
PYTHON = sys.executable
linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are measured on Linux only")


def make(tmp_path: Path, kind: str, size: int, *, seed: int = corpus.SEED) -> Path:
    path = tmp_path / f"{kind}.jsonl"
    corpus.write(kind, str(path), size, seed=seed)
    return path


@pytest.mark.parametrize("kind", corpus.KINDS)
def test_a_seed_decides_every_byte(kind: str, tmp_path: Path) -> None:
    first, second, third = (
        make(tmp_path, kind, 50_000, seed=seed).read_bytes() for seed in (1, 1, 2)
    )
    assert first == second != third
    assert first.startswith(BOM)
    assert first.endswith(b"\n")


@pytest.mark.parametrize("kind", CLEAN)
def test_a_clean_file_has_the_size_asked_for_and_no_warning(kind: str, tmp_path: Path) -> None:
    path = make(tmp_path, kind, CLEAN[kind])
    report = ftlint.check(path, ignore=["few-examples", "too-few-examples"])
    assert report.passed
    assert not report.errors
    assert (report.counts["error"], report.counts["warning"]) == (0, 0)
    assert report.inputs[0].format == "chat"
    assert kind == "vision" or 0.8 * CLEAN[kind] < path.stat().st_size <= CLEAN[kind]


def test_a_huge_line_is_clean_but_too_long_for_any_model(tmp_path: Path) -> None:
    path = make(tmp_path, "huge", 1)
    ignored = ["few-examples", "too-few-examples", "auto-epochs-high"]
    report = ftlint.check(path, ignore=ignored)
    assert report.passed
    assert report.rules.keys() == {"example-exceeds-context"}
    assert 4_000_000 < path.stat().st_size < 5_000_000


def test_a_chat_file_is_as_real_ones_are(tmp_path: Path) -> None:
    lines = make(tmp_path, "chat", 2_000_000).read_bytes().removeprefix(BOM).splitlines()
    assert 2_000 < 2_000_000 / len(lines) < 2_600
    assert 0.08 < 1 - len(set(lines)) / len(lines) < 0.18
    examples = [orjson.loads(line) for line in lines]
    messages = [message for example in examples for message in example["messages"]]
    assert {message["role"] for message in messages} == {"system", "user", "assistant", "tool"}
    assert {message.get("weight") for message in messages} == {None, 0, 1}
    assert 0.2 < sum("tools" in example for example in examples) / len(examples) < 0.35


def test_a_plain_file_has_what_the_peers_take(tmp_path: Path) -> None:
    lines = make(tmp_path, "plain", 200_000).read_bytes().removeprefix(BOM).splitlines()
    for example in map(orjson.loads, lines):
        assert example.keys() == {"messages"}
        for message in example["messages"]:
            assert message.keys() == {"role", "content"}
            assert isinstance(message["content"], str)


def test_every_line_of_a_bad_file_has_an_error(tmp_path: Path) -> None:
    path = make(tmp_path, "bad", 200_000)
    report = ftlint.check(path, max_findings=0)
    errors = [finding for finding in report.findings if finding.severity == "error"]
    assert {finding.location.line for finding in errors} == set(
        range(1, report.inputs[0].lines + 1)
    )
    assert len({finding.rule for finding in errors}) >= 6


def test_the_line_with_findings_has_four_thousand(tmp_path: Path) -> None:
    path = make(tmp_path, "findings", 6_000_000)
    faulty = ftlint.check(path, max_findings=0, tokens="off")
    assert Counter(finding.location.line for finding in faulty.findings) == {1: 4_000}
    sound = ftlint.check(make(tmp_path, "no-findings", 6_000_000), tokens="off")
    assert sound.rules == {}


def test_ratios_are_taken_round_by_round() -> None:
    runs = {
        "a": [Run(2.0, 0, 0), Run(9.0, 0, 0), Run(4.0, 0, 0)],
        "b": [Run(1.0, 0, 0), Run(3.0, 0, 0), Run(4.0, 0, 0)],
    }
    assert ratio(runs, "a", "b") == Spread(2.0, 1.0, 3.0)
    assert spread([5, 1]) == Spread(3, 1, 5)


@pytest.mark.parametrize(
    ("value", "at_least", "high", "met"),
    [
        (Spread(2.5, 2.0, 3.0), False, False, True),
        (Spread(2.6, 2.0, 3.0), False, False, False),
        (Spread(2.4, 2.0, 2.6), False, True, False),
        (Spread(2.4, 2.0, 3.0), True, False, False),
        (Spread(2.5, 2.0, 3.0), True, False, True),
    ],
)
def test_a_target_is_met_or_missed(value: Spread, at_least: bool, high: bool, met: bool) -> None:
    target = table.Target("speed", 2.5, value, at_least=at_least, high=high)
    assert target.met == met
    assert ("**missed**" in table.target_table(iter([target]))) != met


def test_what_has_no_bound_is_told_for_information() -> None:
    target = table.Target("speed", None, Spread(2.5, 2.0, 3.0), at_least=True)
    assert target.met
    assert table.target_table(iter([target])).endswith("\n| speed | - | 2.50 (2.00 to 3.00) |  |")


@linux
def test_rounds_are_interleaved_after_one_that_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    note = "import sys; open(sys.argv[2], 'a').write(sys.argv[1])"
    commands = [Command(name, (PYTHON, "-c", note, name), log) for name in "ab"]
    runs = rounds(commands, 2)
    assert log.read_text() == "ababab"
    assert [len(taken) for taken in runs.values()] == [2, 2]


@linux
def test_a_run_covers_the_processes_that_are_left_behind() -> None:
    hungry = "bytearray(200_000_000)"
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {hungry!r}])"
    taken = run(Command("leaves a child", (PYTHON, "-c", start)))
    assert taken.peak > 200_000_000
    assert taken.wall > 0
    assert taken.cpu > 0


@linux
def test_another_exit_code_is_an_error_that_shows_what_the_program_said() -> None:
    command = Command("broken", (PYTHON, "-c", "import sys; sys.exit('no such thing')"))
    with pytest.raises(BenchmarkError, match=r"(?s)broken: exit code 1, expected 0.*no such thing"):
        run(command)
    with pytest.raises(BenchmarkError, match="missing: exit code"):
        run(Command("missing", ("/nonexistent/program",)))


@pytest.mark.parametrize(
    ("name", "mark", "data", "code"),
    [
        ("lines", BOM, GOOD, 0),
        ("orjson_loop", BOM, GOOD, 0),
        ("orjson_loop", b"", GOOD, 0),
        ("orjson_loop", b"", b"{", 1),
        ("jsonschema_lines", BOM, GOOD, 0),
        ("jsonschema_lines", BOM, BAD, 1),
        ("cookbook", b"", GOOD, 0),
        ("cookbook", b"", BAD, 1),
    ],
)
def test_a_peer_judges_a_file(
    name: str, mark: bytes, data: bytes, code: int, tmp_path: Path
) -> None:
    path = write(tmp_path / "data.jsonl", mark + data.removeprefix(BOM))
    command = [PYTHON, str(PEERS / f"{name}.py"), path]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == code, done.stderr


def test_the_cookbook_counts_each_kind_of_error(tmp_path: Path) -> None:
    answer = {"role": "assistant", "content": "a"}
    examples = [
        [],
        {},
        {"messages": [{"role": "user", "content": "q"}]},
        {"messages": [{"role": "human", "content": "q"}, answer]},
        {"messages": [{"role": "user"}, answer]},
        {"messages": [{"role": "user", "content": "q", "id": 1}, answer]},
        {"messages": [{"role": "assistant", "content": ""}]},
    ]
    path = write(tmp_path / "data.jsonl", b"\n".join(map(orjson.dumps, examples)))
    command = [PYTHON, str(PEERS / "cookbook.py"), path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "data_type: 1",
        "example_missing_assistant_message: 1",
        "message_missing_key: 1",
        "message_unrecognized_key: 1",
        "missing_content: 2",
        "missing_messages_list: 1",
        "unrecognized_role: 1",
        "7 examples, 8 errors",
    ]


def test_results_stand_between_the_markers_of_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    replaced = replace_results(page, "the results\n")
    assert f"{BEGIN}\nthe results\n\n{END}" in replaced
    assert replace_results(replaced, "the results\n") == replaced
    with pytest.raises(ValueError, match="expected the lines"):
        replace_results(END + BEGIN, "")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the suite small, its files temporary, and each run take a second and 10 MB."""

    def measure(group: suite.Group) -> None:
        group.lines = {command.path: 5 for command in group.commands if command.path}
        group.runs = {command.label: [Run(1.0, 0.5, 10_000_000)] for command in group.commands}

    scale = suite.Scale(
        large=9_000, small=9_000, slow=9_000, tiny=9_000, other=9_000, rounds=1, starts=1
    )
    monkeypatch.setattr(suite, "QUICK", scale)
    monkeypatch.setattr(suite.Group, "measure", measure)
    monkeypatch.setattr(files, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(files, "peers_python", lambda: Path(PYTHON))


@linux
@pytest.mark.usefixtures("small")
def test_the_page_gets_every_target_and_every_program(tmp_path: Path) -> None:
    page = write(tmp_path / "page.md", PAGE.read_bytes())
    done = CliRunner().invoke(main, ["--quick", "--write", page])
    assert done.exit_code == 0, done.output
    text = Path(page).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.endswith(("| met |", "| **missed** |"))]
    assert len(rows) == 21
    assert sum(line.endswith("| met |") for line in rows) == 15  # nothing is faster than 1 x
    assert text.count("exact tokens | - | 1.00 (1.00 to 1.00) |  |") == 4
    assert text.count("| ftlint -j 2 |") == 7
    assert f"CPython {sys.version.split()[0]}" in text
    assert text.startswith(PAGE.read_text(encoding="utf-8").partition(BEGIN)[0])


@linux
@pytest.mark.usefixtures("small")
def test_a_page_without_markers_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    page = write(tmp_path / "page.md", b"# Performance\n")
    done = CliRunner().invoke(main, ["--quick", "--write", page])
    assert done.exit_code == 1
    assert "expected the lines <!-- results -->" in done.output
    assert not files.CACHE.exists()


def test_a_file_is_written_once_and_again_when_the_generator_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CACHE", tmp_path / "cache")
    stale = Path(write(tmp_path / "cache" / "0123456789ab" / "tiny-1000.jsonl"))
    first = files.prepare("tiny", 1_000)
    assert not stale.exists()
    made = first.stat().st_mtime_ns
    assert files.prepare("tiny", 1_000).stat().st_mtime_ns == made
    bare = files.prepare("tiny", 1_000, bom=False)
    assert BOM + bare.read_bytes()[:500] == first.read_bytes()[:503]
    assert files.count_lines(first) == first.read_bytes().count(b"\n")


@linux
def test_an_upload_is_measured_killed_and_gone_on_with(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"):
        monkeypatch.setenv(name, "")  # set by what is measured, and taken back afterwards
    profile = write("small.toml", SMALL_PARTS.replace("1000", "20_000").encode())
    whole, killed, again, once_more, digest = upload.measure(in_tmp, 200_000, "--profile", profile)
    assert whole.startswith("200,000 bytes, checked and sent in 10 parts")
    before, after = (int(re.findall(r"(\d+) parts", line)[0]) for line in (killed, again))
    assert 5 <= before < 10
    assert before + after in (10, 11), "one part may be there that was not noted any more"
    assert once_more.startswith("run once more: 0 parts")
    assert digest.endswith("equal")
