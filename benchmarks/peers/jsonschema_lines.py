"""Check each line with jsonschema against ftlint's own schema of chats; exit 1 if one fails."""

from __future__ import annotations

import codecs
import sys

import orjson
from jsonschema import Draft202012Validator

from ftlint.formats.schema import load


def main(path: str) -> int:
    """Count the errors of a file, which may begin with a byte-order mark."""
    validator = Draft202012Validator(load("chat"))
    errors = 0
    with open(path, "rb", 1 << 20) as file:
        if file.read(3) != codecs.BOM_UTF8:
            file.seek(0)
        for line in file:
            errors += sum(1 for _ in validator.iter_errors(orjson.loads(line)))
    print(f"{errors} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
