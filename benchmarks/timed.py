"""Run a command and print what it took: exit code, seconds, seconds of CPU, peak memory in kB.

A program of its own, and a small one: a process is born with the peak memory of the one that
starts it. As a subreaper it inherits the processes that the command leaves behind, so that the
figures cover the whole tree: CPU as a sum, memory as that of the largest process. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import time

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """Run the command in `arguments`; its standard output is thrown away.

    Python may write what it compiles, as it does for whoever uses these programs.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    child = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=silent)
    _, status = os.waitpid(child, 0)
    wall = time.perf_counter() - start
    _reap()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = os.waitstatus_to_exitcode(status)
    print(code, wall, used.ru_utime + used.ru_stime, used.ru_maxrss)


def _reap() -> None:
    """Wait for what the command has left running."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
