"""The emulated services: prefixes, names of states, and shapes of errors."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@cache
def tables() -> dict[str, Any]:
    """Return `service.toml`: rules of the services beyond the contracts, with sources."""
    return tomllib.loads((Path(__file__).parent / "service.toml").read_text(encoding="utf-8"))


class Refusal(Exception):  # noqa: N818 - an answer of the service, not a fault of the program
    """An error answer with HTTP `status` and message.

    `code` is empty for the usual one of the status; `param` is the key of the request at fault.
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

    Services of one `account` share files and jobs. `created` is the HTTP status after a creation;
    `dated` tells whether `api-version` is required (elsewhere on Azure it is refused).
    """

    name: str
    prefix: str
    account: str
    created: int
    dated: bool

    @property
    def azure(self) -> bool:
        """Whether the service is Azure's."""
        return self.account == "azure"

    @property
    def table(self) -> dict[str, Any]:
        """The service's table in `service.toml`."""
        table: dict[str, Any] = tables()["services"][self.name]
        return table

    def file_status(self, state: str) -> str:
        """Return the service's name for a state of a file; OpenAI has no pending or running."""
        return "uploaded" if not self.azure and state in {"pending", "running"} else state

    def job_status(self, state: str) -> str:
        """Return the service's name for a state of a job."""
        names = {} if self.azure else {"created": "validating_files", "pending": "queued"}
        return names.get(state, state)

    def error(self, refusal: Refusal) -> dict[str, Any]:
        """Return the body of an error answer in the shape of the service."""
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
"""The services, tried in this order of prefixes."""


def find(path: str) -> tuple[Service, str] | None:
    """Return the service of a path and the path below its prefix, None for an unknown prefix."""
    for service in SERVICES:
        if path.startswith(f"{service.prefix}/"):
            return service, path.removeprefix(service.prefix)
    return None
