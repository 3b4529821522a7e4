"""Client of the Files, Uploads, Import and Fine-tuning API; answers are plain JSON data.

The SDK only builds and signs requests. Its retries are off (they repeat a POST whose work was
done), redirects are not followed, and its paging is not used (it never ends where a service does
not mark the last page).
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from ftlint.core.errors import Rejected
from ftlint.training.log import ProgressLog
from ftlint.training.providers.errors import failure_of
from ftlint.training.providers.retry import with_retries
from ftlint.training.service_ids import in_path

if TYPE_CHECKING:
    from openai import OpenAI

Data = dict[str, Any]

CONTENT_TYPE = "application/octet-stream"
"""Content type of files: Azure refuses none ("The file has no or an empty content type")."""

PAGE = 100
"""Page size of jobs, events and checkpoints, the maximum of OpenAI."""

_PAGES = 1000
"""Maximum pages of a list, against services that never end one."""


class Api:
    """The client of one `host`, as in "name.openai.azure.com", and `version` of its API.

    `log` gets requests as `debug` and retries as `info`. Methods raise
    `ftlint.core.errors.Failure`. Transient failures are retried, except where that could do the
    work twice: `create_file`, `complete_upload`, `import_file` and `create_job` raise
    `ftlint.training.providers.retry.Again`.
    """

    def __init__(
        self,
        sdk: OpenAI,
        name: str,
        host: str,
        version: str,
        log: ProgressLog,
    ) -> None:
        self._sdk = sdk
        self.name = name
        self.host = host
        self.version = version
        self.log = log

    def close(self) -> None:
        """Close the connections."""
        self._sdk.close()

    def files(self) -> Iterator[Data]:
        """Yield the files for fine-tuning."""
        yield from self._pages("/files", {"purpose": "fine-tune"})

    def file(self, name: str) -> Data | None:
        """Return a file by its id, None where there is none."""
        return self._get(f"/files/{self._id(name)}")

    def create_file(self, stream: io.IOBase, filename: str, fields: Mapping[str, Any]) -> Data:
        """Send a file in one request, streamed. Not retried."""
        part = ("file", (filename, stream, CONTENT_TYPE))
        return self._make("/files", body=dict(fields), files=[part])

    def content(self, name: str) -> bytes:
        """Return the content of a small file, such as results."""
        return with_retries(lambda: b"".join(self.stream(name)), self.log.info)

    def stream(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file in blocks. Raises `ftlint.training.providers.retry.Again`."""
        streamed = self._sdk.files.with_streaming_response.content(self._id(name))
        with failure_of("get", f"/files/{name}/content", self.host), streamed as answer:
            yield from answer.iter_bytes(1 << 20)

    def begin_upload(self, filename: str, size: int, purpose: str) -> Data:
        """Start an upload in parts; `size` is in bytes."""
        body = {
            "filename": filename,
            "purpose": purpose,
            "bytes": size,
            "mime_type": CONTENT_TYPE,
        }
        return with_retries(lambda: self._make("/uploads", body=body), self.log.info)

    def add_part(self, upload: str, data: bytes) -> Data:
        """Send a part. Duplicates do no harm: the completion names the parts that count."""
        path = f"/uploads/{self._id(upload)}/parts"
        part = ("data", ("part", data, CONTENT_TYPE))
        return with_retries(lambda: self._make(path, files=[part]), self.log.info)

    def complete_upload(self, upload: str, parts: list[str], md5: str) -> Data:
        """Complete an upload, which creates the file. Not retried: see `resumable`."""
        body = {"part_ids": parts, "md5": md5}
        return self._send("post", f"/uploads/{self._id(upload)}/complete", body=body)

    def cancel_upload(self, upload: str) -> None:
        """Discard an upload."""
        self._ask("post", f"/uploads/{self._id(upload)}/cancel")

    def import_file(self, url: str, filename: str, purpose: str) -> Data:
        """Let the service fetch a file from a URL. Not retried."""
        body = {"content_url": url, "filename": filename, "purpose": purpose}
        return self._make("/files/import", body=body)

    def create_job(self, body: Mapping[str, Any]) -> Data:
        """Start a job. Not retried: a second job would be billed, too."""
        return self._make("/fine_tuning/jobs", body=dict(body))

    def jobs(self) -> Iterator[Data]:
        """Yield the jobs, latest first."""
        yield from self._pages("/fine_tuning/jobs", {"limit": PAGE})

    def job(self, name: str) -> Data | None:
        """Return a job by its id, None where there is none."""
        return self._get(f"/fine_tuning/jobs/{self._id(name)}")

    def events(self, job: str) -> Iterator[Data]:
        """Yield the events of a job, latest first."""
        yield from self._pages(f"/fine_tuning/jobs/{self._id(job)}/events", {"limit": PAGE})

    def checkpoints(self, job: str) -> Iterator[Data]:
        """Yield the checkpoints of a job, latest first."""
        yield from self._pages(f"/fine_tuning/jobs/{self._id(job)}/checkpoints", {"limit": PAGE})

    def act(self, job: str, action: str) -> Data:
        """Cancel, pause or resume a job; this is idempotent."""
        return self._ask("post", f"/fine_tuning/jobs/{self._id(job)}/{action}")

    def _id(self, name: str) -> str:
        return in_path(name, self.host)

    def _get(self, path: str) -> Data | None:
        try:
            return self._ask("get", path)
        except Rejected as refused:
            if refused.status == 404:
                return None
            raise

    def _pages(self, path: str, query: Mapping[str, Any]) -> Iterator[Data]:
        """Yield the entries of a list, each once; a page without new entries ends it."""
        seen: set[str] = set()
        after: dict[str, str] = {}
        for _ in range(_PAGES):
            page = self._ask("get", path, query={**query, **after})
            entries = page.get("data", ()) or []
            if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
                words = f"GET {path}: the answer of {self.host} is not a list"
                raise Rejected(f"{words}; check the endpoint")
            fresh = {_key(entry): entry for entry in entries if _key(entry) not in seen}
            yield from fresh.values()
            names = [entry["id"] for entry in fresh.values() if isinstance(entry.get("id"), str)]
            if not names or not page.get("has_more"):
                return
            seen.update(fresh)
            after = {"after": names[-1]}

    def _ask(
        self,
        verb: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Data:
        return with_retries(lambda: self._send(verb, path, body=body, query=query), self.log.info)

    def _make(self, path: str, **request: Any) -> Data:
        """Create a resource. Raises `Rejected` with status 0 for an answer without a valid id."""
        answer = self._send("post", path, **request)
        if not isinstance(answer.get("id"), str):
            raise Rejected(f"POST {path}: {self.host} answers without an id; it may be created")
        in_path(answer["id"], self.host)
        return answer

    def _send(self, verb: str, path: str, **request: Any) -> Data:
        answer = self._raw(verb, path, **request)
        if not isinstance(answer, dict):
            words = f"{verb.upper()} {path}: the answer of {self.host} is not a JSON object"
            raise Rejected(f"{words}; check the endpoint")
        return answer

    def _raw(
        self,
        verb: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        files: list[Any] | None = None,
    ) -> object:
        from httpx2 import Response  # noqa: PLC0415 - comes with the SDK, an extra

        options: Any = {"params": dict(query)} if query else {}
        if files:
            options["headers"] = {"Content-Type": "multipart/form-data"}
        with failure_of(verb, path, self.host):
            if verb == "get":
                answer = self._sdk.get(path, cast_to=Response, options=options)
            else:
                answer = self._sdk.post(
                    path, cast_to=Response, body=body, files=files, options=options
                )
            data = _read(answer.content)
        self.log.debug(f"{verb.upper()} {path}: done")
        return data


def _read(content: bytes) -> object:
    """Parse an answer. Raises `ValueError` for invalid JSON.

    NaN, which a loss may be, becomes null; strings that are not valid Unicode are refused.
    """
    if not content:
        return None
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            data = json.loads(content, parse_constant=lambda _: None)
            return orjson.loads(orjson.dumps(data))
        except (RecursionError, TypeError) as error:
            raise ValueError("too deep, or invalid Unicode") from error


def _key(entry: Data) -> str:
    """Return the identity of a list entry: its id, or its content without one."""
    name = entry.get("id")
    return name if isinstance(name, str) else repr(entry)
