"""What the benchmark compares the counting of tokens with: its files, and programs that agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from benchmarks import corpus, counting, suite
from benchmarks.peers.cookbook import epochs_of
from ftlint.analysis.tokens.formulas import default_epochs
from tests.support.helpers import BOM, process

PEERS = Path(suite.__file__).with_name("peers")
CHARACTERS = {"letters": "a", "spaces": " ", "newlines": "\n", "digits": "7", "signs": "="}


def make(tmp_path: Path, kind: str, size: int) -> Path:
    path = tmp_path / f"{kind}.jsonl"
    corpus.write(kind, str(path), size)
    return path


def examples(path: Path) -> list[dict[str, list[dict[str, str]]]]:
    return [orjson.loads(line) for line in path.read_bytes().removeprefix(BOM).splitlines()]


def printed(name: str, *arguments: str) -> str:
    command = [sys.executable, str(PEERS / f"{name}.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("kind", suite.HOSTILE.values())
def test_a_hostile_file_has_a_million_characters_alike_in_one_of_ten_examples(
    kind: str, tmp_path: Path
) -> None:
    path = make(tmp_path, kind, 6_000_000)
    *tiny, last = examples(path)
    assert len(tiny) == 9
    assert last["messages"][0]["content"] == 1_000_000 * CHARACTERS[kind]
    done = process("tokens", "--output-format", "json", str(path))
    assert done.returncode == 0, done.stderr
    assert orjson.loads(done.stdout)["total"]["examples"] == 10


def test_words_come_again_as_often_as_in_news_articles(tmp_path: Path) -> None:
    seen: set[str] = set()
    for text in counting.texts_of(str(make(tmp_path, "wordy", 1_000_000))):
        seen.update(text.split(" "))
    assert 22_000 < len(seen) < 29_000


@pytest.mark.parametrize("kind", ["plain", "wordy", "chat"])
def test_the_loop_of_tiktoken_counts_what_ftlint_counts(kind: str, tmp_path: Path) -> None:
    path = make(tmp_path, kind, 300_000)
    done = process("tokens", "--output-format", "json", str(path))
    total = orjson.loads(done.stdout)["total"]["tokens"]
    read = examples(path)
    around = 3 * sum(1 + len(example["messages"]) for example in read)
    assert int(printed("tiktoken_loop", str(path))) + around == total
    assert kind != "chat" or sum("tools" in example for example in read) > 10


def test_the_cookbook_counts_what_ftlint_counts(tmp_path: Path) -> None:
    path = make(tmp_path, "plain", 100_000)
    done = process("tokens", "--model", "gpt-3.5-turbo-0125", "--output-format", "json", str(path))
    file = orjson.loads(done.stdout)["files"][0]
    bare = tmp_path / "bare.jsonl"
    bare.write_bytes(path.read_bytes().removeprefix(BOM))
    lines = printed("cookbook", "--tokens", str(bare)).splitlines()
    assert lines[0] == f"{file['examples']} examples, 0 errors"
    assert lines[4].startswith(f"tokens: {file['tokens']}, ")
    assert lines[5].startswith(f"assistant tokens: {file['trainable_tokens']}, ")
    assert lines[-1] == f"epochs: {file['epochs']}, billed tokens: {file['billed_tokens']}"


def test_the_cookbook_counts_no_tokens_of_a_file_with_errors(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(b'{"messages": []}\n')
    command = [sys.executable, str(PEERS / "cookbook.py"), "--tokens", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[1:]) == (1, ["1 examples, 1 errors"])


@pytest.mark.parametrize(("examples", "epochs"), [(1, 25), (10, 10), (34, 3), (9_000, 2)])
def test_the_cookbook_chooses_epochs_as_ftlint_does(examples: int, epochs: int) -> None:
    assert epochs_of(examples) == default_epochs("sft").of(examples) == epochs


def test_all_ways_to_count_agree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(make(tmp_path, "chat", 50_000))
    counting.main(path)
    assert capsys.readouterr().out.count(" | 1.00 |\n") >= 1
    wrong = {**counting.ways(), "by words": lambda texts: len(" ".join(texts).split())}
    monkeypatch.setattr(counting, "ways", lambda: wrong)
    with pytest.raises(ValueError, match="expected the same number of tokens"):
        counting.main(path)
