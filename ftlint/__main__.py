"""The `ftlint` program."""

from __future__ import annotations

import gc
import sys

from ftlint.version import __version__

_YOUNG = 50_000
"""Objects that are made before garbage is looked for; 700 of them would do it while importing."""


def main() -> int:
    """Run the command line; return the exit code (design, section 7)."""
    if sys.argv[1:] == ["--version"]:
        return _print_version()
    gc.set_threshold(_YOUNG)
    from ftlint.cli import run  # noqa: PLC0415 - see above
    from ftlint.core.errors import INTERRUPTED  # noqa: PLC0415 - see above

    code = run(sys.argv[1:])
    if code == INTERRUPTED:
        import signal  # noqa: PLC0415 - for this case only

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not change the exit code
    gc.freeze()  # collecting what is left takes 15 ms, and the process ends now
    return code


def _print_version() -> int:
    """Print the version before anything is imported; return the exit code."""
    try:
        print(f"ftlint {__version__}", flush=True)  # noqa: T201 - the result of this command
    except OSError as error:
        from ftlint.cli import report_error  # noqa: PLC0415 - see above

        return report_error(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
