"""`ftlint tokens`, and what `ftlint check` says of tokens, through the command line."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from ftlint.cli import run
from tests.conftest import SAMPLES
from tests.support.helpers import (
    COMMAND,
    LINE,
    environment,
    one_line,
    process,
    report_of,
    whole,
    write,
)

LONG = LINE.replace(b'"q"', b'"' + b"word " * 5000 + b'"')
"""An example longer than the 4,096 tokens of gpt-3.5-turbo-0613, whose answer is lost."""

RFT = b'{"messages":[{"role":"user","content":"q"}],"answer":"a"}'


def result_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run `ftlint tokens` and return the JSON that it prints."""
    capsys.readouterr()
    assert run(["tokens", "--output-format", "json", *arguments]) == 0
    return orjson.loads(capsys.readouterr().out)


def text(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run(["tokens", *arguments]) == 0
    return capsys.readouterr().out


def test_totals_are_those_of_the_files(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [write("a.jsonl", whole(*[LINE] * 20)), write("b.jsonl", whole(*[LINE] * 30))]
    data = result_of(capsys, *names)
    each = 3 + 1 + 1 + 3 + 1 + 1 + 3
    assert [entry["tokens"] for entry in data["files"]] == [20 * each, 30 * each]
    total = data["total"]
    assert total["tokens"] == 50 * each
    assert total["trainable_tokens"] == 50
    assert total["per_example"]["percentiles"]["50"] == each
    assert total["roles"]["assistant"]["count"] == 50
    assert total["billed_tokens"] == 20 * each * 5 + 30 * each * 3
    assert data["errors"] == []


def test_the_longest_examples_are_named_by_line(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [LINE] * 300
    lines[6] = LINE.replace(b'"q"', b'"' + b"word " * 90 + b'"')
    lines[250] = LINE.replace(b'"q"', b'"' + b"word " * 80 + b'"')
    name = write("a.jsonl", whole(*lines[:100], b"", *lines[100:]))
    for more in ((), ("--range-size", "1000"), ("-j", "2", "--range-size", "5000")):
        (entry,) = result_of(capsys, *more, name)["files"]
        found = [(row["line"], row["example"]) for row in entry["longest"][:2]]
        assert found == [(7, 7), (252, 251)]
        assert len(entry["longest"]) == 10
    assert "(line 7), 172" not in text(capsys, name)
    assert "(line 252)" in text(capsys, name)


def test_how_the_data_is_cut_changes_nothing(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [LINE.replace(b'"q"', b'"q%d"' % (place * 7919)) for place in range(500)]
    name = write("a.jsonl", whole(*lines))
    whole_file = result_of(capsys, name)
    for more in (("-j", "2", "--range-size", "4000"), ("-j", "1", "--range-size", "1")):
        assert result_of(capsys, *more, name) == whole_file


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "counted with o200k_base, the default without --model"),
        (("--model", "gpt-4.1-2025-04-14"), "o200k_base, the tokenizer of gpt-4.1-2025-04-14"),
        (("--model", "gpt-35-turbo"), "counted with cl100k_base, the tokenizer of gpt-35-turbo"),
        (("--model", "llama-9"), "an estimate: the tokenizer of llama-9 is not known"),
        (("--model", "Qwen-32B"), "an estimate: the tokenizer of Qwen-32B (qwen) does not ship"),
        (("--model", "gpt-4.1"), "gpt-4.1  Standard   million tokens"),
        (("--model", "gpt-4o"), "unknown"),
        (("--model", "gpt-4o"), "give unknown prices with --prices FILE"),
        (("--model", "gpt-5"), "context   unknown for this model"),
        (("--epochs", "4"), "epochs    4 (as given for 60 examples)"),
        (("--epochs", "4"), "3,120 tokens: 780 x 4 epochs; the limit of a job is 2,000,000,000"),
        ((), "epochs    3 (the default of OpenAI and Azure for 60 examples)"),
        ((), "context   65,536: no example is longer"),
        (("--profile", "together"), "cost      unknown: give --model, or a price table"),
    ],
)
def test_what_is_said(
    arguments: tuple[str, ...], words: str, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in text(capsys, *arguments, write("a.jsonl", whole(*[LINE] * 60)))


def test_examples_that_are_too_long_are_counted(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write("a.jsonl", whole(*[LINE] * 60, LONG))
    arguments = ("--model", "gpt-3.5-turbo-0613", name)
    (entry,) = result_of(capsys, *arguments)["files"]
    assert (entry["context"], entry["over_context"]) == (4096, 1)
    assert entry["billed_tokens"] == 3 * (entry["tokens"] - entry["lost_tokens"])
    assert "context   4,096: 1 example is longer and loses" in text(capsys, *arguments)


def test_reinforcement_data_is_billed_by_the_hour(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = text(capsys, "--model", "o4-mini", write("a.jsonl", whole(*[RFT] * 20, mark=b"")))
    assert "billed    by the hour, not by tokens" in printed
    assert " hour " in printed
    assert "100.00 USD" in printed
    assert "epochs" not in printed


def test_lines_that_are_no_examples_are_said(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write("a.jsonl", whole(LINE, b"{", b"[]", LINE))
    assert run(["tokens", name]) == 0
    printed = capsys.readouterr()
    assert "2 examples" in printed.out
    assert "2 of 4 lines not counted, for they hold no example" in printed.err
    assert run(["tokens", write("b.jsonl", whole(b"{"))]) == 0
    assert "no examples to count tokens in" in capsys.readouterr().out


def test_what_cannot_be_read_is_told_and_does_not_stop_the_rest(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write("a.jsonl")
    assert run(["tokens", "nowhere.jsonl", name]) == 2
    printed = capsys.readouterr()
    assert "nowhere.jsonl" in one_line(printed.err)
    assert "50 examples" in printed.out


def test_markup_of_a_terminal_is_shown_not_obeyed(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write("a.jsonl")
    printed = text(capsys, "--model", "\x1b[31mx", name)
    assert "\x1b" not in printed
    assert run(["tokens", "--output-format", "json", "--model", "\u202ex", name]) == 0
    assert "\u202e" not in capsys.readouterr().out


def test_nothing_is_downloaded_and_no_home_is_needed(tmp_path: Path) -> None:
    name = write(tmp_path / "a.jsonl")
    away = dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    blocked = (
        "import socket, sys\n"
        "def refuse(*arguments, **options): raise AssertionError('the network was used')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from ftlint.cli import run\n"
        f"sys.exit(run(['tokens', {name!r}]))"
    )
    kept = {key: value for key, value in os.environ.items() if "TIKTOKEN" not in key}
    (tmp_path / "home").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", blocked],
        env={**kept, **away, "HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "counted with o200k_base" in done.stdout
    assert list((tmp_path / "home").iterdir()) == []


def test_a_reader_that_goes_away_ends_it_quietly(in_tmp: Path) -> None:
    names = [write(f"{place}.jsonl") for place in range(40)]
    with subprocess.Popen(
        [*COMMAND, "tokens", *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment({"PYTHONUNBUFFERED": "1"}),
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        curve = running.stderr.read().decode()
    assert running.returncode == 2
    assert "the reader of the output went away" in one_line(curve)


MODES = (("--tokens", "limit"), ("--tokens", "exact"), ("--tokens", "exact", "-j", "2"))


@pytest.mark.parametrize("mode", MODES, ids=" ".join)
def test_a_check_finds_what_is_too_long_in_any_way_of_counting(
    mode: tuple[str, ...], in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write("a.jsonl", whole(*[LINE] * 200, LONG, *[LINE] * 200, LONG))
    found = report_of(capsys, name, *mode, "--model", "gpt-3.5-turbo-0613", "--range-size", "9000")
    long = [f for f in found.findings if f.rule == "nothing-left-after-truncation"]
    assert [(finding.location.line, finding.location.column) for finding in long] == [
        (201, 14),
        (402, 14),
    ]
    assert found.counts["error"] == 2


def test_off_counts_nothing(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = write("a.jsonl", whole(*[LINE] * 60, LONG))
    arguments = (name, "--tokens", "off", "--model", "gpt-3.5-turbo-0613")
    assert report_of(capsys, *arguments).counts["error"] == 0


def test_a_check_that_counts_tells_them_in_its_report(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write("a.jsonl")
    assert report_of(capsys, name).statistics == {}
    counted = report_of(capsys, name, "--tokens", "exact").statistics["a.jsonl"]["tokens"]
    (entry,) = result_of(capsys, name)["files"]
    assert counted.items() <= entry.items()


def test_a_validation_file_is_counted_and_not_billed(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = (write("a.jsonl"), "--validation", write("b.jsonl"))
    found = report_of(capsys, *names, "--tokens", "exact", "--model", "gpt-4.1").statistics
    assert [found[name]["tokens"]["billing"] for name in ("a.jsonl", "b.jsonl")] == [
        "tokens",
        "none",
    ]
    assert found["b.jsonl"]["tokens"]["tokens"] == found["a.jsonl"]["tokens"]["tokens"]
    assert found["b.jsonl"]["tokens"]["cost"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--max-cost", "1"), "max cost needs a model, for prices are by model; name one"),
        (("--max-cost", "-1"), "max cost is -1.0; give an amount of 0 or more"),
        (("--max-cost", "nan"), "max cost is nan; give an amount of 0 or more"),
        (("--max-cost", "1", "--tokens", "limit"), "max cost needs tokens exact, not limit"),
        (("--epochs", "0"), "0 is not in the range x>=1"),
        (("--prices", "nowhere.toml"), "no such file"),
        (("--tokens", "all"), "'all' is not one of 'off', 'limit', 'exact'"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    arguments: tuple[str, ...], words: str, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", write("a.jsonl"), *arguments]) == 2
    assert words in one_line(capsys.readouterr().err)


@pytest.mark.parametrize(("most", "code"), [("0.01", 0), ("0.001", 1)])
def test_a_budget_is_a_gate_with_strict(
    most: str, code: int, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write("a.jsonl")
    arguments = ["check", name, "--model", "gpt-4.1", "--max-cost", most, "--strict"]
    assert run(arguments) == code
    over = "estimated-cost-over-budget" in capsys.readouterr().out
    assert over == bool(code)


def test_standard_input_and_compressed_data_are_counted(in_tmp: Path) -> None:
    done = process("tokens", "-", data=whole(*[LINE] * 20))
    assert b"20 examples" in done.stdout
    name = write("a.jsonl.gz", gzip.compress(whole(*[LINE] * 20)))
    assert b"20 examples" in process("tokens", name).stdout


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the samples are not there: {SAMPLES}")
def test_every_sample_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    names = sorted(str(sample) for sample in SAMPLES.glob("*.jsonl"))
    data = result_of(capsys, *names)
    assert all(entry["tokens"] > entry["trainable_tokens"] >= 0 for entry in data["files"])
    by_name = {Path(entry["path"]).stem: entry for entry in data["files"]}
    gsm8k = by_name["sft-text-gsm8k-train"]
    assert (gsm8k["examples"], gsm8k["tokens"], gsm8k["epochs"]) == (449, 84_326, 3)
    assert by_name["rft-countdown-train"]["billed_tokens"] is None
    assert by_name["sft-vision-chartqa-train"]["estimated"] == 100
    assert by_name["sft-tools-stock-train"]["tool_tokens"] > 0
