"""Endpoints for uploads in parts."""

from __future__ import annotations

from typing import Any

from ftlint.emulator.service.bodies import Sink, Stored
from ftlint.emulator.service.files import expire, expires_after, make
from ftlint.emulator.service.files import to_json as file_json
from ftlint.emulator.service.records import Upload
from ftlint.emulator.service.services import Refusal, Service
from ftlint.emulator.service.store import Answer, Call, Store, get

_BLOCK = 1 << 20


def create(store: Store, call: Call) -> Answer:
    """Answer POST /uploads."""
    body, table = call.body, call.service.table
    for key in body:
        if key not in table["upload_keys"]:
            raise Refusal(400, f"Unknown key {key!r}.", param=key)
    for key in ("filename", "mime_type"):
        if not isinstance(body.get(key), str) or not body[key]:
            raise Refusal(400, f"{key} must be a string that is not empty.", param=key)
    if body.get("purpose") not in table["purposes"]:
        got, known = body.get("purpose"), table["purposes"]
        raise Refusal(400, f"purpose must be one of {known}, got {got!r}.", param="purpose")
    size, most = body.get("bytes"), table["upload_bytes"]
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= most:
        raise Refusal(400, f"bytes must be 1 to {most}, got {size!r}.", param="bytes")
    now = store.now()
    upload = Upload(
        id=f"upload_{store.identify('upload', body['filename'], size)}",
        account=call.service.account,
        filename=body["filename"],
        purpose=body["purpose"],
        size=size,
        created=now,
        expires=now + table["upload_seconds"],
        dies_after=call.fault.expire,
        lives=expires_after(body.get("expires_after")),
    )
    store.uploads[upload.id] = upload
    location = call.location(f"/uploads/{upload.id}") if call.service.dated else ""
    return Answer(200, _to_json(store, call.service, upload), location=location)


def add_part(store: Store, call: Call) -> Answer:
    """Answer POST /uploads/ID/parts."""
    upload = _pending(store, call)
    data = next((part for part in call.form if part.name == "data"), None)
    if len(call.form) != 1 or data is None or data.stored is None:
        raise Refusal(400, "The form must have one file, named data.", param="data")
    most = call.service.table["part_bytes"]
    if not 1 <= data.size <= most:
        raise Refusal(400, f"A part must have 1 to {most} bytes, got {data.size}.", param="data")
    number = store.identify("part", upload.id, data.stored.sha256)
    data.stored.kept = True
    upload.parts[f"part_{number}"] = data.stored
    answer: dict[str, Any] = {
        "id": f"part_{number}",
        "object": "upload.part",
        "created_at": int(store.now()),
        "upload_id": upload.id,
    }
    if call.service.azure:
        answer["azure_block_id"] = number
    return Answer(200, answer)


def complete(store: Store, call: Call) -> Answer:
    """Answer POST /uploads/ID/complete: join the named parts, in that order, to a file."""
    upload = _pending(store, call)
    for key in call.body:
        if key not in {"part_ids", "md5"}:
            raise Refusal(400, f"Unknown key {key!r}.", param=key)
    ids, md5 = call.body.get("part_ids"), call.body.get("md5")
    if not isinstance(ids, list) or not all(isinstance(name, str) for name in ids):
        raise Refusal(400, "part_ids must be a list of ids.", param="part_ids")
    if md5 is not None and not isinstance(md5, str):
        raise Refusal(400, f"md5 must be a string, got {md5!r}.", param="md5")
    if unknown := [name for name in ids if name not in upload.parts]:
        raise Refusal(400, f"The upload has no part {unknown[0]!r}.", param="part_ids")
    if len(set(ids)) < len(ids):
        raise Refusal(400, "part_ids names a part twice.", param="part_ids")
    size = sum(upload.parts[name].size for name in ids)
    if size != upload.size:
        message = f"The parts have {size} bytes, but the upload was announced with {upload.size}."
        raise Refusal(400, message, param="part_ids")
    stored = _join([upload.parts[name] for name in ids], store.folder)
    try:
        if md5 is not None and md5.lower() != stored.md5:
            raise Refusal(400, "The md5 of the parts is not the one given.", param="md5")
        upload.file = make(store, call, upload.filename, upload.purpose, stored)
    finally:
        stored.drop()
    expire(upload.file, upload.lives)
    _end(upload, "completed")
    return Answer(200, _to_json(store, call.service, upload))


def cancel(store: Store, call: Call) -> Answer:
    """Answer POST /uploads/ID/cancel."""
    upload = _pending(store, call)
    _end(upload, "cancelled")
    return Answer(200, _to_json(store, call.service, upload))


def _pending(store: Store, call: Call) -> Upload:
    """Return the upload of the path. Raises `Refusal` where it is no longer pending."""
    upload = get(store.uploads, call, "upload")
    if upload.status == "pending" and (
        store.now() >= upload.expires
        or (upload.dies_after is not None and len(upload.parts) >= upload.dies_after)
    ):
        _end(upload, "expired")
    if upload.status != "pending":
        message = f"The upload {upload.id} is {upload.status}, not pending."
        raise Refusal(400, message, code="unexpectedEntityState" if call.service.azure else "")
    return upload


def _join(parts: list[Stored], folder: str) -> Stored:
    sink = Sink(folder)
    for part in parts:
        with open(part.path, "rb") as file:
            while block := file.read(_BLOCK):
                sink.write(block)
    return sink.close()


def _end(upload: Upload, status: str) -> None:
    """Set the final status of an upload and remove its parts."""
    upload.status = status
    for part in upload.parts.values():
        part.kept = False
        part.drop()


def _to_json(store: Store, service: Service, upload: Upload) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": upload.id,
        "object": "upload",
        "bytes": upload.size,
        "created_at": int(upload.created),
        "filename": upload.filename,
        "purpose": upload.purpose,
        "status": upload.status,
        "expires_at": int(upload.expires),
    }
    if upload.file:
        data["file"] = file_json(store, service, upload.file)
    return data
