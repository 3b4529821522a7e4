"""Idempotent creation of a file: a request with a bad answer may have succeeded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ftlint.core.errors import Unreachable
from ftlint.training.providers.client import Api
from ftlint.training.providers.retry import Again, with_retries
from ftlint.training.upload.remote_files import named

Data = dict[str, Any]


def create_once(api: Api, name: str, size: int, do: Callable[[], Data]) -> Data:
    """Create a file by `do`; before a retry, look for the file by its name.

    `size` is in bytes. Raises what `do` raises, and `Unreachable` where the search fails.
    """
    unknown = False

    def find_existing() -> Data | None:
        try:
            return named(api, name, size)
        except Again as error:  # retried already
            raise Unreachable(f"{error}; run this again to see whether {name} exists") from error

    def attempt() -> Data:
        nonlocal unknown
        existing = find_existing() if unknown else None
        if existing is not None:
            api.log.info(f"{name} exists as {existing['id']}, despite the failed request")
            return existing
        try:
            return do()
        except Again as failure:
            unknown = unknown or failure.sent
            raise

    return with_retries(attempt, api.log.info)
