"""Addresses and keys of services; an address that would expose the key is refused."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from ftlint.core.errors import FtlintError, Unauthorized
from ftlint.core.redact import secret

CONNECT, ANSWER = 10.0, 120.0
"""Timeouts in seconds: to connect, and to send or receive the next bytes."""

_UNFIT = re.compile(r"[^\w.:-]")
"""A character that no host name has."""


class Endpoint(NamedTuple):
    """The address of a service: `base` is its URL without the API path, `host` the name to show.

    `tail` is the removed API path.
    """

    base: str
    host: str
    tail: str = ""


def read_endpoint(url: str, variable: str, tails: tuple[str, ...]) -> Endpoint:
    """Parse the address of a service without the API paths in `tails`.

    `variable` is the environment variable that may hold it. Raises `FtlintError`.
    """
    plain = "://" in url and not set("@?#") & set(url)  # else it may be a misplaced key
    where = f"endpoint {url!r}" if plain else f"the endpoint in {variable}"
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        name = parts.hostname or ""
        valid = not _UNFIT.search(name) and (":" in name or bool(name.encode("idna")))
    except ValueError as error:
        raise FtlintError(f"{where} is not a URL: {error}; set {variable}") from None
    if parts.scheme not in ("https", "http") or not valid:
        raise FtlintError(f"{where} is not a service URL; write https://NAME in {variable}")
    if parts.username is not None or parts.query or parts.fragment:
        words = "has credentials, a query or a fragment"
        raise FtlintError(f"the endpoint in {variable} {words}; give scheme, host and path only")
    if parts.scheme == "http" and not is_loopback(name):
        raise FtlintError(f"{where} is not encrypted and would expose the key; use https")
    path = whole = parts.path.rstrip("/")
    for tail in tails:
        path = path.removesuffix(tail)
    if tails and f"{tails[-1]}/" in f"{path}/":
        words = f"{where} continues after {tails[-1]}"
        raise FtlintError(f"{words}; end it before that, as in {parts.scheme}://{parts.netloc}")
    host = f"[{name}]" if ":" in name else name
    host = host if port is None else f"{host}:{port}"
    base = f"{parts.scheme}://{parts.netloc}{path}"
    return Endpoint(base, host, whole.removeprefix(path))


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proxies() -> list[str]:
    """Return the variables of the environment that name a proxy."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return [name for each in names for name in (each, each.lower()) if os.environ.get(name)]


def key_of(*variables: str) -> str | None:
    """Return the first key in the environment, None without one; register it for redaction.

    Raises `Unauthorized` for one that is invalid in a header.
    """
    for variable in variables:
        value = os.environ.get(variable, "")
        key = value.strip()
        if key:
            secret(key)
            if not (key.isascii() and key.isprintable()):
                words = "holds characters that no key has; set it again"
                raise Unauthorized(f"{variable} {words}")
            return key
    return None
