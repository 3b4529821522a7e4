"""The services: a client each, behind `Api`; HTTP only, on the official SDK."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ftlint.failures import Failure
from ftlint.model import FtlintError
from ftlint.providers.api import Api
from ftlint.providers.endpoint import Endpoint, read_endpoint
from ftlint.providers.log import ProgressLog

_MODULES = {"azure": "ftlint.providers.azure", "openai": "ftlint.providers.openai_"}


class Target(NamedTuple):
    """Where requests go: the kind of client, the address, the version of the API."""

    client: str
    endpoint: Endpoint
    version: str

    @property
    def host(self) -> str:
        """The host, as it is shown, with what tells it from others behind one gateway."""
        team = urlsplit(self.endpoint.base).path.removesuffix("/v1")  # which is OpenAI's own
        return f"{self.endpoint.host}{team}"

    def url(self, path: str) -> str:
        """Return the URL of a path of the API."""
        found: str = import_module(_MODULES[self.client]).url(self.endpoint, self.version, path)
        return found


def find(
    upload: Mapping[str, Any], endpoint: str | None, version: str | None, *, needed: bool = True
) -> Target:
    """Find a service, as the `upload` table of its profile says; nothing is asked for.

    `endpoint` and `version` are those of the user, None for those of the environment and of the
    profile; an endpoint that ends in a version, as in /openai/v1, names that. Where it is not
    `needed`, one that is not there is an example's. Raises `FtlintError` for what is not there or
    does not fit.
    """
    client = upload["client"]
    module = import_module(_MODULES[client])
    where = endpoint or os.environ.get(module.ENDPOINT) or module.DEFAULT
    if not where and not needed:
        where = module.EXAMPLE
    if not where:
        raise FtlintError(f"no endpoint; set {module.ENDPOINT}, or give --endpoint URL")
    place = read_endpoint(where, module.ENDPOINT, module.TAILS)
    named = place.tail.rpartition("/")[2]
    wanted = version or (named if named in upload["versions"] else upload["default_version"])
    if wanted not in upload["versions"]:
        known = ", ".join(upload["versions"])
        raise FtlintError(f"API version {wanted!r} is not known; it is one of {known}")
    return Target(client, place, wanted)


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
