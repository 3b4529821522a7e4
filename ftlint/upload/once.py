"""A file by one request, or by the import of a blob: one that answers badly may have worked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ftlint.failures import Unreachable
from ftlint.providers.api import Api
from ftlint.retry import Again, with_retries
from ftlint.upload.ready import named

Data = dict[str, Any]


def create_once(api: Api, name: str, size: int, do: Callable[[], Data]) -> Data:
    """Make a file by `do`, and after a failure look whether it is there before trying again.

    Raises what `do` does.
    """
    unknown = False

    def look() -> Data | None:
        try:
            return named(api, name, size)
        except Again as error:  # which was tried often enough
            raise Unreachable(f"{error}; run this again to see whether {name} is there") from error

    def attempt() -> Data:
        nonlocal unknown
        found = look() if unknown else None
        if found is not None:
            api.log.info(f"{name} is there as {found['id']}, in spite of the answer")
            return found
        try:
            return do()
        except Again as failure:
            unknown = unknown or failure.sent
            raise

    return with_retries(attempt, api.log.info)
