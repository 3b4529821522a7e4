"""Faults to inject, matched by request."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import parsedate_tz
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any

from ftlint.core.errors import FtlintError

FILE_ERROR = (
    "Invalid file format. Example 1273 cannot be parsed. Error: line contains invalid json: "
    "Expecting ',' delimiter: line 1 column 79 (char 78) (line 1273)"
)
"""A service's message for a file: fixtures of openai-php/client."""
JOB_ERROR = "The job failed due to an internal error."
"""Not a service's own message: none is documented."""

FORM = (
    "METHOD PATH-GLOB KEY[=VALUE]..., with at least one of status=400..599, cut, slow=SECONDS, "
    "expire[=PARTS], file-error[=MESSAGE], job-error[=MESSAGE]; and when=before|during|after, "
    "retry-after=SECONDS|DATE, code=CODE, message=TEXT, times=N, skip=N"
)
"""The syntax of a fault, for error messages."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of requests of `method` whose path below the prefix matches the glob `path`.

    `when` places `status` and `cut` before the work, after it, or (cut) during the answer. `slow`
    is the seconds that the answer's body takes, `expire` the number of parts after which a new
    upload expires, `file_error` and `job_error` the error that a new file or job ends with. The
    first `skip` requests are spared, the next `times` (None: all) are hit.
    """

    method: str
    path: str
    status: int = 0
    when: str = "before"
    cut: bool = False
    retry_after: str = ""
    code: str = ""
    message: str = ""
    slow: float = 0
    expire: int | None = None
    file_error: str = ""
    job_error: str = ""
    times: int | None = None
    skip: int = 0

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Parse a value of `--fault`. Raises `FtlintError` with the expected syntax."""
        try:
            method, path, *words = shlex.split(text)
            given = dict(_value(*word.partition("=")) for word in words)
            fault = cls(method.upper(), path, **given)
        except ValueError as error:
            why = "" if "unpack" in str(error) else f"{error}; "
            raise FtlintError(f"--fault {text!r}: {why}expected {FORM}") from None
        reason = (
            "a key is given twice" if len(given) < len(words) else fault._contradiction({*given})
        )
        if reason:
            raise FtlintError(f"--fault {text!r}: {reason}; expected {FORM}")
        return fault

    def _contradiction(self, given: set[str]) -> str:
        """Return why a fault with the keys `given` makes no sense, empty if it does."""
        if self.method not in ("GET", "POST", "DELETE", "*"):
            return f"{self.method!r} is no method"
        if not self.path.startswith(("/", "*")):
            return f"{self.path!r} is no path"
        if not (self.status or self.cut or self.slow or self.file_error or self.job_error) and (
            self.expire is None
        ):
            return "nothing goes wrong"
        if self.status and self.cut:
            return "there is no status when the connection is cut"
        if not self.status and {"retry_after", "code", "message"} & given:
            return "retry-after, code and message go with a status"
        if not (self.status or self.cut) and "when" in given:
            return "when goes with a status or cut"
        if self.when == "during" and not self.cut:
            return "only a cut is possible during the answer"
        return ""


def _number(key: str, text: str, least: int, most: int | None = None) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise ValueError(f"{key}={text} is no number from {least}")
    if most is not None and int(text) > most:
        raise ValueError(f"{key}={text} is above {most}")
    return int(text)


def _retry_after(text: str) -> str:
    if not text.isdigit() and parsedate_tz(text) is None:
        raise ValueError(f"retry-after={text} is neither seconds nor a date")
    return text


def _seconds(key: str, text: str) -> float:
    if not re.fullmatch(r"[0-9]{0,6}\.?[0-9]{1,6}", text, re.ASCII) or float(text) == 0:
        raise ValueError(f"{key}={text} is no time in seconds")
    return float(text)


def _value(key: str, equals: str, text: str) -> tuple[str, Any]:
    """Return the field and value of a `key=text` word. Raises `ValueError`."""
    if key in {"status", "when", "retry-after", "code", "message", "slow", "times", "skip"} and (
        not text
    ):
        raise ValueError(f"{key} needs a value")
    if key == "cut" and equals:
        raise ValueError("cut has no value")
    if key == "when" and text not in {"before", "during", "after"}:
        raise ValueError(f"when={text} is not known")
    readers: dict[str, Callable[[], Any]] = {
        "status": lambda: _number(key, text, 400, 599),
        "when": lambda: text,
        "cut": lambda: True,
        "retry-after": lambda: _retry_after(text),
        "code": lambda: text,
        "message": lambda: text,
        "slow": lambda: _seconds(key, text),
        "expire": lambda: _number(key, text or "0", 0),
        "file-error": lambda: text or FILE_ERROR,
        "job-error": lambda: text or JOB_ERROR,
        "times": lambda: _number(key, text, 1),
        "skip": lambda: _number(key, text, 0),
    }
    if key not in readers:
        raise ValueError(f"{key!r} is not known")
    return key.replace("-", "_"), readers[key]()


class Faults:
    """The faults of an emulator, with a count of the requests that each matched."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._faults = faults
        self._seen = [0] * len(faults)
        self._lock = Lock()

    def due(self, method: str, path: str) -> Fault:
        """Count a request and return its faults, merged into one.

        The first with a status or a cut decides these; other effects add up.
        """
        merged = Fault(method, path)
        for fault in self._matching(method, path):
            if (fault.status or fault.cut) and not (merged.status or merged.cut):
                merged = replace(
                    merged,
                    status=fault.status,
                    cut=fault.cut,
                    when=fault.when,
                    retry_after=fault.retry_after,
                    code=fault.code,
                    message=fault.message,
                )
            merged = replace(
                merged,
                slow=merged.slow + fault.slow,
                expire=fault.expire if merged.expire is None else merged.expire,
                file_error=merged.file_error or fault.file_error,
                job_error=merged.job_error or fault.job_error,
            )
        return merged

    def _matching(self, method: str, path: str) -> list[Fault]:
        due = []
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.method not in {method, "*"} or not fnmatchcase(path, fault.path):
                    continue
                seen = self._seen[index] - fault.skip
                self._seen[index] += 1
                if seen >= 0 and (fault.times is None or seen < fault.times):
                    due.append(fault)
        return due
