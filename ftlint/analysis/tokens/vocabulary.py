"""Vocabularies of OpenAI's tokenizers, bundled, so that nothing is ever downloaded.

A packed vocabulary is zlib data: the number of tokens (4 bytes, little-endian), the length of each
in bytes (1 byte), then the tokens in the order of their contiguous ranks. `scripts/vocabulary.py`
makes them from the published files; their licence is `LICENSE.tiktoken`.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import tiktoken


class Vocabulary(NamedTuple):
    """A published vocabulary: the SHA-256 of its file, and the pattern that splits text.

    Both are from tiktoken 0.14.0 (`tiktoken_ext/openai_public.py`).
    """

    sha256: str
    pattern: str


_LETTERS = r"[^\r\n\p{L}\p{N}]?"
_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_ENDINGS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"

VOCABULARIES = {
    "o200k_base": Vocabulary(
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        f"{_LETTERS}{_UPPER}*{_LOWER}+{_ENDINGS}|{_LETTERS}{_UPPER}+{_LOWER}*{_ENDINGS}"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ),
    "cl100k_base": Vocabulary(
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+"
        r"| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    ),
}
"""Bundled vocabularies by the name of the encoding."""


DEFAULT_ENCODING = "o200k_base"
"""Encoding of OpenAI's newer models, used where a tokenizer is unknown or not bundled."""

_SAME = {"o200k_harmony": "o200k_base"}
"""Encodings that differ from a bundled one in special tokens only (tiktoken 0.14.0)."""


def encoding_of(model: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return the encoding of a model, and why it is an estimate (empty if it is exact)."""
    if model is None:
        return DEFAULT_ENCODING, ""
    named = model.get("encoding")
    if named is None:
        return DEFAULT_ENCODING, f"the tokenizer of {model['name']} is not known"
    bundled = _SAME.get(named, named)
    if bundled in VOCABULARIES:
        return bundled, ""
    return DEFAULT_ENCODING, f"the tokenizer of {model['name']} ({named}) does not ship"


def pack(tokens: list[bytes]) -> bytes:
    """Pack tokens (at most 255 bytes each) in the order of their ranks."""
    body = len(tokens).to_bytes(4, "little") + bytes(map(len, tokens)) + b"".join(tokens)
    return zlib.compress(body, 9)


def unpack(packed: bytes) -> list[bytes]:
    """Return the tokens in the order of their ranks."""
    body = zlib.decompress(packed)
    count = int.from_bytes(body[:4], "little")
    ends = accumulate(body[4 : 4 + count], initial=4 + count)
    return [body[start:end] for start, end in pairwise(ends)]


def published(tokens: list[bytes]) -> bytes:
    """Return the published file of tokens: base64 and rank, one per line."""
    return b"".join(b"%s %d\n" % (b64encode(token), rank) for rank, token in enumerate(tokens))


def tokens_of(name: str) -> list[bytes]:
    """Return the tokens of a bundled vocabulary. Raises `KeyError` for any other."""
    if name not in VOCABULARIES:
        raise KeyError(name)
    return unpack((Path(__file__).parent / f"{name}.vocabulary").read_bytes())


@cache
def load(name: str) -> tiktoken.Encoding:
    """Return the encoding of a bundled vocabulary, loaded in 0.2 s once per process.

    It has no special tokens: in training data they are text, and counted as such.
    """
    import tiktoken  # noqa: PLC0415 - 20 ms that a check without tokens can save

    ranks = {token: rank for rank, token in enumerate(tokens_of(name))}
    return tiktoken.Encoding(
        name, pat_str=VOCABULARIES[name].pattern, mergeable_ranks=ranks, special_tokens={}
    )
