"""Pack the published vocabularies of tiktoken for the wheel: `python -m scripts.vocabulary FOLDER`.

FOLDER holds `o200k_base.tiktoken` and `cl100k_base.tiktoken`; other files are refused.
"""

from __future__ import annotations

import hashlib
import sys
from base64 import b64decode
from pathlib import Path

from ftlint.analysis.tokens import vocabulary
from ftlint.analysis.tokens.vocabulary import VOCABULARIES, pack, published, unpack


def packed(raw: bytes, sha256: str) -> bytes:
    """Pack the bytes of a published file. Raises `ValueError` where they are not those expected."""
    found = hashlib.sha256(raw).hexdigest()
    if found != sha256:
        raise ValueError(f"the sha256 is {found}, expected {sha256}; take the published file")
    entries = [line.split() for line in raw.splitlines()]
    tokens = [b64decode(token) for token, _ in sorted(entries, key=lambda entry: int(entry[1]))]
    made = pack(tokens)
    if published(unpack(made)) != raw:
        raise ValueError("the ranks have gaps, which the packed form cannot hold")
    return made


def main(arguments: list[str]) -> int:
    """Write the packed vocabularies beside the module that reads them."""
    if len(arguments) != 1:
        print("usage: python -m scripts.vocabulary FOLDER", file=sys.stderr)  # noqa: T201
        return 2
    for name, known in VOCABULARIES.items():
        raw = (Path(arguments[0]) / f"{name}.tiktoken").read_bytes()
        written = Path(vocabulary.__file__).parent / f"{name}.vocabulary"
        written.write_bytes(packed(raw, known.sha256))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
