"""Read a file line by line and do nothing: the floor under everything else."""

from __future__ import annotations

import sys


def main(path: str) -> None:
    """Count the lines of a file."""
    count = 0
    with open(path, "rb", 1 << 20) as file:
        for _ in file:
            count += 1
    print(count)


if __name__ == "__main__":
    main(sys.argv[1])
