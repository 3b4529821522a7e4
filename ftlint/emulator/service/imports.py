"""Endpoint for the import of a file from a URL."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

from ftlint.emulator.service.bodies import Sink
from ftlint.emulator.service.files import fill, to_json
from ftlint.emulator.service.records import File
from ftlint.emulator.service.scan import Content, scan
from ftlint.emulator.service.services import Refusal
from ftlint.emulator.service.store import Answer, Call, Store

_TIMEOUT = 60
_BLOCK = 1 << 20
"""Seconds of the timeout, bytes of a block."""


def create(store: Store, call: Call) -> Answer:
    """Answer POST /files/import: the file is pending until it is fetched."""
    body, purposes = call.body, call.service.table["purposes"]
    for key in body:
        if key not in {"purpose", "filename", "content_url"}:
            raise Refusal(400, f"Unknown key {key!r}.", param=key)
    for key in ("purpose", "filename", "content_url"):
        if not isinstance(body.get(key), str) or not body[key]:
            raise Refusal(400, f"{key} must be a string that is not empty.", param=key)
    if body["purpose"] not in purposes:
        got = body["purpose"]
        raise Refusal(400, f"purpose must be one of {purposes}, got {got!r}.", param="purpose")
    if urlsplit(body["content_url"]).scheme not in {"http", "https"}:
        raise Refusal(400, "content_url must be an address with http or https.")
    number = store.identify("import", body["filename"], body["content_url"])
    file = File(
        f"file-{number}", call.service.account, body["filename"], body["purpose"], store.now()
    )
    store.files[file.id] = file
    fetch = (store, file, body["content_url"], call.fault.file_error)
    thread = threading.Thread(target=_fetch, args=fetch, daemon=True)
    store.threads.append(thread)
    thread.start()
    data = to_json(store, call.service, file, "pending")
    return Answer(201, data, location=call.location(f"/files/{file.id}"))


def _fetch(store: Store, file: File, address: str, problem: str) -> None:
    """Fetch a file; a failure becomes its status, without the address, which may hold a secret."""
    sink = Sink(store.folder)
    why = ""
    try:
        for block in _blocks(address):
            sink.write(block)
            if store.closing.is_set():
                break
    except urllib.error.HTTPError as error:
        why = f"the server of content_url answered {error.code}"
        error.close()
    except (OSError, ValueError) as error:
        why = f"content_url cannot be fetched ({type(error).__name__})"
    stored = sink.close()
    good = not why and file.purpose == "fine-tune"
    content = scan(stored.path) if good else Content()
    with store.lock:
        if file.id not in store.files:  # it was deleted meanwhile
            stored.drop()
            return
        if why:
            stored.drop()
            file.begun, file.problem = store.now(), f"The file import failed: {why}."
        else:
            fill(file, stored, content, store.now())
        file.problem = problem or file.problem


def _blocks(address: str) -> Iterator[bytes]:
    """Yield the content at an address. Raises `OSError` where it cannot be fetched or is cut."""
    request = urllib.request.Request(address)  # noqa: S310 - http and https only, as checked
    with closing(urllib.request.urlopen(request, timeout=_TIMEOUT)) as answer:  # noqa: S310 - as above
        left = int(answer.headers.get("Content-Length") or -1)
        while block := answer.read(_BLOCK):
            left -= len(block)
            yield block
        if left > 0:
            raise ConnectionError
