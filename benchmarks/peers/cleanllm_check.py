"""Check a file as `cleanllm preflight --framework trl` does; exit 1 if it fails."""

from __future__ import annotations

import sys

from cleanllm.validate import preflight_jsonl


def main(path: str) -> int:
    """Print the summary of a file, which may not begin with a byte-order mark."""
    summary = preflight_jsonl(path, "trl")
    print(summary)
    return 1 if summary["invalid_rows"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
