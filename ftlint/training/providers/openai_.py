"""The OpenAI platform, authenticated by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftlint.core.errors import Unauthorized
from ftlint.training.log import ProgressLog
from ftlint.training.providers.endpoint import Endpoint, key_of

if TYPE_CHECKING:
    from openai import OpenAI

ENDPOINT = "OPENAI_BASE_URL"
DEFAULT = "https://api.openai.com/v1"
EXAMPLE = DEFAULT
TAILS: tuple[str, ...] = ()

_KEY = "OPENAI_API_KEY"


def url(where: Endpoint, version: str, path: str) -> str:
    """Return the URL of an API path."""
    return f"{where.base}{path}"


def sdk(where: Endpoint, version: str, log: ProgressLog) -> OpenAI:
    """Make the SDK's client. Raises `Unauthorized` without a key in the environment."""
    from openai import OpenAI  # noqa: PLC0415 - an extra, and slow to import

    from ftlint.training.providers.sdk import options  # noqa: PLC0415 - as above

    key = key_of(_KEY)
    if key is None:
        raise Unauthorized(f"no key: set {_KEY}")
    log.debug(f"{where.host}: signing in with a key")
    return OpenAI(base_url=where.base, api_key=key, **options(where))
