"""Ways to count tokens exactly: CPU time for the texts of a file, in one process.

Run as `python -m benchmarks.counting FILE`, with a chat file. Each way begins with nothing known
but the vocabulary; the ways take turns, and the least of some rounds is printed. rs-bpe is among
them where it is installed; ftlint does not need it.
"""

from __future__ import annotations

import codecs
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import lru_cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from unittest.mock import patch

import orjson
import tiktoken

from ftlint.analysis.tokens.text_counter import Counter
from ftlint.analysis.tokens.vocabulary import VOCABULARIES, load, tokens_of

_ENCODING = "o200k_base"
_ROUNDS = 5
_BATCH = 500
"""Texts that are given to tiktoken at a time, where that is more than one."""

_MARK = "<|endoftext|>"
_REMEMBERED = 4096
_ALIKE = str.maketrans("123456789", "0" * 9)

Count = Callable[[str], int]
Way = Callable[[list[str]], int]


def texts_of(path: str) -> list[str]:
    """Return what the messages of a chat file say, where that is a text."""
    with open(path, "rb") as file:
        lines = file.read().removeprefix(codecs.BOM_UTF8).splitlines()
    said = (message.get("content") for line in lines for message in orjson.loads(line)["messages"])
    return [content for content in said if isinstance(content, str)]


def ways() -> dict[str, Way]:
    """Return ways to count the tokens of texts, by name; the first is what others are held to."""
    encode = load(_ENCODING).encode_ordinary
    found: dict[str, Way] = {
        "tiktoken, text by text": partial(_each, lambda: lambda text: len(encode(text))),
        "tiktoken, in batches": _in_batches,
        "tiktoken, texts joined by a special token": partial(_joined, _with_mark()),
        "tiktoken, texts that come again remembered": partial(_each, _remembering),
        "words remembered": partial(_by_words, {"_DIGITS": "", "_WORTH": 0}),
        "words remembered, digits alike": partial(_by_words, {"_WORTH": 0}),
        "the same while few words are new (ftlint)": partial(_by_words, {}),
    }
    if find_spec("rs_bpe"):
        count = import_module("rs_bpe.bpe").openai.o200k_base().count
        found["rs-bpe, text by text"] = partial(_each, lambda: count)
    return found


def _each(make: Callable[[], Count], texts: list[str]) -> int:
    return sum(map(make(), texts))


def _remembering() -> Count:
    encode = load(_ENCODING).encode_ordinary
    return lru_cache(_REMEMBERED)(lambda text: len(encode(text)))


def _by_words(changed: dict[str, Any], texts: list[str]) -> int:
    """Count as ftlint does, with some of its constants changed."""
    with (
        patch.multiple("ftlint.analysis.tokens.text_counter", **changed)
        if changed
        else nullcontext()
    ):
        return _each(lambda: Counter(_ENCODING), texts)


def _batches(texts: list[str]) -> Iterator[list[str]]:
    return (texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH))


def _in_batches(texts: list[str]) -> int:
    encode = load(_ENCODING).encode_ordinary_batch
    return sum(len(ids) for batch in _batches(texts) for ids in encode(batch, num_threads=1))


def _with_mark() -> tiktoken.Encoding:
    """Return the encoding with a special token, which that of ftlint does not have."""
    ranks = {token: rank for rank, token in enumerate(tokens_of(_ENCODING))}
    return tiktoken.Encoding(
        _ENCODING,
        pat_str=VOCABULARIES[_ENCODING].pattern,
        mergeable_ranks=ranks,
        special_tokens={_MARK: len(ranks)},
    )


def _joined(encoding: tiktoken.Encoding, texts: list[str]) -> int:
    """Count texts, none of which holds the special token."""
    tokens = 0
    for batch in _batches(texts):
        ids = encoding.encode(_MARK.join(batch), allowed_special={_MARK})
        tokens += len(ids) - len(batch) + 1
    return tokens


def main(path: str) -> None:
    """Print a table of the ways for a file. Raises `ValueError` if they do not agree."""
    texts = texts_of(path)
    size = sum(len(text.encode()) for text in texts) / 1e6
    chosen, totals = ways(), dict.fromkeys(ways(), 0)
    least = dict.fromkeys(chosen, float("inf"))
    for _ in range(_ROUNDS):
        for name, way in chosen.items():
            start = time.process_time()
            totals[name] = way(texts)
            least[name] = min(least[name], time.process_time() - start)
    if len(set(totals.values())) != 1:
        raise ValueError(f"{path}: expected the same number of tokens, got {totals}")
    first, *_ = least.values()
    words = len({word for text in texts for word in text.translate(_ALIKE).split(" ")})
    print(f"{len(texts):,} texts of {size:.1f} MB; {words:,} different words, digits alike\n")
    print("| way | MB/s | / the first |\n|---|--:|--:|")
    for name, seconds in least.items():
        print(f"| {name} | {size / seconds:.1f} | {first / seconds:.2f} |")


if __name__ == "__main__":
    main(sys.argv[1])
