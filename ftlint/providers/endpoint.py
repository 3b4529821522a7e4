"""Addresses of services: read, and refused where a key would travel in the clear."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from ftlint.failures import Unauthorized
from ftlint.model import FtlintError
from ftlint.redact import secret

CONNECT, ANSWER = 10.0, 120.0
"""Seconds to wait for a connection, and for the next bytes of an answer or of room to send."""

_UNFIT = re.compile(r"[^\w.:-]")
"""What no name of a host holds."""


class Endpoint(NamedTuple):
    """Where a service is: `base` as a URL without a path of the API, `host` as it is shown.

    `tail` is the path of the API that was taken off.
    """

    base: str
    host: str
    tail: str = ""


def read_endpoint(url: str, variable: str, tails: tuple[str, ...]) -> Endpoint:
    """Read the address of a service; paths in `tails`, which belong to the API, are taken off.

    `variable` is the environment variable that may hold it. Raises `FtlintError`.
    """
    plain = "://" in url and not set("@?#") & set(url)  # else it may be a key, in the wrong place
    where = f"endpoint {url!r}" if plain else f"the endpoint in {variable}"
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        name = parts.hostname or ""
        known = not _UNFIT.search(name) and (":" in name or bool(name.encode("idna")))
    except ValueError as error:
        raise FtlintError(f"{where} is no URL: {error}; set {variable}") from None
    if parts.scheme not in ("https", "http") or not known:
        raise FtlintError(f"{where} is no URL of a service; write https://NAME in {variable}")
    if parts.username is not None or parts.query or parts.fragment:
        words = "holds more than an address, as credentials do"
        raise FtlintError(f"the endpoint in {variable} {words}; leave out what follows the path")
    if parts.scheme == "http" and not is_loopback(name):
        raise FtlintError(f"{where} is not encrypted, and a key would be read by others; use https")
    path = whole = parts.path.rstrip("/")
    for tail in tails:
        path = path.removesuffix(tail)
    if tails and f"{tails[-1]}/" in f"{path}/":
        words = f"{where} goes on after {tails[-1]}"
        raise FtlintError(f"{words}; end it before that, as in {parts.scheme}://{parts.netloc}")
    host = f"[{name}]" if ":" in name else name
    host = host if port is None else f"{host}:{port}"
    base = f"{parts.scheme}://{parts.netloc}{path}"
    return Endpoint(base, host, whole.removeprefix(path))


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def key_of(*variables: str) -> str | None:
    """Return the first key that the environment has, None without one. It is a secret from now on.

    Raises `Unauthorized` for one that cannot stand in a header.
    """
    for variable in variables:
        value = os.environ.get(variable, "")
        key = value.strip()
        if key:
            secret(key)
            if not (key.isascii() and key.isprintable()):
                words = "holds characters that no key has; set it anew"
                raise Unauthorized(f"{variable} {words}")
            return key
    return None
