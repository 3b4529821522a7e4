"""The `ftlint` program."""

from __future__ import annotations

import sys

from ftlint.version import __version__


def main() -> int:
    """Run the command line; return the exit code (design, section 7)."""
    if sys.argv[1:] == ["--version"]:  # answered before anything is imported
        print(f"ftlint {__version__}")  # noqa: T201 - the result of this command
        return 0
    from ftlint.cli import run  # noqa: PLC0415 - see above

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
