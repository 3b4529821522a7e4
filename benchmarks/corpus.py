"""Write the benchmark's files: seeded, of a wanted size, the same on every machine.

`python -m benchmarks.corpus KIND FILE BYTES [SEED]` writes one.
"""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

from benchmarks import examples
from benchmarks.texts import Texts
from benchmarks.tools import Json

SEED = 4
_COMPACT = (",", ":")
_DUPLICATES = 0.13
"""The share of lines that stand in the file already, as measured in training files."""

_REMEMBERED = 2_000
_BLOCK = 256


def dumps(example: Json, style: int) -> str:
    """Write an example: compact (style 0), in ASCII (1), or with the spaces of Python's json."""
    if style == 0:
        return json.dumps(example, ensure_ascii=False, separators=_COMPACT)
    return json.dumps(example, ensure_ascii=style == 1)


def _examples(make: Callable[[Texts], Json]) -> Callable[[Texts], Iterator[str]]:
    """Return a source of lines that hold what `make` returns."""

    def lines(texts: Texts) -> Iterator[str]:
        while True:
            yield dumps(make(texts), texts.below(8))

    return lines


def _repeating(make: Callable[[Texts], Json]) -> Callable[[Texts], Iterator[str]]:
    """Return the same source, but that one line in eight stood before."""

    def lines(texts: Texts) -> Iterator[str]:
        earlier: list[str] = []
        random = texts.random
        for line in _examples(make)(texts):
            while earlier and random.random() < _DUPLICATES:
                yield random.choice(earlier)
            if len(earlier) < _REMEMBERED:
                earlier.append(line)
            else:
                earlier[texts.below(_REMEMBERED)] = line
            yield line

    return lines


def _tiny(texts: Texts) -> Iterator[str]:
    start = '{"messages": [{"role": "user", "content": "'
    middle = '"}, {"role": "assistant", "content": "'
    random = texts.random.random
    while True:
        one, two = int(random() * 99_999), int(random() * 99_999)
        yield f'{start}{one} + {two}?{middle}{one + two}"}}]}}'


def _one_long(*, sound: bool) -> Callable[[Texts], Iterator[str]]:
    """Return a source of one line of 4 MB, with 4,000 faults unless `sound`, and 60 tiny ones."""

    def lines(texts: Texts) -> Iterator[str]:
        yield dumps(examples.strained(texts, sound=sound), 2)
        yield from islice(_tiny(texts), 60)

    return lines


def _monotonous(character: str) -> Callable[[Texts], Iterator[str]]:
    """Return a source of nine tiny lines and one with a million times the same character."""

    def lines(texts: Texts) -> Iterator[str]:
        yield from islice(_tiny(texts), 9)
        yield dumps(examples.monotonous(character), 0)

    return lines


def _broken(texts: Texts) -> Iterator[str]:
    while True:
        yield examples.broken(texts)


KINDS: dict[str, Callable[[Texts], Iterator[str]]] = {
    "chat": _repeating(examples.chat),
    "plain": _repeating(examples.plain),
    "wordy": _repeating(examples.wordy),
    "tiny": _tiny,
    "huge": _examples(examples.long),
    "vision": _examples(examples.seen),
    "multi": _examples(examples.foreign),
    "bad": _broken,
    "findings": _one_long(sound=False),
    "no-findings": _one_long(sound=True),
    "letters": _monotonous("a"),
    "spaces": _monotonous(" "),
    "newlines": _monotonous("\n"),
    "digits": _monotonous("7"),
    "signs": _monotonous("="),
}
"""What can be written, by name: sources of lines without their LF.

The last seven come to an end, before 6 MB.
"""


def write(kind: str, path: str, size: int, *, seed: int = SEED, bom: bool = True) -> int:
    """Write a file of at most `size` bytes, short of them by less than a line; return its lines.

    A first line that is longer than `size` is written all the same. The file appears under its
    name when it is whole.
    """
    source = KINDS[kind](Texts(Random(seed)))
    unfinished = f"{path}.part"
    count, left = 0, size
    with open(unfinished, "wb", buffering=1 << 20) as file:
        if bom:
            left -= file.write(codecs.BOM_UTF8)
        for text in source:
            line = text.encode() + b"\n"
            left -= len(line)
            if left < 0 and count:
                break
            file.write(line)
            count += 1
    os.replace(unfinished, path)
    return count


def main(arguments: list[str]) -> int:
    """Write the file that the command line asks for."""
    kind, path, size, *seed = arguments
    count = write(kind, path, int(size), seed=int(seed[0]) if seed else SEED)
    print(f"{path}: {count:,} lines, {os.path.getsize(path):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
