"""Receipts: the proof of a passed check that uploading and launching require.

A receipt guards against accidents, not against tampering: it is not signed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from ftlint.core.errors import FtlintError, Refused
from ftlint.core.files.atomic_write import write_whole
from ftlint.core.files.small_file import read_small_file
from ftlint.core.redact import record_of, same
from ftlint.core.report import TOKENS, InputReport, Report
from ftlint.core.text import plain
from ftlint.formats.schema import load

TRAIN, VALIDATION = "train", "validation"

_LARGEST = 1 << 20
"""Maximum bytes of a receipt; a real one has some hundred."""

_RECREATE = "recreate it with check --receipt"

_SHOWN = 200
"""Characters of a schema fault in a message."""


class PassedFile(NamedTuple):
    """A file that passed; `role` is "train", "validation", or the kind of a document.

    `path` is as given by the user, `sha256` hexadecimal, `bytes` the size; `examples` is 0 for a
    document. `tokens` are those of one epoch after truncation and `longest` those of the longest
    sequence, None unless all were counted.
    """

    role: str
    path: str
    sha256: str
    bytes: int
    examples: int
    tokens: int | None = None
    longest: int | None = None


class Receipt(NamedTuple):
    """Files that passed, and the check they passed; see `schemas/receipt.schema.json`.

    `created` is an ISO time in UTC, `day` the ISO date that the check took for today, `method` that
    of the training file, `tokens` the mode of counting, `rules_digest` that of the report. `epochs`
    and `max_cost` are as given.
    """

    ftlint_version: str
    created: str
    day: str
    profile: str
    method: str
    model: str | None
    tokens: str
    epochs: int | None
    max_cost: float | None
    rules_digest: str
    files: tuple[PassedFile, ...]
    version: int = 2

    def of(self, role: str) -> PassedFile | None:
        """Return the file of a role, None without one."""
        return next((file for file in self.files if file.role == role), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        files = [file._asdict() for file in self.files]
        return {"version": self.version, **self._asdict(), "files": files}


def today() -> str:
    """Return the user's own day, as an ISO date."""
    return date.today().isoformat()  # noqa: DTZ011 - the day as rules take it


def receipt_of(
    report: Report, job: Mapping[str, Any], *, validation: bool, documents: Sequence[str]
) -> Receipt:
    """Make the receipt of a report on one training file.

    `job` has the facts of the job that the check was for (`ftlint.config.config.Config.job`).
    `validation` tells whether the second input is the validation file, `documents` are the kinds
    of the last inputs. Raises `Refused` for a report that did not pass or equal files,
    `FtlintError` for several training files.
    """
    if not report.passed:
        raise Refused("no receipt: the check did not pass; fix its errors")
    roles = [TRAIN, *([VALIDATION] if validation else []), *documents]
    if len(report.inputs) != len(roles):
        count = len(report.inputs) - len(roles) + 1
        words = f"it is for one training file, and {count:,} are given"
        raise FtlintError(f"no receipt: {words}; name one")
    files = tuple(
        _passed(role, entry, report) for role, entry in zip(roles, report.inputs, strict=True)
    )
    if validation and files[0].sha256 == files[1].sha256:
        words = "the validation file holds the same bytes as the training file"
        raise Refused(f"no receipt: {words}; validate with other examples")
    return Receipt(
        ftlint_version=report.ftlint_version,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        day=job.get("today") or today(),
        profile=report.profile,
        method=report.inputs[0].method or "",
        model=report.model,
        tokens=job["tokens"],
        epochs=job.get("epochs"),
        max_cost=job.get("max_cost"),
        rules_digest=report.rules_digest,
        files=files,
    )


def _passed(role: str, entry: InputReport, report: Report) -> PassedFile:
    plain = PassedFile(role, entry.path, entry.sha256, entry.bytes, entry.examples)
    counts = report.statistics.get(entry.path, {}).get(TOKENS)
    if counts is None:
        return plain
    billed = counts["tokens"] - counts["lost_tokens"]
    return plain._replace(tokens=billed, longest=counts["longest_sequence"])


