"""Files that the service has: found again, and waited for."""

from __future__ import annotations

import time
from typing import Any

from ftlint import retry
from ftlint.failures import Rejected, Unreachable
from ftlint.providers.answers import first_line
from ftlint.providers.api import Api
from ftlint.providers.log import ProgressLog
from ftlint.readings import explained

PROCESSED = "processed"
_LOST = ("error", "deleting", "deleted")
"""Statuses from which a file does not come back; an unknown one may still become processed."""

_FIRST = 0.5
"""Seconds before a file is asked for a second time; then twice as long each time."""

Data = dict[str, Any]


def usable(file: Data | None, size: int) -> bool:
    """Tell whether a file on the service may be used, by what it says; `size` is in bytes."""
    if file is None or file.get("status") in _LOST:
        return False
    return file.get("bytes") in (None, 0, size)


def named(api: Api, name: str, size: int) -> Data | None:
    """Return a usable file by its name, None where there is none."""
    for file in api.files():
        if file.get("filename") == name and usable(file, size):
            return file
    return None


def processed(api: Api, file: Data, *, poll: float, patience: float, log: ProgressLog) -> Data:
    """Wait until the service has processed a file; ask at least every `poll` seconds.

    Raises `Rejected` where it refuses the file, `Unreachable` after `patience` seconds.
    """
    until = time.monotonic() + patience
    told = None
    pause = _FIRST / 2
    name = file["id"]
    while True:
        status = file.get("status")
        if status == PROCESSED:
            return file
        if status in _LOST:
            why = first_line(str(file.get("status_details") or "it gives no reason"))
            words = f"{api.host} refuses file {name} (status {status}): {why}"
            raise Rejected(explained(words, why), said=why)
        if status != told:
            log.info(f"{name}: {status or 'no status yet'}")
            told = status
        if time.monotonic() > until:
            words = f"file {name} is still {status} after {patience:,.0f} s"
            raise Unreachable(f"{words}; run this again to go on waiting")
        pause = min(2 * pause, poll)
        retry.sleep(pause)
        found = api.file(name)
        if found is None:
            raise Rejected(f"file {name} is no longer on {api.host}; upload it again")
        file = found
