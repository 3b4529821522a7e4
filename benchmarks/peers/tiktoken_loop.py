"""Count the tokens of each text with tiktoken, one after the other: what all exact counts pay for.

The texts are those that ftlint counts in the benchmark's chats: roles, contents, and what the
formulas of ftlint take of calls and tools. The vocabulary is the one that ftlint ships.
"""

from __future__ import annotations

import codecs
import sys

import orjson

from ftlint.analysis.tokens import formulas
from ftlint.analysis.tokens.vocabulary import load

_ENCODING = "o200k_base"


def main(path: str) -> None:
    """Print the tokens of a file, which may begin with a byte-order mark."""
    loads, encode = orjson.loads, load(_ENCODING).encode_ordinary

    def count(text: str) -> int:
        return len(encode(text))

    tokens = 0
    with open(path, "rb", 1 << 20) as file:
        if file.read(3) != codecs.BOM_UTF8:
            file.seek(0)
        for line in file:
            example = loads(line)
            for message in example["messages"]:
                tokens += len(encode(message["role"]))
                if "tool_calls" in message:
                    tokens += formulas.calls(message, count)
                else:
                    tokens += len(encode(message["content"]))
            if "tools" in example:
                tokens += formulas.functions(example["tools"], _ENCODING, count)
    print(tokens)


if __name__ == "__main__":
    main(sys.argv[1])