def write_receipt(path: str, receipt: Receipt) -> None:
    """Write a receipt atomically, readable by its owner only. Raises `OSError`."""
    data = orjson.loads(record_of(receipt.to_dict()))
    data = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    write_whole(path, data)


def revoke_receipt(path: str) -> bool:
    """Remove the receipt of an earlier check after a failed one; return whether there was one.

    A file that is no receipt stays; a link is followed, as in writing. Raises `OSError`.
    """
    if not os.path.isfile(path):  # a pipe would block
        return False
    try:
        read_receipt(path)
    except Refused:
        return False
    os.unlink(os.path.realpath(path))
    return True


def read_receipt(path: str) -> Receipt:
    """Read a receipt. Raises `Refused` for an unreadable or invalid one."""
    try:
        data = orjson.loads(read_small_file(path, _LARGEST))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        words = f"receipt {path}: cannot read: {why}"
        raise Refused(f"{words}; create one with check --receipt") from error
    except orjson.JSONDecodeError:
        raise Refused(f"receipt {path}: not JSON; {_RECREATE}") from None
    version = data.get("version") if isinstance(data, dict) else None
    current = Receipt._field_defaults["version"]
    if isinstance(version, int) and version > current:
        words = f"version {version} is that of a newer ftlint"
        raise Refused(f"receipt {path}: {words}; update ftlint, or {_RECREATE}")
    if isinstance(version, int) and 1 <= version < current:
        words = f"version {version} is that of an older ftlint, and does not hold all that is asked"
        raise Refused(f"receipt {path}: {words}; {_RECREATE}")
    for fault in jsonschema_rs.Draft202012Validator(load("receipt")).iter_errors(data):
        where = "/".join(map(str, fault.instance_path)) or "the file"
        words = plain(fault.message, _SHOWN)
        raise Refused(f"receipt {path}: {where}: {words}; {_RECREATE}")
    roles = [file["role"] for file in data["files"]]
    if len(set(roles)) < len(roles):
        raise Refused(f"receipt {path}: two files of one role; {_RECREATE}")
    return Receipt(**{**data, "files": tuple(map(_read_file, data["files"]))})


def _read_file(data: Mapping[str, Any]) -> PassedFile:
    """Return a file of a receipt, with numbers as int: 7.0 is an integer to JSON Schema."""
    whole = {
        name: int(data[name])
        for name in ("bytes", "examples", "tokens", "longest")
        if data[name] is not None
    }
    return PassedFile(**{**data, **whole})


def require(
    receipt: Receipt, wanted: Mapping[str, str | None], paths: Mapping[str, str]
) -> Receipt:
    """Return a receipt with the files at `paths` (by role) if it is for this request.

    `wanted` holds required values of its fields by name. File contents are compared when they are
    read: see `ftlint.training.verified_file`. Raises `Refused`, naming the field that differs.
    """
    for name, value in wanted.items():
        given = getattr(receipt, name)
        if same(given, value):
            continue
        if name == "rules_digest":
            words = "the receipt is for another rules_digest: other rules or limits"
            raise Refused(f"{words}; give the same --select, --ignore and profile, or check again")
        words = f"the receipt is for {name} {_quoted(given)}, not {_quoted(value)}"
        raise Refused(f"{words}; check again with the same options")
    roles = {file.role for file in receipt.files}
    for role in sorted(roles ^ paths.keys()):
        has, given = ("a", "none") if role in roles else ("no", "one")
        kind = f"{role} file" if role in (TRAIN, VALIDATION) else role
        raise Refused(f"the receipt has {has} {kind}, and {given} is given; check again with it")
    files = tuple(file._replace(path=paths[file.role]) for file in receipt.files)
    return receipt._replace(files=files)


def _quoted(value: str | None) -> str:
    return "none" if value is None else repr(value)
