"""Endpoints for files, and their creation from forms, uploads and imports."""

from __future__ import annotations

import os
from typing import Any

from ftlint.emulator.service.bodies import Field, Stored, natural
from ftlint.emulator.service.records import File
from ftlint.emulator.service.scan import Content, scan
from ftlint.emulator.service.services import Refusal, Service
from ftlint.emulator.service.store import Answer, Call, Store, get, page

_PAGE_SIZE = 10_000
"""Default page size: openai-openapi 2.3.0."""
_EXPIRY_RANGE = (3_600, 2_592_000)
"""Range of `expires_after` in seconds: openai-openapi 2.3.0, FileExpirationAfter."""


def make(store: Store, call: Call, filename: str, purpose: str, stored: Stored) -> File:
    """Create a file of stored content. Raises `Refusal` for content that is refused at once."""
    content = scan(stored.path) if purpose == "fine-tune" else Content()
    if content.not_object and not call.service.azure:
        raise Refusal(400, content.broken, code="invalid_file_format", param="file")
    now = store.now()
    number = store.identify("file", stored.sha256, filename)
    file = File(f"file-{number}", call.service.account, filename, purpose, now)
    fill(file, stored, content, now)
    file.problem = call.fault.file_error or file.problem
    store.files[file.id] = file
    return file


def fill(file: File, stored: Stored, content: Content, now: float) -> None:
    """Set the content of a file and start its processing."""
    stored.kept = True
    file.path, file.size = stored.path, stored.size
    file.sha256, file.md5 = stored.sha256, stored.md5
    file.content, file.begun = content, now
    file.problem = content.broken


def to_json(store: Store, service: Service, file: File, state: str = "") -> dict[str, Any]:
    """Return the JSON of a file, in its present state unless one is given."""
    state = state or file.state(store.now(), store.settings.delay)
    data: dict[str, Any] = {
        "id": file.id,
        "object": "file",
        "bytes": file.size,
        "created_at": int(file.created),
        "filename": file.filename,
        "purpose": file.purpose,
        "status": service.file_status(state),
    }
    if file.expires is not None and not service.dated:
        data["expires_at"] = file.expires
    if state == "error":
        data["status_details"] = file.problem
    return data


def remove_expired(store: Store) -> None:
    """Remove the files that have expired."""
    now = store.now()
    for file in list(store.files.values()):
        if file.expires is not None and now >= file.expires:
            _drop(store, file)


def _drop(store: Store, file: File) -> None:
    del store.files[file.id]
    if file.path:
        os.remove(file.path)


def create(store: Store, call: Call) -> Answer:
    """Answer POST /files."""
    fields = {part.name: part for part in call.form}
    table = call.service.table
    for part in call.form:
        if part.name not in table["form"]:
            raise Refusal(400, f"Unknown form field {part.name!r}.", param=part.name)
    purpose = check_purpose(fields.get("purpose"), table["multipart_purposes"])
    given = fields.get("file")
    if given is None or given.stored is None or not given.filename:
        raise Refusal(400, "The form has no file with a name.", param="file")
    if call.service.azure and not given.content_type:
        raise Refusal(400, "The file has no or an empty content type specified.")
    expires = _expires_after(
        {
            name: fields[f"expires_after[{name}]"].value
            for name in ("anchor", "seconds")
            if f"expires_after[{name}]" in fields
        }
    )
    file = make(store, call, given.filename, purpose, given.stored)
    expire(file, expires)
    return _created(store, call, file)


def check_purpose(part: Field | None, allowed: list[str]) -> str:
    """Return the purpose of a form. Raises `Refusal` for a missing or unknown one."""
    if part is None or part.value not in allowed:
        got = "none" if part is None else repr(part.value)
        raise Refusal(400, f"purpose must be one of {allowed}, got {got}.", param="purpose")
    return part.value


def expire(file: File, seconds: int | None) -> None:
    """Set the lifetime of a file, None for no limit."""
    file.expires = None if seconds is None else int(file.created) + seconds


def expires_after(given: Any) -> int | None:
    """Return the seconds of `expires_after` in a JSON body. Raises `Refusal`."""
    if given is None:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("seconds"), int):
        raise Refusal(400, f"expires_after must have anchor and seconds, got {given!r}.")
    return _expires_after({**given, "seconds": str(given["seconds"])})


def _expires_after(given: dict[str, str]) -> int | None:
    if not given:
        return None
    text = given.get("seconds", "")
    if set(given) != {"anchor", "seconds"} or given["anchor"] != "created_at":
        raise Refusal(400, "expires_after must have the anchor created_at, and seconds.")
    seconds = natural(text)
    if seconds is None or not _EXPIRY_RANGE[0] <= seconds <= _EXPIRY_RANGE[1]:
        least, most = _EXPIRY_RANGE
        raise Refusal(400, f"expires_after.seconds must be {least} to {most}, got {text[:20]!r}.")
    return seconds


def _created(store: Store, call: Call, file: File) -> Answer:
    data = to_json(store, call.service, file, "pending")
    location = call.location(f"/files/{file.id}") if call.service.dated else ""
    return Answer(call.service.created, data, location=location)


def listing(store: Store, call: Call) -> Answer:
    """Answer GET /files, newest first; Azure has a single page unless `paging` is set."""
    service, query = call.service, call.query
    remove_expired(store)
    entries = [
        to_json(store, service, file)
        for file in reversed(store.files.values())
        if file.account == service.account and query.get("purpose", file.purpose) == file.purpose
    ]
    if service.azure and not store.settings.paging:
        return Answer(200, {"object": "list", "data": entries})
    if query.get("order", "desc") not in {"asc", "desc"}:
        raise Refusal(400, f"order must be asc or desc, got {query['order']!r}.", param="order")
    if query.get("order") == "asc":
        entries.reverse()
    part, more = page(entries, query, _PAGE_SIZE)
    data: dict[str, Any] = {"object": "list", "data": part, "has_more": more}
    data["first_id"] = part[0]["id"] if part else ""
    data["last_id"] = part[-1]["id"] if part else ""
    return Answer(200, data)


def retrieve(store: Store, call: Call) -> Answer:
    """Answer GET /files/ID."""
    remove_expired(store)
    return Answer(200, to_json(store, call.service, get(store.files, call, "file")))


def content(store: Store, call: Call) -> Answer:
    """Answer GET /files/ID/content."""
    remove_expired(store)
    file = get(store.files, call, "file")
    if not file.path:
        raise Refusal(400, f"The file {file.id} has no content yet.")
    return Answer(200, path=file.path)


def delete(store: Store, call: Call) -> Answer:
    """Answer DELETE /files/ID, also for a file that a job has used."""
    remove_expired(store)
    file = get(store.files, call, "file")
    _drop(store, file)
    return Answer(200, {"id": file.id, "object": "file", "deleted": True})
