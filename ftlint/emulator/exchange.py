"""Record of a request and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

HIDDEN = "<hidden>"
_SECRET = {"api-key", "authorization", "cookie", "proxy-authorization"}


@dataclass(frozen=True, slots=True)
class FormField:
    """A part of a form; `filename` is None for a plain value, `size` is in bytes."""

    name: str
    filename: str | None
    content_type: str
    size: int
    value: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer.

    `service` is azure, azure-v1, openai, or empty for an unknown path; `path` is the whole path,
    `below` the part after the prefix. Names of `headers` are in lower case, keys are hidden. `body`
    is the JSON sent, `form` the parts of a form. `status` is 0 where the connection was cut;
    `answer` is JSON, `location` the header of that name.
    """

    method: str
    path: str
    service: str
    below: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content_type: str
    body: Any
    form: tuple[FormField, ...]
    status: int
    answer: Any
    location: str


def redacted(headers: Message) -> dict[str, str]:
    """Return headers by name in lower case, with keys masked except for their scheme."""
    masked = {}
    for name, value in headers.items():
        key = name.lower()
        if key in _SECRET:
            scheme, space, _ = value.partition(" ")
            masked[key] = f"{scheme} {HIDDEN}" if space else HIDDEN
        else:
            masked[key] = value
    return masked
