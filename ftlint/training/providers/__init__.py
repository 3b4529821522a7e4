"""Clients of the services, one module each, behind `Api` and on the official SDK."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ftlint.core.errors import Failure, FtlintError
from ftlint.training.log import ProgressLog
from ftlint.training.providers.client import Api
from ftlint.training.providers.endpoint import Endpoint, read_endpoint

_MODULES = {
    "azure": "ftlint.training.providers.azure",
    "openai": "ftlint.training.providers.openai_",
}


class Target(NamedTuple):
    """The service to send requests to: kind of client, address, version of the API."""

    client: str
    endpoint: Endpoint
    version: str

    @property
    def host(self) -> str:
        """The host to show, with the path that distinguishes services behind one gateway."""
        team = urlsplit(self.endpoint.base).path.removesuffix("/v1")  # which is OpenAI's own
        return f"{self.endpoint.host}{team}"

    def url(self, path: str) -> str:
        """Return the URL of a path of the API."""
        url: str = import_module(_MODULES[self.client]).url(self.endpoint, self.version, path)
        return url


def find(
    upload: Mapping[str, Any], endpoint: str | None, version: str | None, *, needed: bool = True
) -> Target:
    """Return the service according to the `upload` table of its profile; no request is sent.

    `endpoint` and `version` are the user's, None for the environment's and the profile's; an
    endpoint that ends in a version, as in /openai/v1, selects that. Without an endpoint, one that
    is not `needed` becomes an example. Raises `FtlintError` for a missing endpoint or an unknown
    version.
    """
    client = upload["client"]
    module = import_module(_MODULES[client])
    where = endpoint or os.environ.get(module.ENDPOINT) or module.DEFAULT
    if not where and not needed:
        where = module.EXAMPLE
    if not where:
        raise FtlintError(f"no endpoint; set {module.ENDPOINT}, or give --endpoint URL")
    target = read_endpoint(where, module.ENDPOINT, module.TAILS)
    named = target.tail.rpartition("/")[2]
    wanted = version or (named if named in upload["versions"] else upload["default_version"])
    if wanted not in upload["versions"]:
        known = ", ".join(upload["versions"])
        raise FtlintError(f"unknown API version {wanted!r}; use one of {known}")
    return Target(client, target, wanted)


def connect(target: Target, log: ProgressLog) -> Api:
    """Make the client of a service; no request is sent.

    Raises `Failure` where credentials or packages are missing.
    """
    try:
        sdk = import_module(_MODULES[target.client]).sdk(target.endpoint, target.version, log)
    except ImportError as error:
        if error.name not in ("openai", "httpx2"):
            raise
        words = "reaching a service needs packages that are not installed"
        raise Failure(f"{words}: pip install 'ftlint[upload]'") from None
    return Api(sdk, target.client, target.host, target.version, log)
