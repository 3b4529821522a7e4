"""What keeps a file or a job from going through, each with its exit code (design, section 7).

Messages are for people, and hold no secret: they are redacted where they are made.
"""

from __future__ import annotations

from ftlint.model import FtlintError
from ftlint.redact import redact


class Failure(FtlintError):  # noqa: N818 - what is below it is named for its exit code
    """A stage that did not go through; `code` is the exit code of the program."""

    code = 2

    def __init__(self, message: str) -> None:
        super().__init__(redact(message))


def exit_code(error: FtlintError) -> int:
    """Return the exit code of the program that ends with an error."""
    return error.code if isinstance(error, Failure) else Failure.code


class Refused(Failure):
    """The gate refuses: receipt, bytes or job are not those that passed."""

    code = 3


class Unauthorized(Failure):
    """The credentials are missing, or the service does not take them."""

    code = 4


class Unreachable(Failure):
    """The network or a quota is in the way; the same command, later, goes on where this ended."""

    code = 5


class UnknownOutcome(Failure):
    """Whether the service has done what it was asked to is not known."""

    code = 6


class Rejected(Failure):
    """The service refuses the request, the file or the job; `status` is that of HTTP, else 0.

    `answer` is the code of the service's error, `said` its message.
    """

    code = 7

    def __init__(self, message: str, *, status: int = 0, answer: str = "", said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.answer = answer
        self.said = redact(said)
