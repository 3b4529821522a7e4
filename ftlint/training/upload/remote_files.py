"""Files on the service: lookup, and waiting until they are processed."""

from __future__ import annotations

import time
from typing import Any

from ftlint.core.errors import Rejected, Unreachable
from ftlint.training.log import ProgressLog
from ftlint.training.providers import retry
from ftlint.training.providers.client import Api
from ftlint.training.providers.errors import first_line
from ftlint.training.service_ids import is_id
from ftlint.training.service_messages import explained

PROCESSED = "processed"
_FAILED = ("error", "deleting", "deleted")
"""Final failures; a file with an unknown status may still become processed."""

_FIRST = 0.5
"""Seconds of the first wait; each further one is twice as long."""

Data = dict[str, Any]


def usable(file: Data | None, size: int) -> bool:
    """Return whether a file on the service is usable: not failed, and of `size` bytes if known."""
    if file is None or file.get("status") in _FAILED:
        return False
    return file.get("bytes") in (None, 0, size)


def named(api: Api, name: str, size: int) -> Data | None:
    """Return a usable file by its name and size in bytes, None where there is none."""
    for file in api.files():
        if file.get("filename") == name and is_id(file.get("id")) and usable(file, size):
            return file
    return None


def processed(api: Api, file: Data, *, poll: float, patience: float, log: ProgressLog) -> Data:
    """Wait until the service has processed a file; return it.

    `poll` is the longest interval between queries, `patience` the timeout, both in seconds.
    Raises `Rejected` where the service refuses the file, `Unreachable` at the timeout.
    """
    until = time.monotonic() + patience
    logged = None
    pause = _FIRST / 2
    name = file["id"]
    while True:
        status = file.get("status")
        if status == PROCESSED:
            return file
        if status in _FAILED:
            why = first_line(str(file.get("status_details") or "it gives no reason"))
            words = f"{api.host} refuses file {name} (status {status}): {why}"
            raise Rejected(explained(words, why), service_message=why)
        if status != logged:
            log.info(f"{name}: {status or 'no status yet'}")
            logged = status
        if time.monotonic() > until:
            words = f"file {name} is still {status} after {patience:,.0f} s"
            raise Unreachable(f"{words}; run this again to go on waiting")
        pause = min(2 * pause, poll)
        retry.sleep(pause)
        update = api.file(name)
        if update is None:
            raise Rejected(f"file {name} is no longer on {api.host}; upload it again")
        file = update
