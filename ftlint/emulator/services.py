"""The three services that are emulated: where they stand, how they name states, how they refuse."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@cache
def tables() -> dict[str, Any]:
    """Return `service.toml`: what is accepted beyond the contracts, with sources."""
    return tomllib.loads((Path(__file__).parent / "service.toml").read_text(encoding="utf-8"))


class Refusal(Exception):  # noqa: N818 - an answer of the service, not a fault of the program
    """A request that the service refuses, with HTTP `status` and message.

    `code` is the code of the error, if it is not the usual one of the status; `param` the key of
    the request that it is about.
    """

    def __init__(self, status: int, message: str, *, code: str = "", param: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param


_AZURE_CODES = {
    401: "unauthorized",
    403: "forbidden",
    404: "notFound",
    409: "conflict",
    429: "tooManyRequests",
    503: "serviceUnavailable",
}
"""Codes of azure-rest-api-specs 2024-10-21 by status; others: invalidPayload, internalFailure."""

_OPENAI_CODES = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}


@dataclass(frozen=True, slots=True)
class Service:
    """One service under a prefix of the path.

    Services of one `account` share files and jobs. `created` is the HTTP status of an answer that
    made something; `dated` whether `api-version` is required (it is refused otherwise on Azure).
    """

    name: str
    prefix: str
    account: str
    created: int
    dated: bool

    @property
    def azure(self) -> bool:
        """Whether it is one of Azure's."""
        return self.account == "azure"

    @property
    def table(self) -> dict[str, Any]:
        """What `service.toml` says of it."""
        found: dict[str, Any] = tables()["services"][self.name]
        return found

    def file_status(self, state: str) -> str:
        """Name the state of a file: OpenAI knows neither pending nor running."""
        return "uploaded" if not self.azure and state in {"pending", "running"} else state

    def job_status(self, state: str) -> str:
        """Name the state of a job."""
        names = {} if self.azure else {"created": "validating_files", "pending": "queued"}
        return names.get(state, state)

    def error(self, refusal: Refusal) -> dict[str, Any]:
        """Return the body that says no, in the shape of the service."""
        if self.azure:
            usual = "invalidPayload" if refusal.status < 500 else "internalFailure"
            code = refusal.code or _AZURE_CODES.get(refusal.status, usual)
            return {"error": {"code": code, "message": refusal.message}}
        kind = "invalid_request_error" if refusal.status < 500 else "server_error"
        return {
            "error": {
                "message": refusal.message,
                "type": kind,
                "param": refusal.param or None,
                "code": refusal.code or _OPENAI_CODES.get(refusal.status),
            }
        }


SERVICES = (
    Service("azure-v1", "/openai/v1", "azure", 200, dated=False),
    Service("azure", "/openai", "azure", 201, dated=True),
    Service("openai", "/v1", "openai", 200, dated=False),
)
"""The services; the first whose prefix fits has the request."""


def find(path: str) -> tuple[Service, str] | None:
    """Return the service of a path, and what stands below its prefix; None where there is none."""
    for service in SERVICES:
        if path.startswith(f"{service.prefix}/"):
            return service, path.removeprefix(service.prefix)
    return None
