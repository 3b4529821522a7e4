"""Files and uploads of an account as records, below the store that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ftlint.emulator.service.bodies import Stored
from ftlint.emulator.service.scan import Content


@dataclass(slots=True)
class File:
    """A file of an account; `size` is in bytes, `sha256` and `md5` are hexadecimal.

    Times are in seconds since 1970: `begun` when processing starts (None: the bytes are still
    being fetched), `expires` when the file is removed. `problem` is the error that processing ends
    with, empty for none.
    """

    id: str
    account: str
    filename: str
    purpose: str
    created: float
    begun: float | None = None
    expires: int | None = None
    path: str = ""
    size: int = 0
    sha256: str = ""
    md5: str = ""
    problem: str = ""
    content: Content = field(default_factory=Content)

    def state(self, now: float, delay: float) -> str:
        """Return pending, running, processed or error; each step takes `delay` seconds."""
        if self.begun is None:
            return "pending"
        steps = (now - self.begun) / delay if delay else 2
        if steps < 2:
            return "pending" if steps < 1 else "running"
        return "error" if self.problem else "processed"


@dataclass(slots=True)
class Upload:
    """An upload in parts, whose `status` is pending, completed, cancelled or expired.

    `size` is the announced number of bytes, `parts` are the received ones by id, `dies_after` is
    the number of parts after which a fault expires the upload (None: never), `lives` the seconds
    that its file is kept.
    """

    id: str
    account: str
    filename: str
    purpose: str
    size: int
    created: float
    expires: float
    dies_after: int | None = None
    lives: int | None = None
    status: str = "pending"
    parts: dict[str, Stored] = field(default_factory=dict)
    file: File | None = None
