"""Reachability of image URLs: static checks, and requests with `--check-urls`.

The number of requests is bounded, and each goes to an address that was resolved as public just
before, so that data cannot make ftlint send requests into a private network.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, parse_qs, quote, urljoin, urlsplit

from ftlint.version import __version__

if TYPE_CHECKING:
    from http.client import HTTPResponse

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]+:"
_BARE = ("iVBORw0KGgo", "/9j/", "UklGR", "R0lGOD")
"""Prefixes of PNG, JPEG, WebP and GIF in base64."""

_PRIVATE_NAMES = frozenset({"localhost", "local", "internal", "test", "invalid"})
"""Reserved top-level domains: RFC 6761, RFC 6762, and ICANN's of 2024."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv6 addresses that networks without IPv4 give to IPv4 hosts (RFC 6052)."""

_UNICAST = IPv6Network("2000::/3")
"""All IPv6 addresses that are given out; not site-local or IPv4-compatible ones, for example."""

_RESERVED = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("3fff::/20"),
)
"""Ranges that are not public either (IANA's registries), which Python 3.11 does not know."""

_MAXIMUM_REDIRECTS = 5
_PRINTABLE = "!#$%&'()*+,/:;=?@[]~"
_RETRIED = frozenset({400, 401, 403, 405, 501})
"""Statuses of HEAD to retry with GET; a signed URL is signed for one method."""


class Fault(NamedTuple):
    """The reason why a URL is unreachable: case of the rule, predicate of the message, remedy."""

    case: str
    words: str
    help: str | None = None


def is_web(url: str) -> bool:
    """Return whether a URL has the scheme http or https."""
    return url[:8].lower().startswith(("http://", "https://"))


def fault(url: str, today: date) -> Fault | None:
    """Return why a URL is unreachable from the internet, None if it may be reachable."""
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
    """Return whether a host name or address is private or reserved."""
    try:
        return not is_public(ip_address(host))
    except ValueError:
        labels = host.rstrip(".").split(".")
        return len(labels) == 1 or labels[-1] in _PRIVATE_NAMES


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is public; one that embeds an IPv4 address leads to that."""
    if isinstance(address, IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            embedded = IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(embedded)
        if address not in _UNICAST:
            return False
    reserved = any(address.version == net.version and address in net for net in _RESERVED)
    return address.is_global and not (address.is_multicast or reserved)


def _expired(parts: SplitResult, today: date) -> str:
    """Return the date (ISO) of an expired Azure shared access signature, empty if not expired."""
    if "sig=" not in parts.query or "se=" not in parts.query:
        return ""
    expiry = parse_qs(parts.query).get("se", [""])[0][:10]
    try:
        return expiry if date.fromisoformat(expiry) < today else ""
    except ValueError:
        return ""


class Failure(NamedTuple):
    """The reason why a URL failed; `silent` if there was no response at all."""

    words: str
    silent: bool = False


class _RefusedError(Exception):
    """A request to an address that is not public."""


def attempt(
    urls: Iterable[str],
    *,
    seconds: float,
    at_once: int,
    deadline: float,
    loopback: bool = False,
) -> Mapping[str, Failure | None]:
    """Request http(s) URLs; return the failure of each, None for a success.

    `seconds` is the timeout of a response, `at_once` the maximum of concurrent requests,
    `deadline` the timeout of all of them in seconds; URLs not reached by then are left out. With
    `loopback`, loopback addresses count as public, for tests.
    """
    from queue import Empty, SimpleQueue  # noqa: PLC0415 - for --check-urls alone

    todo: SimpleQueue[str] = SimpleQueue()
    ordered = list(urls)
    for url in ordered:
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

    # Daemon threads, since a hanging DNS lookup cannot be cancelled.
    workers = [
        threading.Thread(target=work, daemon=True) for _ in range(min(at_once, len(ordered)))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(max(ends - time.monotonic(), 0))
    return {url: done[url] for url in ordered if url in done}


def _try(url: str, seconds: float, *, loopback: bool) -> Failure | None:
    """Follow a URL and its redirects, each of which must be public too."""
    from http.client import HTTPException  # noqa: PLC0415 - as in `_request`

    try:
        for _ in range(_MAXIMUM_REDIRECTS):
            response = _request(url, "HEAD", seconds, loopback=loopback)
            if response.status in _RETRIED:
                response = _request(url, "GET", seconds, loopback=loopback)
            location = response.getheader("Location")
            if not location or not 300 <= response.status < 400:
                return _check_response(response)
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
    return Failure(f"it redirects more than {_MAXIMUM_REDIRECTS} times")


def _check_response(response: HTTPResponse) -> Failure | None:
    if not 200 <= response.status < 300:
        return Failure(f"HTTP {response.status}")
    if response.getheader("Content-Type", "").lower().startswith("text/html"):
        return Failure("a page answers (text/html), not an image")
    return None


def _reason(error: OSError) -> str:
    import socket  # noqa: PLC0415 - as in `_request`
    import ssl  # noqa: PLC0415 - as in `_request`

    if isinstance(error, socket.gaierror):
        return "its host is not known"
    if isinstance(error, ssl.SSLError):
        return "no secure connection can be made to it"
    return (error.strerror or "the connection failed").lower()


def _request(url: str, method: str, seconds: float, *, loopback: bool) -> HTTPResponse:
    """Send a request to a public address, and return the response without reading its body."""
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
    headers = {
        "User-Agent": f"ftlint/{__version__}",
        "Accept": "image/*",
        "Accept-Encoding": "identity",
    }
    with closing((HTTPSConnection if secure else HTTPConnection)(host, port)) as connection:
        connection.sock = socket.create_connection((address, port), timeout=seconds)
        if secure:
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        connection.request(method, target, headers=headers)
        return connection.getresponse()


def _address(host: str, port: int, *, loopback: bool) -> str:
    """Resolve a host. Raises `_RefusedError` if any of its addresses is not public."""
    import socket  # noqa: PLC0415 - as in `_request`

    addresses = [
        str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ]
    for text in addresses:
        address = ip_address(text.partition("%")[0])
        if not (is_public(address) or (loopback and address.is_loopback)):
            raise _RefusedError("it leads to an address that is not public")
    return addresses[0]
