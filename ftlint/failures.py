"""Failures of upload, launch and other stages, each with its exit code.

Messages are redacted on construction, so that none can leak a secret.
"""

from __future__ import annotations

from ftlint.model import FtlintError
from ftlint.redact import redact


class Failure(FtlintError):  # noqa: N818 - subclasses are named for their exit codes
    """A failed stage; `code` is the exit code of the program."""

    code = 2

    def __init__(self, message: str) -> None:
        super().__init__(redact(message))


def exit_code(error: FtlintError) -> int:
    """Return the exit code for an error."""
    return error.code if isinstance(error, Failure) else Failure.code


class Refused(Failure):
    """Refusal by the gate: receipt, bytes or job are not those that passed."""

    code = 3


class Unauthorized(Failure):
    """Missing or rejected credentials."""

    code = 4


class Unreachable(Failure):
    """A network failure or exhausted quota; the same command resumes later."""

    code = 5


class UnknownOutcome(Failure):
    """A request of which it is unknown whether the service has carried it out."""

    code = 6


class Rejected(Failure):
    """A request, file or job that the service rejected; `status` is the HTTP status or 0.

    `service_code` and `service_message` are those of the service's error.
    """

    code = 7

    def __init__(
        self, message: str, *, status: int = 0, service_code: str = "", service_message: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.service_code = service_code
        self.service_message = redact(service_message)
