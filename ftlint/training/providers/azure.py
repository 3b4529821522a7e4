"""Azure OpenAI: dated API versions and v1, authenticated by key or Entra ID."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ftlint.training.log import ProgressLog
from ftlint.training.providers.endpoint import Endpoint, key_of
from ftlint.training.providers.entra import Entra

if TYPE_CHECKING:
    from openai import OpenAI

ENDPOINT = "AZURE_OPENAI_ENDPOINT"
DEFAULT = ""
EXAMPLE = "https://YOUR-RESOURCE.openai.azure.com"
TAILS = ("/v1", "/openai")

_KEY, _TOKEN = "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"
_SCOPE = "https://cognitiveservices.azure.com/.default"
"""Scope of tokens: Azure's guide on Entra ID for Azure OpenAI."""


def url(where: Endpoint, version: str, path: str) -> str:
    """Return the URL of an API path."""
    if version == "v1":
        return f"{where.base}/openai/v1{path}"
    return f"{where.base}/openai{path}?api-version={version}"


def sdk(where: Endpoint, version: str, log: ProgressLog) -> OpenAI:
    """Make the SDK's client of a resource, as in https://NAME.openai.azure.com.

    Credentials are a key from the environment, else a token from there, else Entra ID by
    azure-identity. Raises `Unauthorized` without any. v1 needs the plain client, since it refuses
    the `api-version` that `AzureOpenAI` sends.
    """
    from openai import AzureOpenAI, OpenAI  # noqa: PLC0415 - an extra, and slow to import

    from ftlint.training.providers.sdk import options  # noqa: PLC0415 - as above

    key = key_of(_KEY)
    token = None if key else _token()
    log.debug(f"{where.host}: signing in with {'a key' if key else 'Entra ID'}")
    if version == "v1":
        return OpenAI(base_url=f"{where.base}/openai/v1", api_key=key or token, **options(where))
    return AzureOpenAI(
        azure_endpoint=where.base,
        api_version=version,
        api_key=key,
        azure_ad_token_provider=token,
        **options(where),
    )


def _token() -> Callable[[], str]:
    """Return a function that yields the token of each request."""
    given = key_of(_TOKEN)
    if given:
        return lambda: given
    entra = Entra(_KEY)
    return lambda: str(entra.get_token(_SCOPE).token)
