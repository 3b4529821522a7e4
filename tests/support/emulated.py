"""What the tests of the emulator share: data, a clock, clients, and plain requests."""

from __future__ import annotations

import http.client
import io
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ftlint.emulator import Emulator, Fault, Settings

if TYPE_CHECKING:
    from openai import OpenAI

ROW = b'{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}\n'
DATA = ROW * 50
PAIR = (
    b'{"input":{"messages":[{"role":"user","content":"q"}]},'
    b'"preferred_output":[{"role":"assistant","content":"a"}],'
    b'"non_preferred_output":[{"role":"assistant","content":"b"}]}\n'
)
MODEL = "gpt-4.1-2025-04-14"
KEY = "k-planted-1234567890"
SERVICES = ("azure", "azure-v1", "openai")
PREFIX = {"azure": "/openai", "azure-v1": "/openai/v1", "openai": "/v1"}
VERSION = "2024-10-21"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@contextmanager
def running(*faults: str, delay: float = 0, **more: Any) -> Iterator[Emulator]:
    """Run an emulator with faults; time stands still, unless a clock is given."""
    more = {"clock": Clock(), "key": "", **more}
    settings = Settings(delay=delay, faults=[Fault.parse(text) for text in faults], **more)
    with Emulator(settings) as emulator:
        yield emulator


@contextmanager
def client(emulator: Emulator, service: str = "azure", key: str = KEY) -> Iterator[OpenAI]:
    """Open the official client of a service; it tries nothing twice."""
    from openai import AzureOpenAI, OpenAI  # noqa: PLC0415 - half a second, for these tests only

    if service == "azure":
        opened: OpenAI = AzureOpenAI(
            azure_endpoint=emulator.address, api_version=VERSION, api_key=key, max_retries=0
        )
    else:
        base = f"{emulator.address}{PREFIX[service]}"
        opened = OpenAI(base_url=base, api_key=key, max_retries=0)
    with opened:
        yield opened


def send(opened: OpenAI, data: bytes = DATA, name: str = "train.jsonl") -> str:
    """Send a file; return its id."""
    file = (name, io.BytesIO(data), "application/jsonl")
    return opened.files.create(file=file, purpose="fine-tune").id


@dataclass(frozen=True)
class Got:
    """What was answered; names of headers are in lower case."""

    status: int
    data: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def error(self) -> dict[str, Any]:
        """The error that the body holds."""
        found: dict[str, Any] = self.data["error"]
        return found


def ask(
    emulator: Emulator,
    method: str,
    path: str,
    body: Any = None,
    *,
    service: str = "azure",
    headers: Mapping[str, str] | None = None,
) -> Got:
    """Send one request as it stands; a dict is sent as JSON. Raises `OSError` where it is cut."""
    if service == "azure" and "api-version" not in path:
        path += f"{'&' if '?' in path else '?'}api-version={VERSION}"
    sent = {"Authorization": f"Bearer {KEY}", **(headers or {})}
    if isinstance(body, dict):
        body = json.dumps(body)
        sent = {"Content-Type": "application/json", **sent}
    connection = http.client.HTTPConnection(urlsplit(emulator.address).netloc, timeout=30)
    try:
        connection.request(method, f"{PREFIX[service]}{path}", body, sent)
        answer = connection.getresponse()
        text = answer.read()
        found = {name.lower(): value for name, value in answer.getheaders()}
    except http.client.HTTPException as error:
        raise ConnectionError from error
    finally:
        connection.close()
    kind = found.get("content-type", "")
    return Got(answer.status, json.loads(text) if "json" in kind else text, found)


def form(*parts: tuple[str, bytes]) -> tuple[bytes, dict[str, str]]:
    """Return the body of a form and its headers; a part is its headers' rest, and its bytes."""
    mark = uuid.UUID(int=7).hex
    text = b"".join(
        f"--{mark}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + data + b"\r\n"
        for head, data in parts
    )
    return text + f"--{mark}--\r\n".encode(), {
        "Content-Type": f"multipart/form-data; boundary={mark}"
    }


FILE_PART = ('name="file"; filename="train.jsonl"\r\nContent-Type: application/jsonl', DATA)
PURPOSE_PART = ('name="purpose"', b"fine-tune")


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread does; fail after half a minute."""
    for _ in range(3000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come")
