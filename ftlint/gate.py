"""The gate: what passed, as a receipt, and only those bytes.

A receipt guards against accident, not against somebody who edits it: it is not signed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from ftlint.beside import write_whole
from ftlint.failures import Refused
from ftlint.locate import plain
from ftlint.model import FtlintError
from ftlint.report import InputReport, Report
from ftlint.schema import load

TRAIN, VALIDATION = "train", "validation"

_LARGEST = 1 << 20
"""Bytes of a receipt; one of ftlint's has some hundred."""

_SHOWN = 200
"""Characters of what is wrong with a receipt."""


class PassedFile(NamedTuple):
    """A file that passed: its role ("train", "validation", or the kind of a document).

    `path` is as the user gave it, `sha256` in hexadecimal, `bytes` the size; `examples` is 0 for a
    document.
    """

    role: str
    path: str
    sha256: str
    bytes: int
    examples: int


class Receipt(NamedTuple):
    """What passed, and by what; `schemas/receipt.schema.json` is its contract.

    `created` is a time (ISO, UTC), `method` that of the training file, `rules_digest` that of the
    report.
    """

    ftlint_version: str
    created: str
    profile: str
    method: str
    model: str | None
    rules_digest: str
    files: tuple[PassedFile, ...]
    version: int = 1

    def of(self, role: str) -> PassedFile | None:
        """Return the file of a role."""
        return next((file for file in self.files if file.role == role), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        files = [file._asdict() for file in self.files]
        return {"version": self.version, **self._asdict(), "files": files}


def receipt_of(report: Report, *, validation: bool, documents: Sequence[str]) -> Receipt:
    """Make the receipt of a report on one training file.

    `validation` tells whether the second input is the file to validate with, `documents` are the
    kinds of what comes last. Raises `Refused` for a report that did not pass, `FtlintError` for one
    on several training files.
    """
    if not report.passed:
        raise Refused("no receipt: the check did not pass; mend what it says")
    roles = [TRAIN, *([VALIDATION] if validation else []), *documents]
    if len(report.inputs) != len(roles):
        count = len(report.inputs) - len(roles) + 1
        words = f"it is for one training file, and there are {count:,}"
        raise FtlintError(f"no receipt: {words}; name one")
    files = tuple(map(_passed, roles, report.inputs))
    if validation and files[0].sha256 == files[1].sha256:
        words = "the validation file holds the same bytes as the training file"
        raise Refused(f"no receipt: {words}; validate with other examples")
    return Receipt(
        ftlint_version=report.ftlint_version,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        profile=report.profile,
        method=report.inputs[0].method or "",
        model=report.model,
        rules_digest=report.rules_digest,
        files=files,
    )


def _passed(role: str, entry: InputReport) -> PassedFile:
    return PassedFile(role, entry.path, entry.sha256, entry.bytes, entry.examples)


def write_receipt(path: str, receipt: Receipt) -> None:
    """Write a receipt, whole or not at all, for its owner alone. Raises `OSError`."""
    data = orjson.dumps(receipt.to_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    write_whole(path, data)


def revoke_receipt(path: str) -> bool:
    """Remove the receipt of an earlier check, which a failed one takes back; return if there was.

    What is no receipt is left alone; a link is followed, as in writing. Raises `OSError`.
    """
    if not os.path.isfile(path):  # a pipe would be waited for
        return False
    try:
        read_receipt(path)
    except Refused:
        return False
    os.unlink(os.path.realpath(path))
    return True


def read_receipt(path: str) -> Receipt:
    """Read a receipt. Raises `Refused` for what is none."""
    try:
        with open(path, "rb") as stream:
            data = orjson.loads(stream.read(_LARGEST))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Refused(f"receipt {path}: cannot read: {why}; make one: check --receipt") from error
    except orjson.JSONDecodeError:
        raise Refused(f"receipt {path}: not JSON; make it anew: check --receipt") from None
    version = data.get("version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > Receipt._field_defaults["version"]:
        words = f"version {version} is that of a newer ftlint"
        raise Refused(f"receipt {path}: {words}; update this one, or make it anew: check --receipt")
    for fault in jsonschema_rs.Draft202012Validator(load("receipt")).iter_errors(data):
        where = "/".join(map(str, fault.instance_path)) or "the file"
        words = plain(fault.message, _SHOWN)
        raise Refused(f"receipt {path}: {where}: {words}; make it anew: check --receipt")
    roles = [file["role"] for file in data["files"]]
    if len(set(roles)) < len(roles):
        raise Refused(f"receipt {path}: two files of one role; make it anew: check --receipt")
    return Receipt(**{**data, "files": tuple(map(_read_file, data["files"]))})


def _read_file(data: Mapping[str, Any]) -> PassedFile:
    """Return a file of a receipt; 7.0 is an integer to JSON Schema."""
    whole = {name: int(data[name]) for name in ("bytes", "examples")}
    return PassedFile(**{**data, **whole})


def require(
    receipt: Receipt, wanted: Mapping[str, str | None], paths: Mapping[str, str]
) -> Receipt:
    """Hold a receipt against what is asked for; return it with the files at `paths`, by role.

    `wanted` are values of its fields by name. Bytes are compared when they are read: see
    `ftlint.sealed`. Raises `Refused`, naming the field that differs.
    """
    for name, value in wanted.items():
        given = getattr(receipt, name)
        if given != value and name == "rules_digest":
            words = "the receipt is for another rules_digest: other rules or limits"
            raise Refused(f"{words}; give the same --select, --ignore and profile, or check anew")
        if given != value:
            words = f"the receipt is for {name} {_shown(given)}, and {_shown(value)} is asked for"
            raise Refused(f"{words}; check anew, with the same options")
    roles = {file.role for file in receipt.files}
    for role in sorted(roles ^ paths.keys()):
        has, asked = ("a", "none") if role in roles else ("no", "one")
        what = f"{role} file" if role in (TRAIN, VALIDATION) else role
        raise Refused(f"the receipt has {has} {what}, and {asked} is given; check anew, with it")
    files = tuple(file._replace(path=paths[file.role]) for file in receipt.files)
    return receipt._replace(files=files)


def _shown(value: str | None) -> str:
    return "none" if value is None else repr(value)
