"""Parse each line with orjson and throw the result away: what all strict checkers pay for."""

from __future__ import annotations

import codecs
import sys

import orjson


def main(path: str) -> None:
    """Parse the lines of a file, which may begin with a byte-order mark."""
    loads = orjson.loads
    with open(path, "rb", 1 << 20) as file:
        if file.read(3) != codecs.BOM_UTF8:
            file.seek(0)
        for line in file:
            loads(line)


if __name__ == "__main__":
    main(sys.argv[1])
