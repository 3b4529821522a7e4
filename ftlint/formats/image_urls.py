"""URLs of images: which cannot be reached from the internet as they stand, and trying the rest.

Trying is asked for by `--check-urls`: a bounded number of requests, each to an address that was
found to be public just before, so that data cannot make the machine that checks it call on its
own network.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, parse_qs, quote, urljoin, urlsplit

from ftlint.version import __version__

if TYPE_CHECKING:
    from http.client import HTTPResponse

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]+:"
_BARE = ("iVBORw0KGgo", "/9j/", "UklGR", "R0lGOD")
"""How base64 of PNG, JPEG, WebP and GIF begins."""

_PRIVATE_NAMES = frozenset({"localhost", "local", "internal", "test", "invalid"})
"""Top-level names that are reserved: RFC 6761, RFC 6762, and ICANN's of 2024."""

_HOPS = 5
_PRINTABLE = "!#$%&'()*+,/:;=?@[]~"
_RETRIED = frozenset({400, 401, 403, 405, 501})
"""Answers to HEAD where GET may do better: a signed URL is signed for one method."""


class Fault(NamedTuple):
    """Why a URL cannot be reached: the case of the rule, what is said, and what may help."""

    case: str
    words: str
    help: str | None = None


def is_web(url: str) -> bool:
    """Tell whether a URL is one of http or https."""
    return url[:8].lower().startswith(("http://", "https://"))


def fault(url: str, today: date) -> Fault | None:
    """Say why a URL cannot be reached from the internet, None if it may be."""
    if not is_web(url):
        return _not_web(url)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return Fault("", "is not a valid URL")
    if not host:
        return Fault("", "names no host")
    if _is_private(host):
        return Fault("private", f"leads to {host[:40]}, which only a private network knows")
    expired = _expired(parts, today)
    if expired:
        return Fault("expired", f"has a signature that expired on {expired}", "sign it anew")
    return None


def _not_web(url: str) -> Fault:
    if not url.strip():
        return Fault("", "is empty")
    if url.startswith(_BARE):
        return Fault("", "is bare base64", 'write "data:image/png;base64," (or jpeg, webp) before')
    scheme = re.match(_SCHEME, url)
    if scheme is None:
        return Fault("", "is a path, not a URL", "upload the file, or write it as a data URI")
    return Fault("", f"has the scheme {scheme[0][:-1].lower()[:20]}, expected http, https or data")


def _is_private(host: str) -> bool:
    """Tell whether a host, by its name or number, is none of the internet."""
    try:
        return not is_public(ip_address(host))
    except ValueError:
        labels = host.rstrip(".").split(".")
        return len(labels) == 1 or labels[-1] in _PRIVATE_NAMES


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is one of the internet."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast


def _expired(parts: SplitResult, today: date) -> str:
    """Return the day (ISO) on which a shared access signature of Azure has expired, or ""."""
    if "sig=" not in parts.query or "se=" not in parts.query:
        return ""
    said = parse_qs(parts.query).get("se", [""])[0][:10]
    try:
        return said if date.fromisoformat(said) < today else ""
    except ValueError:
        return ""


class Failure(NamedTuple):
    """A URL that did not answer well: why, and whether nothing answered at all."""

    words: str
    silent: bool = False


class _RefusedError(Exception):
    """A request that must not be made."""


def attempt(
    urls: Iterable[str],
    *,
    seconds: float,
    at_once: int,
    deadline: float,
    loopback: bool = False,
) -> Mapping[str, Failure | None]:
    """Try http(s) URLs; return what each came to, None where it answers.

    `seconds` is the longest wait for one answer, `at_once` the number of requests under way,
    `deadline` the seconds for all of them; what was not reached by then is left out. With
    `loopback`, addresses of this machine count as public: that is for tests.
    """
    from queue import Empty, SimpleQueue  # noqa: PLC0415 - for --check-urls alone

    todo: SimpleQueue[str] = SimpleQueue()
    known = list(urls)
    for url in known:
        todo.put(url)
    done: dict[str, Failure | None] = {}
    ends = time.monotonic() + deadline

    def work() -> None:
        while time.monotonic() < ends:
            try:
                url = todo.get_nowait()
            except Empty:
                return
            done[url] = _try(url, seconds, loopback=loopback)

    # Daemons, for nothing can end a look-up of a name that hangs.
    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(at_once, len(known)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(max(ends - time.monotonic(), 0))
    return {url: done[url] for url in known if url in done}


def _try(url: str, seconds: float, *, loopback: bool) -> Failure | None:
    """Follow a URL to its answer; each redirect is held to the same rules."""
    from http.client import HTTPException  # noqa: PLC0415 - as in `_ask`

    try:
        for _ in range(_HOPS):
            response = _ask(url, "HEAD", seconds, loopback=loopback)
            if response.status in _RETRIED:
                response = _ask(url, "GET", seconds, loopback=loopback)
            location = response.getheader("Location")
            if not location or not 300 <= response.status < 400:
                return _judged(response)
            url = urljoin(url, location)
            if not is_web(url):
                return Failure("it redirects to what is no URL of the web")
    except _RefusedError as error:
        return Failure(str(error))
    except TimeoutError:
        return Failure(f"no answer in {seconds:g} s", silent=True)
    except OSError as error:
        return Failure(_reason(error), silent=True)
    except (HTTPException, ValueError):
        return Failure("the answer is not HTTP")
    return Failure(f"it redirects more than {_HOPS} times")


def _judged(response: HTTPResponse) -> Failure | None:
    if not 200 <= response.status < 300:
        return Failure(f"HTTP {response.status}")
    if response.getheader("Content-Type", "").lower().startswith("text/html"):
        return Failure("a page answers (text/html), not an image")
    return None


def _reason(error: OSError) -> str:
    import socket  # noqa: PLC0415 - as in `_ask`
    import ssl  # noqa: PLC0415 - as in `_ask`

    if isinstance(error, socket.gaierror):
        return "its host is not known"
    if isinstance(error, ssl.SSLError):
        return "no secure connection can be made to it"
    return (error.strerror or "the connection failed").lower()


def _ask(url: str, method: str, seconds: float, *, loopback: bool) -> HTTPResponse:
    """Send one request, to an address that was found to be public; read no body."""
    import socket  # noqa: PLC0415 - 20 ms with ssl, for --check-urls alone
    import ssl  # noqa: PLC0415 - as above
    from http.client import HTTPConnection, HTTPSConnection  # noqa: PLC0415 - as above

    parts = urlsplit(url)
    secure = parts.scheme.lower() == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    address = _address(host, port, loopback=loopback)
    target = quote(parts.path or "/", safe=_PRINTABLE)
    if parts.query:
        target += f"?{quote(parts.query, safe=_PRINTABLE)}"
    headers = {"User-Agent": f"ftlint/{__version__}", "Accept": "image/*"}
    with closing((HTTPSConnection if secure else HTTPConnection)(host, port)) as connection:
        connection.sock = socket.create_connection((address, port), timeout=seconds)
        if secure:
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        connection.request(method, target, headers=headers)
        return connection.getresponse()


def _address(host: str, port: int, *, loopback: bool) -> str:
    """Look a host up. Raises `_RefusedError` when any of its addresses is not public."""
    import socket  # noqa: PLC0415 - as in `_ask`

    addresses = [
        str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ]
    for text in addresses:
        address = ip_address(text.partition("%")[0])
        if not (is_public(address) or (loopback and address.is_loopback)):
            raise _RefusedError("it leads to an address that is not public")
    return addresses[0]
