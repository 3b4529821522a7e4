"""Azure OpenAI: dated versions of its API and v1, with a key or with Entra ID."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ftlint.providers.endpoint import Endpoint, key_of
from ftlint.providers.entra import Entra
from ftlint.providers.log import ProgressLog

if TYPE_CHECKING:
    from openai import OpenAI

ENDPOINT = "AZURE_OPENAI_ENDPOINT"
DEFAULT = ""
EXAMPLE = "https://YOUR-RESOURCE.openai.azure.com"
TAILS = ("/v1", "/openai")

_KEY, _TOKEN = "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"
_SCOPE = "https://cognitiveservices.azure.com/.default"
"""What a token is for: Azure's guide on Entra ID for Azure OpenAI."""


def url(where: Endpoint, version: str, path: str) -> str:
    """Return the URL of a path of the API."""
    if version == "v1":
        return f"{where.base}/openai/v1{path}"
    return f"{where.base}/openai{path}?api-version={version}"


def sdk(where: Endpoint, version: str, log: ProgressLog) -> OpenAI:
    """Make a client for a resource, as in https://NAME.openai.azure.com.

    A key in the environment wins, then a token there, then Entra ID as azure-identity finds it.
    Raises `Unauthorized` without any. The two kinds of client do not mix: v1 refuses the
    `api-version` that the one for dated versions sends.
    """
    from openai import AzureOpenAI, OpenAI  # noqa: PLC0415 - an extra, and slow to import

    from ftlint.providers.sdk import options  # noqa: PLC0415 - as above

    key = key_of(_KEY)
    token = None if key else _token()
    log.info(f"{where.host}: signing in with {'a key' if key else 'Entra ID'}")
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
    """Return what gives a token for each request."""
    given = key_of(_TOKEN)
    if given:
        return lambda: given
    entra = Entra(_KEY)
    return lambda: str(entra.get_token(_SCOPE).token)
