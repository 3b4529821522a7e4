"""Sign-in with Entra ID, by any method of azure-identity."""

from __future__ import annotations

import logging
from typing import Any

from ftlint.core.errors import Unauthorized
from ftlint.core.redact import secret


class Entra:
    """A credential for Azure clients; `instead` is the variable of an alternative key.

    Raises `ftlint.core.errors.Unauthorized` on construction where azure-identity is missing, and on
    `get_token` where nobody has signed in.
    """

    def __init__(self, instead: str) -> None:
        self._instead = instead
        logger = logging.getLogger("azure")
        if not logger.handlers:  # without one, each failed method to sign in is logged to stderr
            logger.addHandler(logging.NullHandler())
        try:
            from azure.identity import (  # noqa: PLC0415 - an extra, and slow to import
                DefaultAzureCredential,
            )
        except ImportError:
            words = f"no key: set {instead}, or sign in with Entra ID"
            raise Unauthorized(f"{words}, which needs: pip install 'ftlint[azure]'") from None
        try:
            self._credential = DefaultAzureCredential()
        except ValueError as error:
            raise self._none(error) from None

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """Return a token (`azure.core.credentials.AccessToken`) for a service."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - comes with azure-identity

        try:
            token = self._credential.get_token(*scopes, **options)
        except (AzureError, ValueError) as error:
            raise self._none(error) from None
        secret(token.token)
        return token

    def _none(self, error: Exception) -> Unauthorized:
        """Return the failure of a sign-in; the error itself lists every method, at length."""
        words = f"Entra ID gives no token ({type(error).__name__}): sign in with az login"
        return Unauthorized(f"{words}, or set {self._instead}")

    def close(self) -> None:
        """Close the connections."""
        self._credential.close()
