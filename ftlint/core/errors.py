"""The errors that end a command, each with its exit code, and the exit codes.

Messages are redacted on construction, so that none can leak a secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from ftlint.core.limits import SUGGESTED_CHARACTERS, SUGGESTED_NAMES

_SIMILAR = 0.6
"""Least share of letters in common, in order, of a name that is suggested."""


class FtlintError(Exception):
    """A usage or input error; the message holds the remedy."""


class Failure(FtlintError):  # noqa: N818 - subclasses are named for their exit codes
    """A failed stage; `code` is the exit code of the program."""

    code = 2

    def __init__(self, message: str) -> None:
        super().__init__(_redacted(message))


def _redacted(message: str) -> str:
    from ftlint.core.redact import redact  # noqa: PLC0415 - it compiles patterns; most runs do not fail

    return redact(message)


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
    """A request that the service may or may not have carried out."""

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
        self.service_message = _redacted(service_message)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most similar to `name`, None if there is none.

    Long names, and known ones after the first few hundred, are left out: see `limits`.
    """
    from rapidfuzz.distance import Indel  # noqa: PLC0415 - only a wrong name is looked up
    from rapidfuzz.process import extractOne  # noqa: PLC0415 - as above

    if len(name) > SUGGESTED_CHARACTERS:
        return None
    candidates = [
        other for other in islice(known, SUGGESTED_NAMES) if len(other) <= SUGGESTED_CHARACTERS
    ]
    best = extractOne(name, candidates, scorer=Indel.normalized_similarity, score_cutoff=_SIMILAR)
    return best[0] if best else None


_SHOWN = 100
"""Characters of an unknown name in a message."""


class ConfigError(FtlintError):
    """An unknown or invalid profile, rule or option."""


def unknown(kind: str, name: str, known: Iterable[str]) -> ConfigError:
    """Return the error for an unknown name; its message suggests the nearest known name."""
    names = sorted(known)
    near = nearest(name, names)
    hint = f"did you mean {near!r}?" if near else f"known: {', '.join(names)}"
    shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    return ConfigError(f"unknown {kind} {shown!r}; {hint}")


PASSED, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes of every command; the errors above have more."""
