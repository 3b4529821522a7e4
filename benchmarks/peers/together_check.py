"""Check a file as the client of Together does before it uploads one; exit 1 if it fails."""

from __future__ import annotations

import sys

from together.lib.utils.files import check_file


def main(path: str) -> int:
    """Print the report on a file, which may not begin with a byte-order mark."""
    report = check_file(path)
    print(report)
    return 0 if report["is_check_passed"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
