"""Storage account, container and key, from a URL or name and the environment."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from ftlint.core.errors import FtlintError, Unauthorized
from ftlint.core.redact import redact, secret
from ftlint.training.providers.endpoint import is_loopback, key_of, read_endpoint

CONNECTION = "AZURE_STORAGE_CONNECTION_STRING"
KEYS = ("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY")

_OPTION = "--container"
_EXAMPLE = "https://ACCOUNT.blob.core.windows.net/CONTAINER"
_SUFFIX = "core.windows.net"
"""Default endpoint suffix: Azure's guide on connection strings."""

_CONTAINER = re.compile(r"\$root|[a-z0-9](?:-?[a-z0-9]){2,62}", re.ASCII)
"""Azure reference, Naming containers: 3 to 63 lower-case letters, digits and single hyphens."""


class Account(NamedTuple):
    """A container of a storage account.

    `base` is the URL of the account, `host` its host in messages, `name` its name; `key` is None
    for Entra ID.
    """

    base: str
    host: str
    name: str
    container: str
    key: str | None


def read_account(container: str) -> Account:
    """Return the account of a container URL, or of a name with the connection string.

    Raises `FtlintError` if it is neither, and `Unauthorized` for an invalid key.
    """
    connection = _connection()
    if "/" not in container and connection:
        account = connection._replace(container=container)
    else:
        account = _of_url(container)
        if connection and connection.base != account.base:
            words = f"{_OPTION} is at {account.host}, and {CONNECTION} for {connection.name}"
            raise FtlintError(f"{words}; give the name of a container there, or unset it")
        key = connection.key if connection else key_of(*KEYS)
        account = account._replace(key=key)
    if not _CONTAINER.fullmatch(account.container) or len(account.container) > 63:
        words = f"{redact(account.container)!r} is no name of a container"
        raise FtlintError(f"{words}; it has 3 to 63 lower-case letters, digits and hyphens")
    if account.key is not None:
        _check_key(account.key)
    return account


def _of_url(url: str) -> Account:
    if "?" in url:
        secret(urlsplit(url.strip()).query)
        words = f"{_OPTION} has a query, as a shared access signature (SAS) is"
        raise FtlintError(f"{words}; it would stay in the history of the shell: leave it out")
    if "://" not in url:
        words = f"{_OPTION} {redact(url)!r} is no URL"
        raise FtlintError(f"{words}; write {_EXAMPLE}, or set {CONNECTION} and give a name alone")
    endpoint = read_endpoint(url, variable=_OPTION, tails=())
    account, names = _split(endpoint.base)
    if len(names) != 1:
        raise FtlintError(f"{_OPTION} {endpoint.base!r} names no container; write {_EXAMPLE}")
    base = endpoint.base.removesuffix(f"/{names[0]}")
    return Account(base, endpoint.host, account, names[0], None)


def _split(base: str) -> tuple[str, list[str]]:
    """Return the account of a URL and the rest of its path; with Azurite both are in the path."""
    parts = urlsplit(base)
    names = [name for name in parts.path.split("/") if name]
    host = parts.hostname or ""
    if not is_loopback(host):
        return host.partition(".")[0], names
    return (names[0], names[1:]) if names else ("", [])


def _connection() -> Account | None:
    """Return the account of the connection string, None if it is not set."""
    text = key_of(CONNECTION)
    if text is None:
        return None
    pairs = (part.partition("=") for part in text.split(";"))
    fields = {name.strip().lower(): value.strip() for name, _, value in pairs}
    name, key = fields.get("accountname"), fields.get("accountkey")
    if not name or not key:
        words = f"{CONNECTION} has no AccountName and AccountKey"
        raise FtlintError(f"{words}, which links are signed with; copy it from the access keys")
    secret(key)
    scheme, suffix = fields.get("defaultendpointsprotocol"), fields.get("endpointsuffix")
    default = f"{scheme or 'https'}://{name}.blob.{suffix or _SUFFIX}"
    endpoint = read_endpoint(fields.get("blobendpoint") or default, variable=CONNECTION, tails=())
    return Account(endpoint.base, endpoint.host, name, "", key)


def _check_key(key: str) -> None:
    try:
        base64.b64decode(key, validate=True)
    except binascii.Error:
        words = "the key of the storage account is not whole (it is no base64)"
        raise Unauthorized(f"{words}; set {KEYS[0]} or {CONNECTION} anew") from None
